"""The law: what was given stands on the receipt exactly once, and nothing else is sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import assume, given, settings, strategies as st

from imagekit import (
    Action,
    Call,
    Family,
    Host,
    Model,
    NoAuth,
    Offer,
    Parameter,
    Plugins,
    Range,
    Sizes,
    Spell,
    hookimpl,
    spell,
)
from imagekit.declare.sizes import SIZE_PARAMETERS
from imagekit.plan.call import spell_call

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

TULIP = Model(
    "tulip",
    "Tulip",
    aliases=("tulip-20",),
    parameters=(
        Parameter("seed", int, (Range(0, 99),)),
        Parameter("strength", float, (Range(0.0, 1.0),)),
        Parameter("tags", list),
        Parameter("extra", dict),
        Parameter("camera", dict, parts=(Parameter("lens", str), Parameter("zoom", int))),
    ),
    sizes=Sizes(
        tiers=("1K", "2K"),
        table={
            "1K": {"1:1": (16, 16), "2:1": (24, 12)},
            "2K": {"1:1": (32, 32), "2:1": (48, 24)},
        },
        min_pixels=256,
        max_pixels=2048,
        min_ratio="1:4",
        max_ratio="4:1",
        default_tier="1K",
    ),
)
SPELLS = (
    Spell("prompt", to="input.prompt"),
    Spell("image", to="input.refs"),
    Spell("seed", to="parameters.seed"),
    Spell("camera", to="parameters.camera"),
    Spell("watermark", values={True: "yes", False: "no"}),
    Spell("quality", to="q", values={"hd": 2, "standard": 1}),
    *spell("strength tags extra"),
)
#: Three hosts that differ in how they say a size.
SHAPES = {
    "pots": (Spell("size", to="parameters.size"),),
    "beds": (
        Spell("ratio", to="shape.aspect"),
        Spell("resolution", to="shape.tier", values={"1K": "small", "2K": "large"}),
    ),
    "vases": spell("size ratio resolution"),
}


class Tulips:
    @hookimpl
    def imagekit_families(self) -> list[Family]:
        return [Family("tulip", "Tulip", (TULIP,))]

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        hosts = []
        for name, shape in SHAPES.items():
            offer = Offer("tulip", "t-1", "openai-images", (*SPELLS, *shape))
            hosts.append(Host(name, name, f"https://{name}.invalid", NoAuth(), (offer,)))
        return hosts


ROUTES = {route.host.name: route for route in Plugins.of(Tulips()).registry().routes}


def said(host: str = "pots", policy: Any = "error", **parameters: Any) -> Call:
    return spell_call(ROUTES[host], {"model": "tulip", "prompt": "a", **parameters}, policy)


# --- what people may give, sensible or not ---------------------------------------------------

SENSIBLE: dict[str, st.SearchStrategy[Any]] = {
    "prompt": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    "image": st.lists(st.sampled_from(["https://a.invalid", "https://b.invalid"]), min_size=1),
    "seed": st.integers(-3, 102),
    "camera": st.fixed_dictionaries(
        {}, optional={"lens": st.text("abc"), "zoom": st.integers(1, 9)}
    ),
    "watermark": st.booleans(),
    "quality": st.sampled_from(["hd", "standard"]),
    "strength": st.floats(-1, 2) | st.integers(0, 1),
    "tags": st.lists(st.text("abc", max_size=2), max_size=2),
    "extra": st.dictionaries(st.sampled_from("abc"), st.integers(), max_size=2),
}
SIZES: dict[str, st.SearchStrategy[Any]] = {
    "size": st.sampled_from(["16x16", "32x32", "17x16", "1x1", "1K", "2k", "4K", "auto", "big"]),
    "ratio": st.sampled_from(["1:1", "4:2", "3:1", "1:17", "wide"]),
    "resolution": st.sampled_from(["1K", "2k", "4K", "tall"]),
}
JUNK = st.sampled_from(
    [
        *(True, 0, 1, -1, 1 << 70, 2.5, float("nan"), float("inf"), b"x"),
        *("", "x", "hd ", "\0", "\ud800"),
        *([], ["\ud800"], [[b""]], {}, {1: 2}, {"a": {"b": "\0"}}),
        *({"zoom": True}, {"lens": "\0"}, {"zom": 1}),
    ]
)
STRANGERS = ("n", "mask", "negative_prompt", "user", "sead", "style")
PLACES = st.sampled_from(["x", "input", "parameters", "q", "size", "shape", "model"])
ANYTHING = st.fixed_dictionaries(
    {"model": st.sampled_from(["tulip", "tulip-20", "t-1"])},
    optional={
        **{name: good | JUNK for name, good in (SENSIBLE | SIZES).items()},
        **dict.fromkeys(STRANGERS, JUNK),
        "native": st.dictionaries(PLACES, JUNK, max_size=3),
    },
)
POLICIES = st.sampled_from(["error", "adapt", "drop"])
HOSTS = st.sampled_from(sorted(ROUTES))


def parts(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, native fields one by one."""
    native = {f"native.{name}": value for name, value in asked.get("native", {}).items()}
    return {name: value for name, value in asked.items() if name != "native"} | native


def owner(field: str) -> str:
    """The parameter that a problem is about: ``camera`` of ``camera.zoom``."""
    found = re.match(r"(native\.)?\w+", field)
    assert found is not None
    return found[0]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    else:
        yield path, value


# --- the law ------------------------------------------------------------------------------


@given(ANYTHING, POLICIES, HOSTS)
def test_everything_given_is_told_exactly_once(
    asked: dict[str, Any], policy: Any, host: str
) -> None:
    """On the receipt or among the problems; size, ratio and resolution stand or fall together."""
    call = spell_call(ROUTES[host], asked, policy)
    told = [line.parameter for line in call.receipt.lines]
    refused = {owner(problem.field) for problem in call.problems}
    names = parts(asked)
    assert len(told) == len(set(told))
    assert {*told, *refused} <= names.keys()
    for line in call.receipt.lines:
        if line.parameter == "image":  # told without bytes
            assert line.value == names["image"]
        elif line.parameter != "mask":
            assert line.value is names[line.parameter]
    for name in names.keys() - set(SIZE_PARAMETERS):
        assert (name in told) != (name in refused)
    shape = names.keys() & set(SIZE_PARAMETERS)
    if shape & refused:
        assert not shape & set(told)
    else:
        assert shape <= set(told)


@given(ANYTHING, POLICIES, HOSTS)
def test_nothing_is_sent_that_is_not_on_the_receipt(
    asked: dict[str, Any], policy: Any, host: str
) -> None:
    call = spell_call(ROUTES[host], asked, policy)
    told = dict(pair for line in call.receipt.lines for pair in line.fields)
    urls = [one.url for one in call.references]
    assert told.pop("input.refs", []) == (urls[0] if len(urls) == 1 else urls)
    built: dict[str, Any] = {}
    for path, word in told.items():
        *parents, last = path.split(".")
        place = built
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = word
    assert built == call.fields
    assert call.receipt.added == ()


@given(ANYTHING, POLICIES, HOSTS)
def test_nothing_is_changed_or_left_out_unless_asked_for(
    asked: dict[str, Any], policy: Any, host: str
) -> None:
    for line in spell_call(ROUTES[host], asked, policy).receipt.lines:
        assert line.action is not Action.ADAPTED or policy == "adapt"
        assert line.action is not Action.DROPPED or policy == "drop"
        unsaid = line.parameter in ("n", "image")  # one picture, and no references
        assert line.fields or line.action is Action.DROPPED or unsaid
        if line.action is Action.SENT:
            assert line.fields == ((line.parameter, line.value),)


@given(ANYTHING, POLICIES, HOSTS)
def test_a_call_without_problems_is_clean_json(
    asked: dict[str, Any], policy: Any, host: str
) -> None:
    call = spell_call(ROUTES[host], asked, policy)
    if not call.problems:
        body = [call.fields, [one.url for one in call.references]]
        text = json.dumps(body, ensure_ascii=False, allow_nan=False)
        assert b"\\u0000" not in text.encode()


@given(st.data(), HOSTS)
def test_changing_one_parameter_changes_exactly_its_target(data: st.DataObject, host: str) -> None:
    sizes: dict[str, st.SearchStrategy[Any]] = {
        "ratio": st.sampled_from(["1:1", "2:1"]),
        "resolution": st.sampled_from(["1K", "2K"]),
    }
    if host == "pots":
        sizes = {"size": st.sampled_from(["16x16", "32x16", "2K"])}
    good = SENSIBLE | sizes
    name = data.draw(st.sampled_from(sorted(good)))
    one, other = data.draw(good[name]), data.draw(good[name])
    assume(one != other)
    rest = data.draw(st.fixed_dictionaries({}, optional=good))
    before, after = (said(host, **{**rest, name: value}) for value in (one, other))
    assert before.problems == after.problems == ()
    lines = [
        {line.parameter: line for line in call.receipt.lines if line.parameter != name}
        for call in (before, after)
    ]
    assert lines[0] == lines[1]
    was, now = (
        {**dict(leaves(call.fields)), "input.refs": call.references} for call in (before, after)
    )
    changed = {path for path in was | now if was.get(path) != now.get(path)}
    target = ROUTES[host].spells[name].field
    assert changed
    assert all(path == target or path.startswith(f"{target}.") for path in changed)
