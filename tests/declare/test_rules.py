"""Every rule: both boundaries pass, one past each is refused and says what would pass."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from imagekit import (
    CrossRule,
    Enum,
    Excludes,
    Length,
    OnlyWhen,
    Problem,
    Range,
    Requires,
    Rule,
    SumAtMost,
    When,
)
from imagekit.basics.closest import closest
from imagekit.declare.cross_rules import look_up

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

PICTURES = Length(14, 1, unit="items")
PROMPT = Length(10, 2)
WORDS = Length(3, unit="words", advice=True)
HANZI = Length(2, unit="Chinese characters")


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        (Range(-1, 9), -1),
        (Range(-1, 9), 9),
        (Range(0.5, 2.5), 0.5),
        (Range(0.5, 2.5), 2.5),
        (PROMPT, "ab"),
        (PROMPT, "a" * 10),
        (PROMPT, "\U0001f33b" * 10),  # a sunflower is one character
        (PICTURES, ["u"]),
        (PICTURES, ["u"] * 14),
        (WORDS, ""),
        (WORDS, " one  two\nthree "),
        (HANZI, "a long 花 sentence with two 朵"),
        (Enum(("url", "b64_json")), "url"),
        (Enum(("url", "b64_json")), "b64_json"),
        (Enum((1, 2, 4)), 4),
    ],
)
def test_what_is_allowed_passes(rule: Rule, value: Any) -> None:
    assert rule.check("field", value) is None


@pytest.mark.parametrize(
    ("rule", "value", "told", "nearest"),
    [
        (Range(-1, 9), -2, -2, -1),
        (Range(-1, 9), 10, 10, 9),
        (Range(0.5, 2.5), 0.4, 0.4, 0.5),
        (Range(0.5, 2.5), 2.6, 2.6, 2.5),
        (PROMPT, "a", 1, None),
        (PROMPT, "a" * 11, 11, None),
        (PICTURES, [], 0, None),
        (PICTURES, ["u"] * 15, 15, None),
        (WORDS, "one two three four", 4, None),
        (HANZI, "三朵花", 3, None),
        (HANZI, "\U00020001\U00030002花", 3, None),  # rare ones count, too
        (Enum(("url", "b64_json")), "URL", "URL", "url"),
        (Enum(("url", "b64_json")), "b64-json", "b64-json", "b64_json"),
        (Enum(("url", "b64_json")), "carrier pigeon", "carrier pigeon", None),
        (Enum((1, 2, 15)), 16, 16, 15),  # of the type it has in the table
    ],
)
def test_one_past_is_refused_with_field_value_bound_and_nearest(
    rule: Rule, value: Any, told: Any, nearest: Any
) -> None:
    problem = rule.check("field", value)
    assert problem is not None
    assert (problem.field, problem.value, problem.nearest) == ("field", told, nearest)
    assert type(problem.nearest) is type(nearest)
    assert rule.describe() in problem.message


def test_a_number_that_is_none_is_refused() -> None:
    """Every comparison with not-a-number is false, so a careless rule would let it pass."""
    problem = Range(0.0, 1.0).check("strength", float("nan"))
    assert problem is not None
    assert problem.nearest == 0.0


def test_only_advice_is_marked_as_advice() -> None:
    advised = WORDS.check("prompt", "one two three four")
    refused = PROMPT.check("prompt", "a" * 11)
    assert advised is not None
    assert refused is not None
    assert (advised.advice, refused.advice) == (True, False)
    assert "recommended" in advised.message
    assert "allowed" in refused.message


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-60, 60))
def test_a_range_moves_a_number_no_further_than_it_must(one: int, other: int, value: int) -> None:
    low, high = sorted((one, other))
    problem = Range(low, high).check("seed", value)
    assert (problem is None) == (value in range(low, high + 1))
    if problem is not None:
        assert problem.nearest == min(range(low, high + 1), key=lambda known: abs(known - value))


@given(st.lists(st.text("abcXY", max_size=4), min_size=1), st.text("abcxy", max_size=4))
def test_an_enum_suggests_only_what_it_takes(known: list[str], value: str) -> None:
    problem = Enum(tuple(known)).check("quality", value)
    assert (problem is None) == (value in known)
    assert problem is None or problem.nearest in (None, *known)


@given(st.integers(0, 5), st.integers(0, 5), st.lists(st.sampled_from(["花", "a", "é"])))
def test_lengths_count_what_they_say(one: int, other: int, letters: list[str]) -> None:
    low, high = sorted((one, other))
    counts = {
        "characters": len(letters),
        "words": len(letters),
        "Chinese characters": letters.count("花"),
    }
    for unit, count in counts.items():
        text = (" " if unit == "words" else "").join(letters)
        passes = Length(high, low, unit=unit).check("prompt", text) is None
        assert passes == (low <= count <= high)


def test_what_can_not_be_too_long_is_not_counted() -> None:
    class Prompt(str):
        def split(self, *_: Any) -> list[Any]:
            raise AssertionError("counted")

    text = Prompt("a corgi on the beach")
    assert Length(20, unit="words").check("prompt", text) is None
    with pytest.raises(AssertionError, match="counted"):
        Length(19, unit="words").check("prompt", text)


@pytest.mark.parametrize(
    ("rule", "schema"),
    [
        (Range(-1, 9), {"minimum": -1, "maximum": 9}),
        (Enum(("a", "b")), {"enum": ["a", "b"]}),
        (PICTURES, {"minItems": 1, "maxItems": 14}),
        (PROMPT, {"minLength": 2, "maxLength": 10}),
        (HANZI, {}),  # JSON Schema can't count these,
        (WORDS, {}),  # and advice is no constraint
        (Rule(), {}),
    ],
)
def test_the_schema_says_no_more_than_the_rule(rule: Rule, schema: dict[str, Any]) -> None:
    assert rule.schema() == schema


# --- rules about several parameters ---------------------------------------------------------

GROUP = SumAtMost(("image", "group.max_images"), 15)
OPTIONS = OnlyWhen("group", "mode", "auto")


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        (GROUP, {}),
        (GROUP, {"image": ["u"] * 15}),
        (GROUP, {"image": ["u"] * 5, "group": {"max_images": 10}}),
        (GROUP, {"group": {"max_images": 15}}),
        (GROUP, {"group": {}}),
        (Requires("mask", "image"), {}),
        (Requires("mask", "image"), {"image": ["u"]}),
        (Requires("mask", "image"), {"mask": "m", "image": ["u"]}),
        (Excludes("seed", "group"), {"seed": 0}),
        (Excludes("seed", "group"), {"group": {}}),
        (OPTIONS, {}),
        (OPTIONS, {"mode": "disabled"}),
        (OPTIONS, {"mode": "auto", "group": {}}),
    ],
)
def test_parameters_that_go_together_pass(rule: CrossRule, values: dict[str, Any]) -> None:
    assert list(rule.check(values)) == []


@pytest.mark.parametrize(
    ("rule", "values", "problem"),
    [
        (
            GROUP,
            {"image": ["u"] * 6, "group": {"max_images": 10}},
            ("group.max_images", 10, 9),
        ),
        (
            GROUP,
            {"image": ["u"] * 15, "group": {"max_images": 1}},
            ("group.max_images", 1, None),  # there is no room for even one
        ),
        (GROUP, {"image": ["u"] * 16}, ("image", 16, 15)),  # never blames what was not given
        (Requires("mask", "image"), {"mask": "m"}, ("mask", "m", None)),
        (Excludes("seed", "group"), {"seed": 0, "group": {}}, ("seed", 0, None)),
        (OPTIONS, {"group": {"max_images": 2}}, ("group", {"max_images": 2}, None)),
        (OPTIONS, {"group": {}, "mode": "disabled"}, ("group", {}, None)),
    ],
)
def test_parameters_at_odds_are_one_problem(
    rule: CrossRule, values: dict[str, Any], problem: tuple[str, Any, Any]
) -> None:
    (found,) = rule.check(values)
    assert (found.field, found.value, found.nearest) == problem
    assert not found.advice


def test_cross_rules_say_in_words_what_they_want() -> None:
    (sum_problem,) = GROUP.check({"image": ["u"] * 6, "group": {"max_images": 10}})
    assert str(sum_problem) == (
        "group.max_images: 6 image + 10 group.max_images are 16; at most 15 together"
    )
    (alone,) = GROUP.check({"image": ["u"] * 16})  # what nobody gave is not added up
    assert str(alone) == "image: 16 are too many; image + group.max_images at most 15"
    assert [
        rule.describe() for rule in (GROUP, Requires("a", "b"), Excludes("a", "b"), OPTIONS)
    ] == [
        "image + group.max_images at most 15",
        "a needs b",
        "a excludes b",
        "group only with mode='auto'",
    ]


CLEAR = When("background", "clear", "image", Length(1, 1, unit="items"), needed=True)
CLEAR_FILE = When("background", "clear", "format", Enum(("png",)))


@pytest.mark.parametrize(
    ("rule", "values", "told"),
    [
        (CLEAR, {}, None),
        (CLEAR, {"background": "opaque", "image": ["a", "b"]}, None),
        (CLEAR, {"background": "clear", "image": ["a"]}, None),
        (
            CLEAR,
            {"background": "clear"},
            "image: is needed with background='clear': exactly 1 item",
        ),
        (
            CLEAR,
            {"background": "clear", "image": ["a", "b"]},
            "image: with background='clear': has 2 items; exactly 1 item is allowed",
        ),
        (CLEAR_FILE, {"background": "clear"}, None),
        (
            CLEAR_FILE,
            {"background": "clear", "format": "jpeg"},
            "format: with background='clear': 'jpeg' is not one of png; did you mean 'png'?",
        ),
    ],
)
def test_a_rule_that_holds_only_while_another_parameter_has_a_value(rule, values, told):
    assert [str(problem) for problem in rule.check(values)] == ([told] if told else [])


@given(st.integers(0, 20), st.none() | st.integers(1, 20))
def test_a_sum_names_what_would_just_fit(pictures: int, most: int | None) -> None:
    values: dict[str, Any] = {"image": ["u"] * pictures} if pictures else {}
    if most is not None:
        values["group"] = {"max_images": most}
    problems: list[Problem] = list(GROUP.check(values))
    assert bool(problems) == (pictures + (most or 0) > 15)
    for problem in problems:
        if problem.field == "group.max_images" and problem.nearest is not None:
            assert pictures + problem.nearest == 15


# --- helpers -----------------------------------------------------------------------------------


def test_a_dotted_path_is_found_nested_or_as_a_name_of_its_own() -> None:
    assert look_up({"a": {"b": {"c": 0}}}, "a.b.c") == 0
    assert look_up({"a.b": 1, "a": {"b": 2}}, "a.b") == 1
    assert look_up({"a": 1}, "a.b") is None
    assert look_up({}, "a") is None


def test_closest_ignores_case_and_is_silent_about_strangers() -> None:
    assert closest("Watermrak", ["seed", "watermark"]) == ["watermark"]
    assert closest("seedraem-4.5", ["Seedream-4.5", "seedream-4.0"], 2)[0] == "Seedream-4.5"
    assert closest("zzz", ["seed", "watermark"]) == []
