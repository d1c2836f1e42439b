"""The log of lines of JSON: what stands in it, what never does, and that no call fails for it."""

from __future__ import annotations

import json
import logging
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from attrs import field

from imagekit import (
    Alias,
    Config,
    Cost,
    HostError,
    HostUnavailable,
    Image,
    ImagekitError,
    JSONLog,
    Pending,
    Plugins,
    RejectedRequest,
    Request,
    Usage,
    events,
)
from imagekit.basics.classes import frozen
from imagekit.client.client import Client
from imagekit.send import json_log, logged_events
from imagekit.send.logged_events import Clock, record_of
from imagekit.testing import Answer, Loopback

FAILS = Answer(400, {"error": {"message": "not that secret wish"}})


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "calls.jsonl"


def test_a_call_is_told_from_its_first_request_to_its_end(garden, drawn, log):
    with Loopback(Answer(200, drawn)) as host:
        garden(host.url, observers=[JSONLog(log)]).generate(
            "a secret wish", model="lily-1", id="me"
        )
    told = lines(log)
    assert [one["event"] for one in told] == ["sending", "received", "picture", "finished"]
    assert {(one["call"], one["host"], one["model"]) for one in told} == {
        ("me", "garden", "lily-1")
    }
    assert told[0]["url"].startswith(host.url)
    assert told[1]["status"] == 200
    last = told[-1]
    assert (last["charged"], last["cost"]["amount"], last["pictures"]) == ("yes", None, 1)
    assert last["seconds"] >= 0


def test_every_line_of_a_request_that_came_by_an_alias_has_that(garden, drawn, log):
    with Loopback(Answer(200, drawn)) as host:
        config = Config(models={"outer": Alias("inner"), "inner": Alias("lily-1")})
        client = garden(host.url, config=config, observers=[JSONLog(log)])
        client.generate("a wish", model="outer")
        aliased = lines(log)
        assert {one.get("alias") for one in aliased} == {"outer"}
        client.generate("a wish", model="lily-1")
    assert all("alias" not in one for one in lines(log)[len(aliased) :])


def test_no_line_has_a_prompt_a_key_or_a_hosts_own_words(garden, drawn, log):
    from tests.conftest import KEY

    with Loopback(Answer(200, drawn), FAILS) as host:
        client = garden(host.url, observers=[JSONLog(log)])
        client.generate("a secret wish", model="lily-1")
        with pytest.raises(HostError, match="secret wish"):
            client.generate("a secret wish", model="lily-1")
    text = log.read_text()
    assert lines(log)[-1]["event"] == "failed"
    assert not [word for word in ("wish", KEY) if word in text]


def test_what_failed_says_whether_it_was_charged(garden, log):
    with Loopback(FAILS) as host, pytest.raises(ImagekitError) as told:
        garden(host.url, observers=[JSONLog(log)]).generate("x", model="lily-1")
    last = lines(log)[-1]
    assert (last["error"], last["status"]) == (type(told.value).__name__, 400)
    assert last["charged"] == told.value.charged


def test_a_question_about_no_picture_is_not_in_it(log):
    JSONLog(log)(events.Sending("garden:", "models", "GET", "http://garden.invalid"))
    assert not log.exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_it_is_made_for_the_user_alone(log):
    JSONLog(log)(events.Split("garden:lily-1", "generate", ("a-1",), call="a"))
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert lines(log)[0]["calls"] == ["a-1"]


# --- disks and processes -------------------------------------------------------------------------


def test_a_log_that_cant_be_written_fails_no_call_and_is_said_once(garden, drawn, tmp_path, caplog):
    log = tmp_path / "missing" / "calls.jsonl"
    with Loopback(Answer(200, drawn)) as host:
        client = garden(host.url, observers=[JSONLog(log)])
        assert len(client.generate("x", model="lily-1").images) == 1
        log.parent.mkdir()
        client.generate("x", model="lily-1")
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "calls go on" in caplog.text
    assert lines(log)[-1]["event"] == "finished"


def test_half_a_line_spoils_no_other(log, monkeypatch, caplog):
    write, room = os.write, [10, 1000]
    monkeypatch.setattr(json_log.os, "write", lambda file, data: write(file, data[: room.pop(0)]))
    written = JSONLog(log)
    for name in ("first", "second"):
        written(events.Split("garden:lily-1", "generate", (), call=name))
    half, whole = log.read_text().splitlines()
    assert len(half) == 10
    assert json.loads(whole)["call"] == "second"
    assert "no room" in caplog.text


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are of POSIX")
def test_lines_of_several_processes_stay_whole(log):
    written = JSONLog(log)
    children = []
    for number in range(4):
        if not (child := os.fork()):
            for _ in range(50):
                written(events.Split("garden:lily-1", "generate", ("x" * 200,), call=str(number)))
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    assert len(lines(log)) == 200


# --- what lines are made of ----------------------------------------------------------------------


@frozen
class Bloomed(events.Event):
    """A kind of event that is younger than the log."""

    petals: int
    price: Cost = Cost("0.04", "USD")
    nothing: None = None
    strange: object = field(factory=object)


def test_events_that_are_younger_are_told_but_for_what_nobody_knows():
    told = record_of(Bloomed("garden:lily-1", "generate", 5, call="a"))
    assert (told["event"], told["petals"]) == ("bloomed", 5)
    assert told["cost"]["amount"] == "0.04"
    assert not {"strange", "nothing"} & told.keys()


def test_jobs_counts_and_plain_errors_have_their_parts():
    job = Pending(
        "garden", "lily-1", "t-1", Request("GET", "http://g.invalid/t-1?sig=s", {}, None, "poll")
    )
    assert record_of(events.Waiting("g:l", "poll", job))["task"] == "t-1"
    done = record_of(events.Completed("g:l", "generate", Usage(generated_images=2)))
    assert done["usage"] == {"generated_images": 2}
    assert done["cost"]["amount"] is None
    assert record_of(events.Failed("g:l", "generate", KeyError("words")))["error"] == "KeyError"
    moved = events.FailedOver("g:l", "generate", "h:l", HostUnavailable("down", status=503))
    assert record_of(moved)["to"] == "h:l"
    assert record_of(events.Picture("g:l", "generate", Image(3)))["picture"] == 3
    broken = RejectedRequest("x", code="c" * 1000, pending=job)
    told = record_of(events.Failed("g:l", "generate", broken))
    assert (len(told["code"]), told["task"]) == (303, "t-1")


def test_a_clock_forgets_the_oldest_of_too_many(monkeypatch):
    monkeypatch.setattr(logged_events, "MOST", 1)
    clock, error = Clock(), KeyError()
    for call in ("a", "b"):
        clock.seconds(events.Split("g:l", "generate", (), call=call, at=1.0))
    assert clock.seconds(events.Failed("g:l", "generate", error, call="a", at=3.0)) is None
    assert clock.seconds(events.Failed("g:l", "generate", error, call="b", at=3.0)) == 2.0


# --- where it is configured ----------------------------------------------------------------------


def test_a_configuration_switches_it_on_beside_itself(tmp_path, toys):
    file = tmp_path / "mine.toml"
    file.write_text('log = "calls.jsonl"\n')
    with Client(config=file, plugins=Plugins.of(toys), environment={}) as client:
        assert client.config.log == str(tmp_path / "calls.jsonl")


def test_a_program_that_brings_its_own_has_no_second(garden, drawn, tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    with Loopback(Answer(200, drawn)) as host:
        config = Config(log=str(theirs))
        garden(host.url, observers=[JSONLog(ours)], config=config).generate("x", model="lily-1")
        assert not theirs.exists()
        garden(host.url, config=config).generate("x", model="lily-1")
    assert len(lines(ours)) == len(lines(theirs))
