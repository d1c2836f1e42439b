"""Values that a route should take, made from what it declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagekit.declare.cross_rules import OnlyWhen, Requires, When
from imagekit.declare.family import Parameter
from imagekit.declare.rules import Enum, Length, Range
from imagekit.declare.sizes import SIZE_PARAMETERS, Sizes, as_size
from imagekit.declare.spell import Carriage, Implied, Spell
from imagekit.plan.routes.route import Route
from imagekit.testing.kit.size_ranges import Limits, extents
from imagekit.testing.pictures import picture_base64

__all__ = [
    "as_taken",
    "companions",
    "implying",
    "items",
    "links",
    "nested",
    "parameter_at",
    "passing",
    "samples",
    "text",
]

_FREE: Mapping[type, tuple[Any, ...]] = {
    str: ("heron", "crane"),
    int: (1, 2),
    float: (0.25, 0.5),
    bool: (True, False),
    dict: ({"key": "heron"}, {"key": "crane"}),
}


def samples(route: Route, name: str) -> list[Any]:
    """Values of a parameter that this route should take; two that differ, if there are."""
    if name in SIZE_PARAMETERS:
        return _shapes(route, name)
    return _of_parameter(route.accepted[name])


def companions(route: Route, name: str) -> dict[str, Any]:
    """What has to be given together with a parameter, by the rules of the route; and together
    with that, and so on."""
    found: dict[str, Any] = {}
    waiting = [name]
    while waiting:
        given = waiting.pop()
        for rule in route.rules:
            if isinstance(rule, When) and rule.needed and rule.other == given:
                found |= nested(rule.name, passing(route, rule))
            if isinstance(rule, OnlyWhen | Requires) and _root(rule.name) == _root(given):
                companion = _root(rule.other)
                if companion in route.accepted and companion not in {name, *found}:
                    found |= nested(rule.other, _needed_value(route, rule))
                    waiting.append(companion)
    return found


def implying(route: Route, name: str, value: Any) -> dict[str, Any]:
    """What has to be given beside a value that the host takes from something else."""
    match route.spells[name].how if name in route.spells else None:
        case Implied(by, given) if value == given:
            return {by: samples(route, by)[0]}
    return {}


def _needed_value(route: Route, rule: OnlyWhen | Requires) -> Any:
    """What the other parameter of the rule has to be, or may be."""
    return rule.equals if isinstance(rule, OnlyWhen) else samples(route, rule.other)[0]


def passing(route: Route, rule: When) -> Any:
    """A value that the rule's parameter may have while the rule holds."""
    return next(one for one in samples(route, rule.name) if not rule.rule.check(rule.name, one))


def nested(path: str, value: Any) -> dict[str, Any]:
    """``a.b`` and 1 -> ``{"a": {"b": 1}}``."""
    for name in reversed(path.split(".")):
        value = {name: value}
    return dict(value)


def parameter_at(route: Route, path: str) -> Parameter | None:
    """The parameter, or the part of one, at a dotted path of a route."""
    first, *rest = path.split(".")
    found = route.accepted.get(first)
    for name in rest:
        found = next((part for part in found.parts if part.name == name), None) if found else None
    return found


def links(count: int) -> list[str]:
    return [f"https://pictures.example/{number}.png" for number in range(count)]


def items(parameter: Parameter, count: int) -> list[Any]:
    """A list of so many: pictures for ``image``, what it takes or anything for others."""
    if parameter.name == "image":
        return links(count)
    free = _FREE[parameter.items or dict][0]
    return [{"id": at} if free == _FREE[dict][0] else free for at in range(count)]


def as_taken(route: Route, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given, and what the route does not go without; links as files where pictures
    travel in a form, as not all take both."""
    needed = {one.name: samples(route, one.name)[0] for one in route.required}
    given = {**needed, **given}
    forms = [
        name
        for name, one in route.spells.items()
        if one.carried.carriage is Carriage.FORM and name in given
    ]
    return {**given, **{name: _files(given[name]) for name in forms}}


def _files(value: Any) -> Any:
    """Pictures in place of `links`: the further down the list, the wider."""
    if isinstance(value, list):
        return [_files(one) for one in value]
    number = int(value.rpartition("/")[2].removesuffix(".png"))
    return f"data:image/png;base64,{picture_base64(number + 1)}"


def text(unit: str, count: int) -> str:
    """A text of exactly so many characters, words or Chinese characters."""
    if unit == "words":
        return "word " * count
    return ("鹭" if unit == "Chinese characters" else "h") * count


def _root(path: str) -> str:
    return path.partition(".")[0]


def _of_parameter(parameter: Parameter) -> list[Any]:
    for rule in parameter.rules:
        if isinstance(rule, Enum):
            return list(rule.values)
        if isinstance(rule, Range):
            return [rule.minimum, rule.maximum]
    lengths = [rule for rule in parameter.rules if isinstance(rule, Length)]
    if parameter.type is list:
        return _lists(parameter, lengths)
    if parameter.type is dict and parameter.parts:
        return _objects(parameter)
    if parameter.name == "mask":
        return links(2)
    if parameter.type is str and lengths and not lengths[0].advice:
        least = max(lengths[0].minimum, 1)
        return [letter * least for letter in "hc"]
    return list(_FREE[parameter.type])


def _lists(parameter: Parameter, lengths: list[Length]) -> list[Any]:
    most = min((rule.maximum for rule in lengths), default=2)
    least = max((rule.minimum for rule in lengths), default=1) or 1
    if most > least:
        return [items(parameter, least), items(parameter, least + 1)]
    return [items(parameter, least), items(parameter, least + 1)[1:]]


def _objects(parameter: Parameter) -> list[Any]:
    """Every part with its first value, then each part alone with another."""
    values = {part.name: _of_parameter(part) for part in parameter.parts}
    first = {name: found[0] for name, found in values.items()}
    return [first, *({**first, name: found[-1]} for name, found in values.items())]


def _shapes(route: Route, name: str) -> list[Any]:
    sizes = route.sizes
    if sizes is None:
        return list(_FREE[str])
    if name == "resolution":
        return list(sizes.tiers)
    if name == "ratio":
        return list(sizes.ratios or ("1:1", "2:1"))
    found = _sizes(sizes, route.spells.get("size", Spell("size")))
    apart = [one for one in found if "resolution" not in route.spells or one not in sizes.tiers]
    return apart or found  # a tier goes to its own field, where there is one


def _sizes(sizes: Sizes, spelled: Spell) -> list[str]:
    limits = Limits.of(sizes, Sizes())
    found = [
        *sizes.cells,
        *sizes.besides,
        *([sizes.default_pixels] if sizes.default_pixels else []),
    ]
    found += [one.inside for one in extents(limits) if one.inside]
    if sizes.custom:
        found += [size for size in ((1024, 1024), (512, 512)) if not limits.broken(size)]
    # Of two fields, a width and a height, a tier needs a word of the host's own.
    own, apart = spelled.values or {}, len(spelled.fields) == 2
    words = [tier for tier in sizes.tiers if tier in own or not apart]
    return [*dict.fromkeys(map(as_size, found)), *words]
