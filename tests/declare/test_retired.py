"""Models that their vendor has shut down: told of when they are asked for, and never refused."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from imagekit import Client, Config, Fact, HostSettings, Plugins, Retirement, State
from imagekit.cli.app import run
from imagekit.plan.routes.capabilities import model_record
from imagekit.testing import Answer, Loopback, picture

PAGE = Fact("https://docs.invalid/ends", "2026-11-28")
PERHAPS = Fact(PAGE.source, PAGE.date, State.UNVERIFIED)


@pytest.mark.parametrize(
    ("retired", "says", "mark"),
    [
        (
            Retirement("2026-10-23", PAGE, instead="lily-2"),
            "was shut down by its vendor on 2026-10-23; it names lily-2 instead",
            "shut down 2026-10-23",
        ),
        (
            Retirement("2026-10-02", PERHAPS),
            "may be shut down by its vendor: the day announced was 2026-10-02",
            "shut down 2026-10-02?",
        ),
        (
            Retirement("", PAGE),
            "is deprecated by its vendor, which names no day",
            "deprecated",
        ),
    ],
)
def test_a_retirement_in_words(retired: Retirement, says: str, mark: str) -> None:
    assert retired.describe() == says
    assert retired.mark == mark


def test_it_is_asked_for_all_the_same_and_the_result_says_so() -> None:
    drawn = base64.b64encode(picture(8, 8)).decode()
    with Loopback(Answer(json={"created": 1, "data": [{"b64_json": drawn}]})) as server:
        hosts = {"openai": HostSettings(base_url=server.url)}
        with Client(config=Config(), hosts=hosts, credentials={"openai": "k"}) as client:
            result = client.generate("a heron", model="openai:gpt-image-1")
    assert result.notes[0] == (
        "gpt-image-1 was shut down by its vendor on 2026-10-23; it names "
        "gpt-image-2.5-sunburst or gpt-image-2.5-flare instead"
    )


def test_the_record_of_a_model_has_it() -> None:
    registry = Plugins.load({}).registry()
    record: Any = model_record(registry, registry.model("kling-v2-multi"))
    assert (record["retired"]["date"], record["retired"]["instead"]) == ("2026-09-15", "kling-v2-1")
    assert model_record(registry, registry.model("kling-v3"))["retired"] is None


def test_the_command_line_marks_it(capsys: pytest.CaptureFixture[str]) -> None:
    run(["models"])
    listed = capsys.readouterr().out
    assert "Kling Image 2.0, several subjects (shut down 2026-09-15)" in listed
    run(["models", "kling-v2-multi"])
    assert "it was shut down by its vendor on 2026-09-15" in capsys.readouterr().out
