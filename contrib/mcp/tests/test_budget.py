"""What may be spent, and what is free."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from imagekit_sandbox.serving import Upstreams

from imagekit import Purchase
from imagekit_store import Caller, Store

Serve = Callable[..., AbstractContextManager[Any]]
PAID = "modelark:seedream-4.5"  # 0.04 USD


def test_a_budget_is_never_exceeded(serve: Serve, upstreams: Upstreams, tmp_path: Path) -> None:
    with serve(tmp_path, "--budget", "0.1 USD/day") as served:
        for prompt in ("x", "y"):
            assert served.told("generate", prompt=prompt, model=PAID)["charged"] == "yes"
        for asked in ({"model": PAID}, {"model": PAID, "n": 10}):
            error = served.error("generate", prompt="x", **asked)
            assert error["kind"] == "LimitReached"
            assert error["charged"] == "no"
            assert "the user decides about the budget" in error["next"]
        unpriced = served.error("generate", prompt="x", model="token360:seedream-4.5")
        assert unpriced["kind"] == "LimitReached"
        assert served.told("generate", prompt="x", model="sandbox:seedream-4.0")["pictures"]
        assert len(served.saved) == 3
    assert len(upstreams.ledger.entries) == 2


def test_without_a_budget_only_what_is_free_is_made(
    serve: Serve, upstreams: Upstreams, tmp_path: Path
) -> None:
    before = len(upstreams.ledger.entries)
    with serve(tmp_path, store=True) as served:
        tools = {tool.name: tool for tool in served.portal.call(served.client.list_tools).tools}
        assert "no budget" in tools["generate"].description
        error = served.error("generate", prompt="x", model=PAID)
        assert 'budget = "0 USD" has no room' in error["message"]
        assert served.told("generate", prompt="a heron", model="sandbox:seedream-4.0")["pictures"]
        (kept,) = served.told("history")["store"]
        assert (kept["prompt"], kept["pictures"]) == ("a heron", 1)
        assert kept["cost"] == ["nothing by the host's list"]
    assert len(upstreams.ledger.entries) == before


def test_a_store_counts_what_is_spent_for_the_next_server_too(
    serve: Serve, upstreams: Upstreams, tmp_path: Path
) -> None:
    budget = ("--budget", "0.07 USD")
    with serve(tmp_path, *budget, store=True) as served:
        assert served.told("generate", prompt="x", model=PAID)["charged"] == "yes"
    with serve(tmp_path, *budget, store=True) as served:
        assert served.error("generate", prompt="y", model=PAID)["kind"] == "LimitReached"


def test_history_leaves_the_store_open_for_paid_calls(
    serve: Serve, upstreams: Upstreams, tmp_path: Path
) -> None:
    with serve(tmp_path, "--budget", "1 USD", store=True) as served:
        slow = {"prompt": "slow", "model": "modelark:seedream-4.0"}  # 4 seconds
        asked = served.portal.start_task_soon(served.client.call_tool, "generate", slow)
        served.told("history")
        assert not asked.result().is_error
        assert served.told("generate", prompt="x", model=PAID)["charged"] == "yes"


def test_history_tells_nothing_that_a_key_of_a_gateway_has_asked_for(
    serve: Serve, upstreams: Upstreams, tmp_path: Path
) -> None:
    theirs = Purchase("theirs", "seedream-4.5", "modelark")
    with serve(tmp_path, store=True) as served:
        with (
            Store(f"sqlite:///{tmp_path}/store.db") as store,
            store.on_behalf("theirs", Caller("ada")),
        ):
            store.sending(theirs)
        served.told("generate", prompt="mine", model="sandbox:seedream-4.0")
        assert [one["prompt"] for one in served.told("history")["store"]] == ["mine"]
