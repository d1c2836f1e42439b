"""Nothing paid for is lost, whoever goes away, and nothing is bought twice."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from imagekit_sandbox.serving import Upstreams

Serve = Callable[..., AbstractContextManager[Any]]


def until(found: Callable[[], Any]) -> Any:
    """Wait for it, as long as a test may take."""
    while not (value := found()):
        time.sleep(0.02)
    return value


def left_under_way(served: Any, model: str, words: str) -> None:
    """Ask, and let go of it when those words are heard."""

    async def ask() -> None:
        with anyio.CancelScope() as scope:

            async def hear(progress: float, total: float | None, message: str | None) -> None:
                if message and words in message:
                    scope.cancel()

            arguments = {"prompt": "a corgi", "model": model}
            await served.client.call_tool("generate", arguments, progress_callback=hear)

    served.portal.call(ask)


def test_what_a_killed_server_has_bought_the_next_one_fetches(
    serve: Serve, upstreams: Upstreams, tmp_path: Path
) -> None:
    with suppress(Exception), serve(tmp_path, "--budget", "5 USD") as served:
        left_under_way(served, "klingai:kling-v3", "is making it")
        until(lambda: [one for one in upstreams.journal.entries if one.operation == "poll"])
        served.kill()
    bill = len(upstreams.ledger.entries)
    with serve(tmp_path, "--budget", "5 USD") as served:
        until(lambda: served.saved)
        assert until(lambda: served.told("history")["unfinished"] == [])
        assert len(served.told("history")["saved"]) == 1
    assert len(upstreams.ledger.entries) == bill == 1


def test_what_nobody_can_find_out_is_told_at_the_next_start(
    serve: Serve, upstreams: Upstreams, tmp_path: Path
) -> None:
    with suppress(Exception), serve(tmp_path, "--budget", "5 USD") as served:
        left_under_way(served, "powertokens:seedream-4.5", "sent to")
        until(lambda: [one for one in upstreams.journal.entries if one.host == "powertokens"])
        served.kill()
    with serve(tmp_path, "--budget", "5 USD") as served:
        (left,) = served.told("history")["unfinished"]
    assert (left["of"], left["charged"]) == ("powertokens:seedream-4.5", "maybe")
    assert left["prompt"] == "a corgi"
    assert "Never repeat it" in left["next"]


def test_what_was_cancelled_is_saved_all_the_same(
    serve: Serve, upstreams: Upstreams, tmp_path: Path
) -> None:
    with serve(tmp_path, "--budget", "5 USD") as served:
        left_under_way(served, "modelark:seedream-4.0", "sent to")
        (call,) = until(
            lambda: [one for one in served.told("history")["calls"] if one["state"] == "done"]
        )
        assert not call["answered"]
        assert call["charged"] == "yes"
        assert [Path(one["path"]) for one in call["pictures"]] == served.saved


def test_a_picture_that_can_t_be_saved_is_an_error(served: Any) -> None:
    asked = {"prompt": "a wren", "model": "sandbox:seedream-4.0", "seed": 7}
    (made,) = served.told("generate", **asked)["pictures"]
    Path(made["path"]).unlink()
    (Path(made["path"]) / "in the way").mkdir(parents=True)
    assert served.error("generate", **asked)["kind"] == "SinkError"
    call = served.told("history")["calls"][0]
    assert (call["state"], call["pictures"]) == ("failed", [])


def test_a_picture_that_is_not_fetched_stays_open_and_the_other_is_told_of(served: Any) -> None:
    asked = {"prompt": "a wren", "model": "modelark:seedream-5.0-lite", "n": 2}
    told = served.told("generate", **asked)
    assert [Path(one["path"]).is_file() for one in told["pictures"]] == [True]
    assert len(told["not_made"]) == 1
    assert told["error"]["charged"] == "yes"
    unfinished = {one["of"]: one["charged"] for one in served.told("history")["unfinished"]}
    assert unfinished["modelark:seedream-5.0-lite"] == "yes"


def test_a_call_that_waits_for_its_turn_is_never_sent_when_it_is_cancelled(
    serve: Serve, upstreams: Upstreams, tmp_path: Path
) -> None:
    """The fifth: four of one host are made at once."""
    with serve(tmp_path, "--budget", "5 USD") as served:
        for number in range(5):
            heard = "sent to" if number < 4 else "it has begun"
            left_under_way(served, "modelark:seedream-4.0", heard)
        calls = served.told("history")["calls"]
        assert calls[0]["state"] == "cancelled before anything was sent"
        until(lambda: len(served.saved) == 4)


def test_a_server_that_is_told_to_end_saves_what_is_under_way_and_sends_no_more(
    serve: Serve, upstreams: Upstreams, tmp_path: Path
) -> None:
    """The fifth of five waits for its turn."""
    asked = {"prompt": "a corgi", "model": "modelark:seedream-4.0"}
    before = len(upstreams.journal.entries)
    with suppress(Exception), serve(tmp_path, "--budget", "5 USD") as served:
        ask = partial(served.client.call_tool, "generate", asked)
        calls = [served.portal.start_task_soon(ask) for _ in range(5)]
        until(lambda: len(upstreams.journal.entries) == before + 4)
        served.kill(signal.SIGTERM)
        answer = until(lambda: [one for one in calls if one.done()])[0].result()
        until(lambda: len(served.saved) == 4)
    error = answer.structured_content["error"]
    assert (error["kind"], error["charged"]) == ("NotSent", "no")
    assert len(upstreams.journal.entries) == before + 4
