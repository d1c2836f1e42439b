"""`imagekit resume` and the journals of plugins that know what was left open in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imagekit import (
    Blob,
    Charged,
    ConfigurationError,
    DeadlineExceeded,
    Image,
    ImagekitError,
    Journal,
    Left,
    Pending,
    Plugins,
    Purchase,
    Recovers,
    Request,
    Result,
    hookimpl,
)
from imagekit.cli import exits
from imagekit.cli.app import run
from imagekit.send.journal.directory import FileJournal
from imagekit.testing import picture

CALL = Purchase("call1", "seedream-4.0", "sandbox")
OUTCOME = Result((Image(0, blob=Blob.of(picture(4, 3))),), model="seedream-4.0", host="sandbox")
LATE = DeadlineExceeded(
    "the job is not done",
    charged=Charged.YES,
    pending=Pending(Request("GET", "https://sandbox.invalid/t1"), 1.0, task="t1"),
)


class Shelf:
    """A journal of a plugin's, in which one call was left open."""

    def __init__(self, outcome: Any = OUTCOME) -> None:
        self.outcome = outcome
        self.asked: list[tuple[str, float | None]] = []

    @hookimpl
    def imagekit_journal(self) -> Any:
        return self

    def _step(self, *_: Any) -> None: ...

    sending = accepted = answered = kept = left = ended = _step

    def left_open(self) -> list[Left]:
        if isinstance(self.outcome, ConfigurationError):
            raise self.outcome
        return [Left(CALL, 1.0)]

    def recover(self, id: str, client: Any, deadline: float | None = None) -> Result | None:
        assert self in client.engine.journals
        self.asked.append((id, deadline))
        if isinstance(self.outcome, ImagekitError):
            raise self.outcome
        return self.outcome


@pytest.fixture
def state(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("IMAGEKIT_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return tmp_path / "state"


@pytest.fixture
def shelf(state, monkeypatch) -> Shelf:
    shelf, load = Shelf(), Plugins.load
    assert isinstance(shelf, Recovers)
    assert isinstance(shelf, Journal)
    monkeypatch.setattr(Plugins, "load", lambda *a, **more: load(*a, **more, extra=[shelf]))
    return shelf


def in_the_file_journal(state: Path) -> None:
    """The same call, left by a command that is gone."""
    with FileJournal(state) as journal:
        journal.sending(CALL)


def files() -> list[str]:
    return [path.name for path in Path().iterdir()]


def test_what_is_open_there_is_listed_and_stands_for_one_call(shelf, state, capsys):
    in_the_file_journal(state)
    assert run(["resume", "--list", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["calls"]
    assert (told["call"], told["state"]) == ("call1", "sending")
    assert shelf.asked == []


def test_it_is_finished_there_and_saved_only_where_somebody_says(shelf, capsys):
    assert run(["resume", "--deadline", "5"]) == 0
    assert "call1: 1 picture is kept" in capsys.readouterr().err
    assert (files(), shelf.asked) == ([], [("call1", 5.0)])
    assert run(["resume", "call", "-o", "her.png", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["calls"]
    assert (told["call"], told["images"][0]["path"]) == ("call1", "her.png")
    assert files() == ["her.png"]


def test_what_only_was_sent_is_found_out_there_and_goes_where_it_was_to_go(shelf, state, capsys):
    in_the_file_journal(state)
    assert run(["resume"]) == 0
    assert capsys.readouterr().out == "picture.png\n"
    assert run(["resume", "--list"]) == 0
    assert "call1" in capsys.readouterr().out  # the shelf still has it, the commands don't
    assert list(state.glob("*")) == []


@pytest.mark.parametrize(
    ("outcome", "code", "said"),
    [
        (None, exits.UNKNOWN, "call1: sent to sandbox:seedream-4.0 at 1970-"),
        (LATE, exits.LOST, "call1 stays open; go on with: imagekit resume call1"),
        (ConfigurationError("the shelf is gone"), exits.CONFIGURATION, "the shelf is gone"),
    ],
)
def test_what_there_is_no_picture_of_is_told(shelf, capsys, outcome, code, said):
    shelf.outcome = outcome
    assert run(["resume"]) == code
    assert said in capsys.readouterr().err


def test_a_shelf_that_can_not_be_asked_hides_nothing_else(shelf, state, capsys):
    shelf.outcome = ConfigurationError("the shelf is gone")
    in_the_file_journal(state)
    assert run(["resume", "--list"]) == exits.CONFIGURATION
    shown = capsys.readouterr()
    assert "call1" in shown.out
    assert "the shelf is gone" in shown.err
    assert run(["resume"]) == exits.PARTIAL


def test_it_is_not_forgotten_here(shelf, capsys):
    assert run(["--no-config", "resume", "--forget", "call1"]) == exits.USAGE
    assert "imagekit --no-config history settle call1 --charged no" in capsys.readouterr().err
