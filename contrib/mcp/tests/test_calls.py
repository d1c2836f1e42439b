"""A host that does not finish its answers: its calls are given up, and hold up no others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from imagekit_mcp.calls import AT_ONCE, Calls, Told, Watching
from imagekit_sandbox.serving import Rule, Upstreams

from imagekit import Client, DeadlineExceeded

SLOW = "modelark:seedream-4.0"


@pytest.fixture
def calls_within() -> Iterator[Callable[[float], Calls]]:
    """Calls with a deadline, of a client at upstreams of which one host drips; that ends when its
    upstream does."""
    with ExitStack() as stack:

        def opened(deadline: float) -> Calls:
            upstreams = Upstreams([Rule("drip:60", host="modelark")])
            client = Client(config=upstreams.__enter__().configuration())
            calls = Calls(client, Watching(), deadline)
            stack.callback(client.close)
            stack.callback(calls.close)
            stack.callback(upstreams.__exit__, None, None, None)
            return calls

        yield opened


def test_no_other_host_waits_for_it(calls_within: Callable[[float], Calls]) -> None:
    calls = calls_within(600.0)
    slow = [calls.begin(Told("a corgi", SLOW, {})) for _ in range(AT_ONCE)]
    made = calls.begin(Told("a corgi", "sandbox:seedream-4.0", {})).result()
    assert made.host == "sandbox"
    assert not any(one.done() for one in slow)


def test_it_is_given_up_at_the_deadline(calls_within: Callable[[float], Calls]) -> None:
    call = calls_within(0.2).begin(Told("a corgi", SLOW, {}))
    assert isinstance(call.exception(), DeadlineExceeded)
