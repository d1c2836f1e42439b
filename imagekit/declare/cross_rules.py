"""Rules about several parameters, as values: each looks at all that are given, and can check them
and describe itself in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from imagekit.basics.classes import evolve, frozen
from imagekit.declare.rules import CrossRule, Rule
from imagekit.values import Problem

__all__ = [
    "Excludes",
    "NotWhen",
    "OnlyWhen",
    "Requires",
    "SumAtMost",
    "When",
    "look_up",
]


@frozen
class SumAtMost(CrossRule):
    """Counts and numbers that together may not pass ``limit``.

    A list counts its items, a number itself, a parameter not given nothing.
    """

    terms: tuple[str, ...]
    limit: int

    def check(self, values: Mapping[str, Any]) -> Iterable[Problem]:
        terms = {term: _count(look_up(values, term)) for term in self.terms}
        counts = {term: count for term, count in terms.items() if count}
        total = sum(counts.values())
        if total > self.limit:
            last = [*counts][-1]
            room = self.limit - (total - counts[last])
            nearest = room if room >= 1 else None
            yield Problem(last, self._message(counts, total), counts[last], nearest)

    def _message(self, counts: Mapping[str, int], total: int) -> str:
        if len(counts) == 1:
            return f"{total} are too many; {self.describe()}"
        parts = " + ".join(f"{count} {term}" for term, count in counts.items())
        return f"{parts} are {total}; at most {self.limit} together"

    def describe(self) -> str:
        return f"{' + '.join(self.terms)} at most {self.limit}"


@frozen
class Requires(CrossRule):
    """``name`` may be given only together with ``other``."""

    name: str
    other: str

    def check(self, values: Mapping[str, Any]) -> Iterable[Problem]:
        if look_up(values, self.name) is not None and look_up(values, self.other) is None:
            yield Problem(self.name, f"needs {self.other} as well", look_up(values, self.name))

    def describe(self) -> str:
        return f"{self.name} needs {self.other}"


@frozen
class Excludes(CrossRule):
    """``name`` and ``other`` may not be given together."""

    name: str
    other: str

    def check(self, values: Mapping[str, Any]) -> Iterable[Problem]:
        if look_up(values, self.name) is not None and look_up(values, self.other) is not None:
            yield Problem(
                self.name, f"can't be given together with {self.other}", look_up(values, self.name)
            )

    def describe(self) -> str:
        return f"{self.name} excludes {self.other}"


@frozen
class OnlyWhen(CrossRule):
    """``name`` has an effect only when ``other`` equals ``equals``; alone it is a mistake."""

    name: str
    other: str
    equals: Any

    def check(self, values: Mapping[str, Any]) -> Iterable[Problem]:
        if look_up(values, self.name) is None or look_up(values, self.other) == self.equals:
            return
        yield Problem(
            self.name,
            f"has an effect only with {self.other}={self.equals!r}",
            look_up(values, self.name),
        )

    def describe(self) -> str:
        return f"{self.name} only with {self.other}={self.equals!r}"


@frozen
class NotWhen(CrossRule):
    """``name`` has no effect when ``other`` equals ``equals``; together they are a mistake."""

    name: str
    other: str
    equals: Any

    def check(self, values: Mapping[str, Any]) -> Iterable[Problem]:
        value = look_up(values, self.name)
        if value is not None and look_up(values, self.other) == self.equals:
            yield Problem(self.name, f"has no effect with {self.other}={self.equals!r}", value)

    def describe(self) -> str:
        return f"{self.name} not with {self.other}={self.equals!r}"


@frozen
class When(CrossRule):
    """While ``other`` equals ``equals``, ``name`` has to pass ``rule`` as well; with
    ``needed`` it also has to be given.
    """

    other: str
    equals: Any
    name: str
    rule: Rule
    needed: bool = False

    def check(self, values: Mapping[str, Any]) -> Iterable[Problem]:
        if look_up(values, self.other) != self.equals:
            return
        value, condition = look_up(values, self.name), f"with {self.other}={self.equals!r}"
        if value is None:
            if self.needed:
                yield Problem(self.name, f"is needed {condition}: {self.rule.describe()}")
            return
        problem = self.rule.check(self.name, value)
        if problem:
            yield evolve(problem, message=f"{condition}: {problem.message}")

    def describe(self) -> str:
        verb = "needs" if self.needed else "allows"
        return f"{self.other}={self.equals!r} {verb} {self.name} {self.rule.describe()}"


def look_up(values: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, or None."""
    if path in values or "." not in path:
        return values.get(path)
    place: Any = values
    for part in path.split("."):
        if not isinstance(place, Mapping) or part not in place:
            return None
        place = place[part]
    return place


def _count(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, list | tuple):
        return len(value)
    return int(value)
