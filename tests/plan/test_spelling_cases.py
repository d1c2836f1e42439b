"""Spelling, case by case: renamed, reworded, adapted, dropped, refused or native."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve

from imagekit import (
    Action,
    Call,
    Client,
    Each,
    Enum,
    Family,
    Host,
    InvalidRequest,
    Length,
    Line,
    Model,
    NoAuth,
    Offer,
    Parameter,
    Part,
    Plugins,
    Problem,
    Range,
    Sizes,
    Spell,
    hookimpl,
    spell,
)
from imagekit.plan.call import spell_call

TULIP = Model(
    "tulip",
    "Tulip",
    parameters=(
        Parameter("prompt", str, (Length(600, unit="words", advice=True),)),
        Parameter("seed", int, (Range(0, 99),)),
        Parameter("strength", float, (Range(0.0, 1.0),)),
        Parameter("tags", list),
        Parameter("extra", dict),
        Parameter("camera", dict, parts=(Parameter("lens", str), Parameter("zoom", int))),
        Parameter("style", str, (Enum(("vivid", "calm")),)),
        Parameter("petals", int),  # which no host has a word for
        Parameter("ids", list, items=int),
        Parameter("bulbs", dict, parts=(Parameter("count", int), Parameter("kind", str))),
        Parameter("roots", dict),
    ),
    sizes=Sizes(
        tiers=("1K", "2K"),
        table={"1K": {"1:1": (16, 16)}, "2K": {"1:1": (32, 32)}},
        min_pixels=256,
        max_pixels=2048,
        default_tier="1K",
    ),
    instead={"n": "make several calls"},
)
INSTEAD = {"mask": "say it in the prompt"}
SPELLS = (
    Spell("prompt", to="input.prompt"),
    Spell("image", to="input.refs"),
    Spell("seed", to="parameters.seed"),
    Spell("camera", to="parameters.camera"),
    Spell("watermark", values={True: "yes", False: "no"}),
    Spell("quality", to="q", values={"hd": 2, "standard": 1}),
    *spell("strength tags extra style"),
    Spell("ids", to="beds", how=Each("bed_id")),
    Spell("bulbs", to="bulb_count", how=Part("count")),
    Spell("roots", to="root_depth", how=Part("depth")),
)
#: Three hosts that differ in how they say a size.
SHAPES = {
    "pots": (Spell("size", to="parameters.size"),),
    "beds": (
        Spell("ratio", to="shape.aspect"),
        Spell("resolution", to="shape.tier", values={"1K": "small", "2K": "large"}),
    ),
    "vases": spell("size ratio resolution"),
    "sills": (Spell("resolution", values={"1K": "small"}),),
}


class Tulips:
    @hookimpl
    def imagekit_families(self) -> list[Family]:
        return [Family("tulip", "Tulip", (TULIP,))]

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        hosts = []
        for name, shape in SHAPES.items():
            spells = (*SPELLS, *shape)
            offer = Offer("tulip", "t-1", "openai-images", spells, instead=INSTEAD)
            hosts.append(Host(name, name, f"https://{name}.invalid", NoAuth(), (offer,)))
        return hosts


ROUTES = {route.host.name: route for route in Plugins.of(Tulips()).registry().routes}


def said(host: str = "pots", policy: Any = "error", **parameters: Any) -> Call:
    return spell_call(ROUTES[host], {"model": "tulip", "prompt": "a", **parameters}, policy)


def test_what_was_not_given_is_not_sent() -> None:
    call = said()
    assert call.fields == {"model": "t-1", "input": {"prompt": "a"}}
    assert call.receipt.lines == (
        Line("model", "tulip", Action.MAPPED, (("model", "t-1"),)),
        Line("prompt", "a", Action.MAPPED, (("input.prompt", "a"),)),
    )


def test_what_a_model_does_not_go_without_has_to_be_given() -> None:
    seed = Parameter("seed", int, (Range(0, 99),), required=True)
    route = evolve(ROUTES["pots"], model=evolve(TULIP, parameters=(seed,)))
    given = {"model": "tulip", "prompt": "a"}
    (problem,) = spell_call(route, given).problems
    assert str(problem) == "seed: is needed by tulip at pots: from 0 to 99"
    assert spell_call(route, {**given, "seed": 0}).problems == ()


def test_dotted_targets_share_their_parents() -> None:
    call = said(seed=7, camera={"zoom": 2}, size="16x16")
    assert call.fields["parameters"] == {"seed": 7, "camera": {"zoom": 2}, "size": "16x16"}


def test_values_become_the_words_of_the_host() -> None:
    call = said(watermark=False, quality="hd")
    assert (call.fields["watermark"], call.fields["q"]) == ("no", 2)
    assert call.receipt["watermark"] == Line(
        "watermark", False, Action.MAPPED, (("watermark", "no"),)
    )
    (problem,) = said(quality="ultra").problems
    assert str(problem) == "quality: 'ultra' is not one of hd, standard here"


def test_pixels_become_a_ratio_at_a_tier_in_the_words_of_the_host() -> None:
    call = said("beds", size="32x32")
    assert call.fields["shape"] == {"aspect": "1:1", "tier": "large"}
    fields = (("shape.aspect", "1:1"), ("shape.tier", "large"))
    note = "32x32 is 1:1 at 2K"
    assert call.receipt["size"] == Line("size", "32x32", Action.MAPPED, fields, note=note)
    assert call.pixels == (32, 32)


def test_ratio_and_resolution_under_their_own_names_are_each_sent() -> None:
    call = said("vases", ratio="1:1", resolution="2K")
    for name, word in (("ratio", "1:1"), ("resolution", "2K")):
        assert call.receipt[name] == Line(name, word, Action.SENT, ((name, word),))


def test_each_item_of_a_list_may_be_an_object_there() -> None:
    call = said(ids=[829836802793406551, 2])
    beds = [{"bed_id": 829836802793406551}, {"bed_id": 2}]
    assert call.receipt["ids"].fields == (("beds", beds),)
    assert call.fields["beds"] == beds


@pytest.mark.parametrize("one", [8.29e17, "829836802793406551", True])
def test_an_item_of_another_type_is_named_by_its_place(one: object) -> None:
    (problem,) = said(ids=[1, one]).problems
    assert str(problem) == f"ids[1]: {one!r} is not a whole number"


def test_one_part_of_an_object_may_be_all_that_is_sent() -> None:
    call = said(bulbs={"count": 3})
    assert call.receipt["bulbs"] == Line("bulbs", {"count": 3}, Action.MAPPED, (("bulb_count", 3),))
    assert [str(problem) for problem in said(bulbs={"kind": "early"}).problems] == [
        "bulbs.kind: is not taken here; count is",
        "bulbs.count: is missing; it is all that is sent here",
    ]


def test_a_part_that_is_none_is_missing_rather_than_left_out_unsaid() -> None:
    (problem,) = said(roots={"depth": None}).problems
    assert str(problem) == "roots.depth: is missing; it is all that is sent here"


@pytest.mark.parametrize("policy", ["error", "adapt", "drop"])
def test_one_picture_needs_no_field_where_a_call_makes_one(policy: str) -> None:
    call = said(policy=policy, n=1)
    assert call.problems == ()
    note = "one picture is what a call makes here"
    assert call.receipt["n"] == Line("n", 1, Action.MAPPED, note=note)


def test_several_pictures_where_a_call_makes_one() -> None:
    (problem,) = said(n=2).problems
    assert str(problem) == "n: tulip does not take it at pots: make several calls"
    assert problem.value == 2
    assert said(policy="adapt", n=2).problems == (problem,)
    assert said(policy="drop", n=2).receipt["n"].action is Action.DROPPED


def test_adapting_moves_to_the_nearest_and_tells_both() -> None:
    call = said(policy="adapt", seed=1000, size="8x8", strength=0.5)
    assert (call.fields["parameters"], call.pixels) == ({"seed": 99, "size": "16x16"}, (16, 16))
    assert call.receipt["seed"] == Line("seed", 1000, Action.ADAPTED, (("parameters.seed", 99),))
    assert call.receipt["size"].action is Action.ADAPTED
    assert call.receipt["strength"].action is Action.SENT
    assert (call.values["seed"], call.problems) == (99, ())


def test_a_word_is_adapted_to_itself_in_another_case_alone() -> None:
    """Words that look alike may mean opposite things; and what only advice is against stays."""
    assert said(policy="adapt", style="VIVID").values["style"] == "vivid"
    assert said(policy="adapt", style="vivit").values["style"] == "vivit"
    wordy = "a " * 700
    assert said(policy="adapt", prompt=wordy).values["prompt"] == wordy


def test_a_size_that_was_given_as_a_tier_is_refused_under_the_name_that_was_used() -> None:
    assert [problem.field for problem in said(size="4K").problems] == ["size"]
    assert [problem.field for problem in said(resolution="4K").problems] == ["resolution"]


def test_nothing_is_adapted_unasked() -> None:
    """The rule is checked later, against what was given."""
    call = said(seed=1000)
    assert (call.values["seed"], call.fields["parameters"]) == (1000, {"seed": 1000})


def test_dropping_leaves_out_what_can_not_be_said_and_only_that() -> None:
    call = said("beds", "drop", size="17x16", mask="m", seed=7)
    assert call.fields.keys() == {"model", "input", "parameters"}
    dropped = [line for line in call.receipt.lines if line.action is Action.DROPPED]
    assert dropped == [
        Line("size", "17x16", Action.DROPPED, note="can't be said exactly at beds"),
        Line("mask", {"name": "'m'"}, Action.DROPPED, note="not supported at beds"),
    ]
    assert (call.pixels, call.problems) == (None, ())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"mask": "m"}, "mask: tulip does not take it at pots: say it in the prompt"),
        ({"sead": 7}, "sead: tulip has no such parameter; did you mean seed?"),
        ({"xyzzy": 7}, "xyzzy: tulip has no such parameter"),
        (
            {"petals": 5},
            "petals: tulip does not take it at pots; on_unsupported='drop' leaves it out",
        ),
        ({"camera": {"zom": 1}}, "camera.zom: no such option; did you mean zoom?"),
        (
            {"user": "u"},
            "user: tulip does not take it at pots; on_unsupported='drop' leaves it out",
        ),
    ],
)
def test_what_is_not_taken_here_says_what_works(wrong: dict[str, Any], message: str) -> None:
    assert [str(problem) for problem in said(**wrong).problems] == [message]


def test_a_tier_that_the_host_has_no_word_for_is_refused() -> None:
    assert said("sills", resolution="1K").fields["resolution"] == "small"
    (problem,) = said("sills", resolution="2K").problems
    assert str(problem) == "resolution: '2K' is not one of 1K here"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"seed": True}, "seed"),
        ({"seed": 1.0}, "seed"),
        ({"n": True}, "n"),  # although True == 1
        ({"strength": True}, "strength"),
        ({"strength": float("nan")}, "strength"),
        ({"watermark": 1}, "watermark"),
        ({"quality": None}, "quality"),
        ({"tags": "abc"}, "tags"),
        ({"camera": {"zoom": False}}, "camera.zoom"),
        ({"size": (16, 16)}, "size"),
        ({"native": ["x"]}, "native"),
        ({"native": {"x": b"bytes"}}, "native.x"),
        ({"extra": {"a": [{1: "no name"}]}}, "extra.a[0]"),
        ({"prompt": "a\0"}, "prompt"),
        ({"prompt": "\ud83c"}, "prompt"),
        ({"size": "16x16\0"}, "size"),
        ({"tags": ["a", "\udf3b"]}, "tags[1]"),
        ({"camera": {"lens": "\0"}}, "camera.lens"),
        ({"extra": {"\ud83c": 1}}, "extra"),
        ({"native": {"x": {"y": ["\ud83c"]}}}, "native.x.y[0]"),
    ],
)
def test_what_is_of_the_wrong_type_or_no_text_is_refused(wrong: dict[str, Any], field: str) -> None:
    assert [problem.field for problem in said(**wrong).problems] == [field]


@pytest.mark.parametrize("name", ["model", "input", "q", "parameters"])
def test_native_fields_never_overwrite_a_parameter(name: str) -> None:
    call = said(quality="hd", seed=1, native={name: 0, "x": 1})
    said_so = f"native.{name} would overwrite a value given as a parameter"
    assert call.problems == (Problem(f"native.{name}", said_so, 0),)
    assert call.receipt["native.x"] == Line("native.x", 1, Action.NATIVE, (("x", 1),))


def test_references_can_not_be_overwritten_either() -> None:
    """They travel apart from the fields, and would be lost all the same."""
    route = ROUTES["pots"]
    call = spell_call(route, {"image": ["https://a.invalid"], "native": {"input": {}}})
    assert [problem.field for problem in call.problems] == ["native.input"]


def test_a_changed_call_is_spelled_anew() -> None:
    call = said(policy="drop", seed=1, user="u", native={"x": 1}).change(seed=None, strength=1)
    told = [line.parameter for line in call.receipt.lines]
    assert told == ["model", "prompt", "user", "strength", "native.x"]
    assert call.problems == ()
    assert call.fields == {"model": "t-1", "input": {"prompt": "a"}, "strength": 1, "x": 1}


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(plugins=Plugins.of(Tulips()), environment={}) as client:
        yield client


@pytest.mark.parametrize("name", ["seed", "prompt", "model", "native"])
def test_options_are_not_a_second_way_to_give_standard_parameters(
    client: Client, name: str
) -> None:
    with pytest.raises(InvalidRequest, match=rf"options\.{name}: is a standard parameter"):
        client.plan("a", model="pots:tulip", options={name: 1})


def test_what_the_caller_changes_later_changes_no_receipt(client: Client) -> None:
    inner: dict[str, Any] = {"a": 1}
    tags = ["a"]
    given: dict[str, Any] = {"native": {"x": {"y": [(inner,)]}}, "options": {"tags": tags}}
    plan = client.plan("a", model="pots:tulip", **given)
    inner["a"] = 2
    tags.append("b")
    assert plan.receipt["native.x"].value == {"y": [({"a": 1},)]}
    assert plan.receipt["tags"].value == ["a"]


def test_a_value_that_stands_in_itself_is_refused(client: Client) -> None:
    endless: dict[str, Any] = {}
    endless["x"] = endless
    (problem,) = client.plan("a", model="pots:tulip", native=endless).problems
    assert "nested too deeply" in problem.message


def test_a_very_long_prompt_is_advice_only(client: Client) -> None:
    prompt = "a " * 10_000
    plan = client.plan(prompt, model="pots:tulip")
    assert plan.problems == ()
    assert plan.notes == ("prompt: has 10,000 words; at most 600 words are recommended",)
    assert plan.request is not None
    assert prompt.encode() in (plan.request.body.read())
