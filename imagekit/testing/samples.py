"""Values that a route should take, made from what it declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagekit.family import Parameter
from imagekit.limits.geometry import Sizes, show
from imagekit.limits.rules import Enum, Length, OnlyWhen, Range, Requires
from imagekit.limits.translate import SHAPE
from imagekit.registry import Route
from imagekit.testing.extents import Limits, extents

__all__ = ["companions", "items", "links", "nested", "parameter_at", "samples", "text"]

_FREE: Mapping[type, tuple[Any, ...]] = {
    str: ("heron", "crane"),
    int: (1, 2),
    float: (0.25, 0.5),
    bool: (True, False),
    dict: ({"key": "heron"}, {"key": "crane"}),
}


def samples(route: Route, name: str) -> list[Any]:
    """Values of a parameter that this route should take; two that differ, if there are."""
    if name in SHAPE:
        return _shapes(route, name)
    return _of_parameter(route.accepted[name])


def companions(route: Route, name: str) -> dict[str, Any]:
    """What has to be given together with a parameter, by the rules of the route."""
    found: dict[str, Any] = {}
    waiting = [name]
    while waiting:
        wanted = waiting.pop()
        for rule in route.rules:
            if not isinstance(rule, OnlyWhen | Requires) or _root(rule.name) != _root(wanted):
                continue
            other = _root(rule.other)
            if other in found or other == name or other not in route.accepted:
                continue
            sample = rule.equals if isinstance(rule, OnlyWhen) else samples(route, rule.other)[0]
            found |= nested(rule.other, sample)
            waiting.append(other)
    return found


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


def items(name: str, count: int) -> list[Any]:
    """A list of so many: pictures for ``image``, anything for others."""
    return links(count) if name == "image" else [{"id": number} for number in range(count)]


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
        return _lists(parameter.name, lengths)
    if parameter.type is dict and parameter.parts:
        return _objects(parameter)
    if parameter.name == "mask":
        return links(2)
    if parameter.type is str and lengths and not lengths[0].advice:
        least = max(lengths[0].minimum, 1)
        return [letter * least for letter in "hc"]
    return list(_FREE[parameter.type])


def _lists(name: str, lengths: list[Length]) -> list[Any]:
    most = min((rule.maximum for rule in lengths), default=2)
    least = max((rule.minimum for rule in lengths), default=1) or 1
    if most > least:
        return [items(name, least), items(name, least + 1)]
    return [items(name, least), items(name, least + 1)[1:]]


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
    return _sizes(sizes)


def _sizes(sizes: Sizes) -> list[str]:
    limits = Limits.of(sizes, Sizes())
    found = [
        *sizes.cells,
        *sizes.besides,
        *([sizes.default_pixels] if sizes.default_pixels else []),
    ]
    found += [one.inside for one in extents(limits) if one.inside]
    if sizes.custom:
        found += [size for size in ((1024, 1024), (512, 512)) if not limits.broken(size)]
    return [*dict.fromkeys(map(show, found)), *sizes.tiers]
