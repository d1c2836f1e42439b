"""What policy plugins change is on the receipt, with their name."""

from __future__ import annotations

from typing import Any

import pytest
from pond import ANSWER, Policy, client_of, frogs, pond, world

import imagekit
from imagekit import (
    Action,
    Host,
    InvalidRequest,
    hookimpl,
)
from imagekit.testing import Loopback


def rewriting(name: str, **changes: Any) -> Policy:
    return Policy(name, imagekit_prepare_call=lambda call: call.change(**changes))


def test_what_a_policy_changes_is_on_the_receipt_with_its_name() -> None:
    policy = rewriting("tidy", prompt="a tidy frog", seed=5, native={"mood": "calm"})
    with client_of(policy, world(frogs("frog-1"), pond())) as client:
        given: dict[str, Any] = {"user": "u-1", "native": {"mood": "wild"}}
        plan = client.plan("a frog", model="pond:frog-1", **given)
    assert {line.parameter: (line.value, line.by) for line in plan.receipt.lines} == {
        "model": ("frog-1", "caller"),
        "prompt": ("a tidy frog", "policy:tidy"),
        "user": ("u-1", "caller"),
        "seed": (5, "policy:tidy"),
        "native.mood": ("calm", "policy:tidy"),
    }
    assert b'"seed":5' in plan.request.body.read()


def test_what_a_policy_takes_away_is_on_the_receipt_with_its_name() -> None:
    policy = rewriting("strip", seed=None, native=None)
    with client_of(policy, world(frogs("frog-1"), pond())) as client:
        plan = client.plan("a frog", model="pond:frog-1", seed=5, native={"mood": "wild"})
    for name, value in {"seed": 5, "native.mood": "wild"}.items():
        line = plan.receipt[name]
        assert (line.value, line.action, line.by) == (value, Action.DROPPED, "policy:strip")
    assert b"seed" not in plan.request.body.read()


def test_a_host_s_own_rewriting_is_on_the_receipt_as_the_host_s() -> None:
    class Stamping(Host):
        @hookimpl
        def imagekit_prepare_call(self, call: Any) -> Any:
            return call.change(user="everybody")

    with client_of(world(frogs("frog-1"), pond(kind=Stamping))) as client:
        assert client.plan("x", model="pond:frog-1").receipt["user"].by == "policy:host pond"


def test_a_policy_s_mistake_is_the_call_s_problem_before_anything_is_sent() -> None:
    policy = rewriting("odd", seed="five")
    things = (policy, world(frogs("frog-1"), pond()))
    with (
        Loopback(ANSWER) as server,
        client_of(*things, url=server.url) as client,
        pytest.raises(InvalidRequest, match="'five' is not a whole number"),
    ):
        client.generate("x", model="pond:frog-1")
    assert server.seen == []


def test_a_policy_may_stop_the_call_with_an_error_of_ours() -> None:
    def stop(call: Any) -> None:
        raise imagekit.UsageError("not on Sundays")

    policy = Policy("sabbath", imagekit_prepare_call=stop)
    with (
        client_of(policy, world(frogs("frog-1"), pond())) as client,
        pytest.raises(imagekit.UsageError, match=r"^not on Sundays$"),
    ):
        client.plan("x", model="pond:frog-1")
