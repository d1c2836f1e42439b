"""The boundaries of rules about several parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from imagekit.basics.classes import frozen
from imagekit.declare.cross_rules import (
    Excludes,
    NotWhen,
    OnlyWhen,
    Requires,
    SumAtMost,
    When,
)
from imagekit.declare.rules import CrossRule, Length, Range
from imagekit.plan.routes.route import Route
from imagekit.testing.kit.samples import companions, items, nested, parameter_at, passing, samples

__all__ = ["KNOWN", "Crossing", "crossings"]


@frozen(eq=False)
class Crossing:
    """A call on either side of a rule about several parameters; see `Boundary`."""

    label: str
    given: Mapping[str, Any]
    accepted: bool
    field: str
    value: Any
    bound: str


def crossings(route: Route) -> Iterator[Crossing]:
    """Calls that keep each rule and calls that break it, as far as the route can say them."""
    for rule in route.rules:
        cases = _CASES.get(type(rule))
        if cases is not None:
            yield from cases(route, rule)


def _sayable(route: Route, *paths: str) -> bool:
    return all(parameter_at(route, path) is not None for path in paths)


def _merged(*given: Mapping[str, Any]) -> dict[str, Any]:
    """All of these; of objects, all of their parts."""
    found: dict[str, Any] = {}
    for one in given:
        for name, value in one.items():
            both = isinstance(value, Mapping) and isinstance(found.get(name), Mapping)
            found[name] = {**found[name], **value} if both else value
    return found


def _one(route: Route, path: str) -> Any:
    """A value for the parameter, or the part of one, at this path."""
    found: Any = samples(route, path.partition(".")[0])[0]
    for name in path.split(".")[1:]:
        found = found[name]
    return found


def _without(given: Mapping[str, Any], path: str) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name != path.partition(".")[0]}


def _only_when(route: Route, rule: Any) -> Iterator[Crossing]:
    if not _sayable(route, rule.name):
        return
    value, more = _one(route, rule.name), companions(route, rule.name)
    given, told = nested(rule.name, value), (rule.name, value, rule.other)
    if _sayable(route, rule.other):
        yield Crossing(rule.describe(), _merged(more, given), True, *told)
    yield Crossing(
        f"not: {rule.describe()}", _merged(_without(more, rule.other), given), False, *told
    )


def _excludes(route: Route, rule: Any) -> Iterator[Crossing]:
    if not _sayable(route, rule.name, rule.other):
        return
    value, more = _one(route, rule.name), companions(route, rule.name)
    equals = rule.equals if isinstance(rule, NotWhen) else _one(route, rule.other)
    given, told = _merged(more, nested(rule.name, value)), (rule.name, value, rule.other)
    yield Crossing(rule.describe(), given, True, *told)
    other = _merged(companions(route, rule.other), nested(rule.other, equals))
    yield Crossing(f"not: {rule.describe()}", _merged(given, other), False, *told)


def _when(route: Route, rule: Any) -> Iterator[Crossing]:
    if not _sayable(route, rule.name, rule.other):
        return
    more = _merged(companions(route, rule.other), nested(rule.other, rule.equals))
    within = nested(rule.name, passing(route, rule))
    told = rule.name, None, str(rule.equals)
    yield Crossing(rule.describe(), _merged(more, within), True, *told)
    if rule.needed:
        yield Crossing(f"none: {rule.describe()}", _without(more, rule.name), False, *told)
    beyond = [one for one in samples(route, rule.name) if rule.rule.check(rule.name, one)]
    for one in beyond[:1]:
        given = _merged(_without(more, rule.name), nested(rule.name, one))
        yield Crossing(f"not: {rule.describe()}", given, False, *told)


def _sum(route: Route, rule: Any) -> Iterator[Crossing]:
    terms = [term for term in rule.terms if _sayable(route, term)]
    for order in (terms, terms[::-1]):
        for total, accepted in ((rule.limit, True), (rule.limit + 1, False)):
            counts = _shared(route, order, total)
            if counts is None:
                continue
            blamed = [term for term in rule.terms if counts.get(term)][-1]
            parts = [_counted(route, term, count) for term, count in counts.items() if count]
            label = " + ".join(f"{count} {term}" for term, count in counts.items())
            told = blamed, counts[blamed], str(rule.limit)
            yield Crossing(label, _merged(*parts), accepted, *told)


def _shared(route: Route, terms: list[str], total: int) -> dict[str, int] | None:
    """So much of each as its own rules allow, the first ones most; None if it can't be."""
    counts: dict[str, int] = {}
    for term in terms:
        least, most = _own_bounds(route, term)
        share = min(total, total if most is None else most)
        counts[term] = share if share >= least else 0
        total -= counts[term]
    return counts if total == 0 else None


def _own_bounds(route: Route, term: str) -> tuple[int, int | None]:
    parameter = parameter_at(route, term)
    for rule in parameter.rules if parameter else ():
        if isinstance(rule, Length | Range):
            return int(rule.minimum), int(rule.maximum)
    return 0, None


def _counted(route: Route, term: str, count: int) -> dict[str, Any]:
    parameter = parameter_at(route, term)
    value = items(parameter, count) if parameter and parameter.type is list else count
    return _merged(companions(route, term), nested(term, value))


_CASES: Mapping[type[CrossRule], Callable[[Route, Any], Iterator[Crossing]]] = {
    OnlyWhen: _only_when,
    Requires: _only_when,
    Excludes: _excludes,
    NotWhen: _excludes,
    SumAtMost: _sum,
    When: _when,
}
#: The rules that are taken apart here.
KNOWN = tuple(_CASES)
