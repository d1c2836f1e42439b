"""Rules are values. A rule about one parameter looks at its value; a rule about
several looks at them all. Each can check, describe itself in words, and give what it
can of itself as JSON Schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from attrs import evolve, frozen

from imagekit.basics.closest import closest
from imagekit.values import Problem

__all__ = [
    "CrossRule",
    "Enum",
    "Excludes",
    "Length",
    "NotWhen",
    "OnlyWhen",
    "Range",
    "Requires",
    "Rule",
    "SumAtMost",
    "When",
    "look_up",
]


class Rule:
    """A rule about one parameter's value."""

    def check(self, name: str, value: Any) -> Problem | None:
        """The problem with ``value``, or None."""
        raise NotImplementedError

    def describe(self) -> str:
        """The rule in words, to stand after the parameter's name."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """What JSON Schema can say of this rule."""
        return {}


@frozen
class Range(Rule):
    """A number from ``minimum`` to ``maximum``, both allowed."""

    minimum: float | int
    maximum: float | int

    def check(self, name: str, value: Any) -> Problem | None:
        if self.minimum <= value <= self.maximum:
            return None
        nearest = self.minimum if not value > self.minimum else self.maximum
        return Problem(name, f"{value} is not {self.describe()}", value, nearest)

    def describe(self) -> str:
        return f"from {self.minimum} to {self.maximum}"

    def schema(self) -> dict[str, Any]:
        return {"minimum": self.minimum, "maximum": self.maximum}


@frozen
class Enum(Rule):
    """One of the listed values."""

    values: tuple[Any, ...]

    def check(self, name: str, value: Any) -> Problem | None:
        if value in self.values:
            return None
        nearest = self._nearest(value)
        hint = "" if nearest is None else f"; did you mean {nearest!r}?"
        return Problem(name, f"{value!r} is not {self.describe()}{hint}", value, nearest)

    def _nearest(self, value: Any) -> Any:
        """Of numbers the one least away, of words the one spelled most like it."""
        if isinstance(value, int | float) and all(isinstance(n, int | float) for n in self.values):
            return min(self.values, key=lambda known: abs(known - value), default=None)
        known = {str(word): word for word in self.values}
        near = closest(str(value), known)
        return known[near[0]] if near else None

    def describe(self) -> str:
        return "one of " + ", ".join(map(str, self.values))

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.values)}


@cache
def _cjk() -> re.Pattern[str]:
    """Ideographs of the CJK blocks (Unicode 16.0), each counted as a Chinese character.

    Compiled at first use: that takes longer than the rest of this module.
    """
    return re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@frozen
class Length(Rule):
    """At most ``maximum`` ``unit``: characters, words, Chinese characters or items.

    With ``advice`` the vendor only recommends it, and the call goes on with a note.
    """

    maximum: int
    minimum: int = 0
    unit: str = "characters"
    advice: bool = False

    def check(self, name: str, value: Any) -> Problem | None:
        if self.unit in ("characters", "items") and self.minimum <= len(value) <= self.maximum:
            return None
        size = self._measure(value)
        if self.minimum <= size <= self.maximum:
            return None
        verb = "is" if self.maximum == 1 else "are"
        word = "recommended" if self.advice else "allowed"
        message = f"has {size:,} {self.unit}; {self.describe()} {verb} {word}"
        return Problem(name, message, size, advice=self.advice)

    def _measure(self, value: Any) -> int:
        if self.unit == "words":
            return len(value.split())
        if self.unit == "Chinese characters":
            return len(_cjk().findall(value))
        return len(value)

    def describe(self) -> str:
        if self.minimum == self.maximum:
            unit = self.unit.removesuffix("s") if self.maximum == 1 else self.unit
            return f"exactly {self.maximum:,} {unit}"
        if self.minimum:
            return f"{self.minimum:,} to {self.maximum:,} {self.unit}"
        return f"at most {self.maximum:,} {self.unit}"

    def schema(self) -> dict[str, Any]:
        if self.advice:
            return {}
        if self.unit == "items":
            return {"minItems": self.minimum, "maxItems": self.maximum}
        if self.unit == "characters":
            return {"minLength": self.minimum, "maxLength": self.maximum}
        return {}


# --- rules about several parameters ----------------------------------------------


class CrossRule:
    """A rule about several parameters. Only given ones are in ``values``."""

    def check(self, values: Mapping[str, Any]) -> Iterable[Problem]:
        raise NotImplementedError

    def describe(self) -> str:
        raise NotImplementedError


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


# --- helpers ---------------------------------------------------------------------


def look_up(values: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, or None."""
    if path in values:
        return values[path]
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
