"""What a suite's answers may leave out, and what a suite says that has none of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from imagekit import Call, Request, Response, Result, Wire, hookimpl
from imagekit.testing import Answers, OpenAIAnswers, WireSuite
from imagekit.wires import object_of, result_of

MEASURED = "test_pictures_come_in_their_order_and_are_measured"


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


def suite(
    answers: Answers | Mapping[str, Answers] | None = None,
    links: Sequence[str] = (),
    named: str = "",
) -> WireSuite:
    """A suite of the wire, which nobody collects."""

    @hookimpl
    def imagekit_wires() -> list[Wire]:
        paths = {"generate": "/"}
        return [Whistle("whistle", links=frozenset(links), paths=paths, answers=named)]

    plugin = SimpleNamespace(__name__="whistle", imagekit_wires=imagekit_wires)
    said = {"plugin": plugin} | ({"answers": answers} if answers else {})
    made: WireSuite = type("Whistling", (WireSuite,), said)()
    return made


def check(suite: WireSuite, name: str) -> None:
    """Run one check as pytest would, on the one wire there is."""
    (spoken,) = suite.spoken_cases()
    getattr(suite, name)(spoken)


def test_a_wire_that_nobody_has_answers_of_is_named() -> None:
    with pytest.raises(AssertionError, match="nobody says how whistle answers: name its `answers`"):
        check(suite(), MEASURED)


def test_answers_are_of_all_wires_or_of_each_by_its_name() -> None:
    """These are wrong, so that it shows that they are taken."""
    given: tuple[Any, ...] = (WhistleAnswers(), {"whistle": WhistleAnswers()})
    for answers in given:
        with pytest.raises(AssertionError, match="it becomes"):
            check(suite(answers=answers), MEASURED)


def test_a_wire_names_its_own_answers() -> None:
    published = suite(named="imagekit.testing:OpenAIAnswers")
    (spoken,) = published.spoken_cases()
    assert type(spoken.answers) is OpenAIAnswers


@pytest.mark.parametrize("named", ["imagekit.no_such:Answers", "imagekit.testing:NoSuch"])
def test_answers_that_are_not_there_are_named(named: str) -> None:
    with pytest.raises(AssertionError, match=f"the answers of whistle are {named}"):
        check(suite(named=named), MEASURED)


def test_a_dialect_without_links_has_none_to_follow() -> None:
    with pytest.raises(pytest.skip.Exception, match="know of no links"):
        check(suite(answers=WhistleAnswers()), "test_a_link_is_followed_without_the_key")


def test_a_dialect_with_links_has_one_to_follow() -> None:
    whistling = suite(answers=WhistleAnswers(), links=["url"])
    with pytest.raises(AssertionError, match="have no `link`"):
        check(whistling, "test_a_link_is_followed_without_the_key")
