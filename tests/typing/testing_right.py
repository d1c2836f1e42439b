"""Tests of programs and plugins, with what comes for them."""

import json as imagekit_lily  # any module: a suite takes the plugin itself
from collections.abc import Callable
from typing import Any, assert_type

import pytest

from imagekit import Client, HostSettings, InProcess, Plugins, Shared
from imagekit.testing import (
    Answer,
    Answers,
    Cassette,
    FamilySuite,
    HostSuite,
    Loopback,
    OpenAIAnswers,
    Seen,
    SharedSuite,
    WireSuite,
    picture,
    picture_base64,
)


def answered(seen: Seen) -> Answer:
    assert_type(seen.path, str)
    return Answer(json={"data": [{"b64_json": picture_base64(1024, 1024)}]})


def test_a_call() -> None:
    with Loopback(Answer(status=503), answered) as server:
        assert_type(server, Loopback)
        client = Client(hosts={"ark": HostSettings(base_url=server.url)}, sleep=lambda _: None)
        client.generate("a corgi", model="ark:seedream-4.5")
        assert_type(server.seen, list[Seen])
        server.script(Answer(json={}, delay=0.1, headers={"Retry-After": "1"}), answered)


def test_a_recording() -> None:
    with Cassette("corgi.json", "replay", secrets=["secret"]) as cassette:
        assert_type(cassette, Cassette)
        Client(plugins=Plugins.load(extra=[cassette]), sleep=cassette.sleep)
    assert_type(cassette.recording, bool)


class LilyAnswers(Answers):
    def pictures(self, *base64: str) -> dict[str, Any]:
        return {"picture": base64[0]}

    def link(self, url: str) -> dict[str, Any]:
        return {"link": url}

    def refusal(self, code: str | None, message: str) -> dict[str, Any]:
        return {"no": message, "code": code}


class TestLily(FamilySuite):
    plugin = imagekit_lily


class TestGarden(HostSuite):
    plugin = imagekit_lily
    answers = OpenAIAnswers()
    relaxed = {"FaultChecks": "it answers in this process"}


class TestWire(WireSuite):
    plugin = imagekit_lily
    answers = LilyAnswers()

    @pytest.mark.parametrize("side", [1, 2])
    def test_of_its_own(self, side: int) -> None:
        assert_type(picture(side, side), bytes)


class TestCounting(SharedSuite):
    @pytest.fixture
    def opened(self) -> Callable[[], Shared]:
        shared = InProcess()
        return lambda: shared
