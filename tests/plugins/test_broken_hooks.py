"""Per-call hooks that raise, or give what they should not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pond import ANSWER, STREAM, Policy, client_of, frogs, pond, world

from imagekit import (
    Charged,
    ConfigurationError,
    Host,
    Pending,
    PluginError,
    Request,
    hookimpl,
)
from imagekit.testing import Loopback


def raising() -> Any:
    raise KeyError("oops")


PER_CALL = {
    "prepare raises": ("imagekit_prepare_call", raising, "raised KeyError: 'oops' (in "),
    "prepare gives text": ("imagekit_prepare_call", lambda: "x", "gave 'x', not a Call"),
    "validate raises": ("imagekit_validate_request", raising, "raised KeyError: 'oops' (in "),
    "validate gives text": ("imagekit_validate_request", lambda: ["x"], "gave 'x', not a Problem"),
    "validate gives no list": ("imagekit_validate_request", lambda: 3, "raised TypeError: 'int'"),
    "shape raises": ("imagekit_shape_request", raising, "raised KeyError: 'oops' (in "),
    "shape gives text": ("imagekit_shape_request", lambda: "x", "gave 'x', not a Request"),
    "shape asks no address": (
        "imagekit_shape_request",
        lambda: Request("POST", None),
        "gave a Request to None, which is no address",
    ),
    "decode raises": ("imagekit_decode_response", raising, "raised KeyError: 'oops' (in "),
    "decode gives text": ("imagekit_decode_response", lambda: "x", "gave 'x'"),
    "a job at no address": (
        "imagekit_decode_response",
        lambda: Pending(Request("GET", 5, step="poll", repeatable=True), wait=1.0),
        "gave a Request to 5, which is no address",
    ),
    "event raises": ("imagekit_decode_event", raising, "raised KeyError: 'oops' (in "),
    "event gives text": ("imagekit_decode_event", lambda: ["x"], "gave 'x', not a Event"),
}


@pytest.mark.parametrize(("hook", "function", "what"), PER_CALL.values(), ids=PER_CALL)
def test_a_broken_per_call_hook_is_an_error_that_names_hook_and_route(
    hook: str, function: Callable[..., Any], what: str
) -> None:
    """Whatever it does wrong; and only when it read the answer may the call be paid for."""
    kind = type("Broken", (Host,), {hook: staticmethod(hookimpl(lambda: function()))})
    things = world(frogs("frog-1"), pond(kind=kind))
    with (
        Loopback(STREAM if hook == "imagekit_decode_event" else ANSWER) as server,
        client_of(things, url=server.url) as client,
        pytest.raises(PluginError) as caught,
    ):
        client.generate("x", model="pond:frog-1")
    assert f"a plugin on pond:frog-1 is broken: {hook} {what}" in caught.value.message
    decoding = hook.startswith("imagekit_decode")
    assert caught.value.charged is (Charged.MAYBE if decoding else Charged.NO)
    assert not isinstance(caught.value, ConfigurationError), "that would say nothing was sent"
    assert len(server.seen) == decoding
    if hook == "imagekit_decode_response":  # what was paid for stays in reach
        assert caught.value.response.document["data"]


def test_a_hook_that_finds_nothing_may_return_none() -> None:
    policy = Policy("quiet", imagekit_validate_request=lambda call: None)
    with client_of(policy, world(frogs("frog-1"), pond())) as client:
        assert client.plan("x", model="pond:frog-1").problems == ()
