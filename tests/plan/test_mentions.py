"""``@1`` in a prompt: which ones mean a reference picture, and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest

from imagekit import (
    Action,
    Call,
    Family,
    Host,
    Length,
    Mentions,
    Model,
    NoAuth,
    Offer,
    Parameter,
    Plugins,
    Spell,
    hookimpl,
    spell,
)
from imagekit.plan.call import spell_call
from imagekit.plan.host_words import mentions_in, with_mentions

PROMPT = Parameter("prompt", str, (Length(40),))
SPELLS = (Spell("prompt", how=Mentions("<{}>")), *spell("image"))


class Ivies:
    @hookimpl
    def imagekit_families(self) -> list[Family]:
        return [Family("ivy", "Ivy", (Model("ivy", "Ivy", parameters=(PROMPT,)),))]

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        offers = (Offer("ivy", "i-1", "openai-images", SPELLS),)
        return [Host("wall", "Wall", "https://wall.invalid", NoAuth(), offers)]


(ROUTE,) = Plugins.of(Ivies()).registry().routes


def said(prompt: str, pictures: int = 2) -> Call:
    given: dict[str, Any] = {"model": "ivy", "prompt": prompt}
    if pictures:
        given["image"] = [f"https://pictures.example/{one}.png" for one in range(pictures)]
    return spell_call(ROUTE, given)


@pytest.mark.parametrize(
    ("prompt", "sent"),
    [
        ("@1", "<1>"),
        ("put @1 into @2.", "put <1> into <2>."),
        ("(@1, @2-@1)", "(<1>, <2>-<1>)"),
        ("把@1放进@2里", "把<1>放进<2>里"),
        ("@10's hat", "<10>'s hat"),
        ("@01", "<1>"),
    ],
)
def test_a_number_that_stands_alone_is_a_picture(prompt: str, sent: str) -> None:
    assert with_mentions(prompt, "<{}>") == sent


@pytest.mark.parametrize(
    "text",
    [
        "me@1.example",
        "me@1",
        "@1.example",
        "@1st",
        "@cat",
        "@1_cat",
        "@ 1",
        "@@1",
        "@123",
        "@1.5",
        "@",
    ],
)
def test_addresses_names_and_other_numbers_are_left_alone(text: str) -> None:
    assert (mentions_in(text), with_mentions(text, "<{}>")) == ([], text)


def test_the_receipt_says_that_the_prompt_was_mapped_and_to_what() -> None:
    line = said("@1 beside @2").receipt["prompt"]
    assert (line.value, line.action) == ("@1 beside @2", Action.MAPPED)
    assert line.fields == (("prompt", "<1> beside <2>"),)


def test_a_prompt_that_mentions_none_is_sent_as_it_is() -> None:
    assert said("a heron").receipt["prompt"].action is Action.SENT


@pytest.mark.parametrize(("prompt", "number"), [("@1 and @3", "@3"), ("@0 and @1", "@0")])
def test_a_picture_that_is_not_there_is_named(prompt: str, number: str) -> None:
    (problem,) = said(prompt).problems
    assert (problem.field, problem.value) == ("prompt", number)
    wanted = f"{number} means no reference picture; they are @1 to @2"
    assert problem.message == wanted


def test_without_references_nothing_is_a_mention() -> None:
    call = said("meet me @3", pictures=0)
    assert (call.problems, call.fields["prompt"]) == ((), "meet me @3")


def test_a_limit_of_length_counts_what_is_sent() -> None:
    (problem,) = said("h" * 37 + " @1").problems
    assert problem.message == "has 41 characters; at most 40 characters are allowed"
