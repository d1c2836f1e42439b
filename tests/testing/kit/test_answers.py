"""What a suite's answers may leave out, and what a suite says that has none of its own."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from imagekit import Call, Request, Response, Result, Wire, hookimpl
from imagekit.testing import Answers, WireSuite
from imagekit.wires import object_of, result_of


class Whistle(Wire):
    """``{"whistled": [...]}``, and not a word of ``openai-images``."""

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        return Request("POST", call.route.url(), call.headers)

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result:
        document = object_of(call, response)
        return result_of(call, response, {"data": document.get("whistled")})


class WhistleAnswers(Answers):
    def pictures(self, *base64: str) -> dict[str, Any]:
        return {"whistled": [{"tune": one} for one in base64]}


def suite(answers: Answers | None = None, links: Sequence[str] = ()) -> WireSuite:
    """A suite of the wire, which nobody collects."""

    @hookimpl
    def imagekit_wires() -> list[Wire]:
        return [Whistle("whistle", links=frozenset(links), paths={"generate": "/"})]

    plugin = SimpleNamespace(__name__="whistle", imagekit_wires=imagekit_wires)
    said = {"plugin": plugin} | ({"answers": answers} if answers else {})
    made: WireSuite = type("Whistling", (WireSuite,), said)()
    return made


def test_a_failure_says_that_answers_were_forgotten() -> None:
    with pytest.raises(AssertionError) as caught:
        suite().test_pictures_come_in_their_order_and_are_measured()
    (hint,) = caught.value.__notes__
    assert "no `answers` of its own" in hint
    assert "its wire is whistle" in hint


def test_a_failure_with_answers_is_just_that() -> None:
    with pytest.raises(AssertionError) as caught:
        suite(answers=WhistleAnswers()).test_pictures_come_in_their_order_and_are_measured()
    assert not hasattr(caught.value, "__notes__")


def test_a_dialect_without_links_has_none_to_follow() -> None:
    with pytest.raises(pytest.skip.Exception, match="know of no links"):
        suite(answers=WhistleAnswers()).test_a_link_is_followed_without_the_key()


def test_a_dialect_with_links_has_one_to_follow() -> None:
    whistling = suite(answers=WhistleAnswers(), links=["url"])
    with pytest.raises(AssertionError, match="have no `link`"):
        whistling.test_a_link_is_followed_without_the_key()
