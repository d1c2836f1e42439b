"""Rules about one parameter, as values: each can check, describe itself in words, and give what
it can of itself as JSON Schema. For rules about several see `imagekit.declare.cross_rules`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from attrs import field

from imagekit.basics.classes import frozen
from imagekit.basics.closest import closest
from imagekit.declare import checks
from imagekit.values import Problem

__all__ = ["CrossRule", "Enum", "Length", "Range", "Rule"]

#: What a length is counted in.
UNITS = ("characters", "words", "Chinese characters", "items")


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


def _in_order(rule: Rule, minimum: float, maximum: float) -> None:
    if minimum > maximum:
        raise ValueError(
            f"no value is within a {type(rule).__name__} from {minimum} to {maximum}; "
            "its minimum is the smaller one"
        )


class CrossRule:
    """A rule about several parameters. Only given ones are in ``values``."""

    def check(self, values: Mapping[str, Any]) -> Iterable[Problem]:
        raise NotImplementedError

    def describe(self) -> str:
        raise NotImplementedError


@frozen
class Range(Rule):
    """A number from ``minimum`` to ``maximum``, both allowed."""

    minimum: float | int = field(validator=checks.one(int, float, right="a number"))
    maximum: float | int = field(validator=checks.one(int, float, right="a number"))

    def __attrs_post_init__(self) -> None:
        _in_order(self, self.minimum, self.maximum)

    def check(self, name: str, value: Any) -> Problem | None:
        if self.minimum <= value <= self.maximum:
            return None
        nearest = self.minimum if not value > self.minimum else self.maximum
        return Problem(name, f"{value} is not {self.describe()}", value, nearest)

    def describe(self) -> str:
        return f"from {self.minimum} to {self.maximum}"

    def schema(self) -> dict[str, Any]:
        return {"minimum": self.minimum, "maximum": self.maximum}


def _some_values(rule: Enum, attribute: Any, value: Any) -> None:
    if not isinstance(value, tuple) or not value:
        comma = f"; a tuple of one has a comma: ({value!r},)" if isinstance(value, str) else ""
        raise TypeError(f"values of Enum is a tuple of those that may be given{comma}: {value!r}")


@frozen
class Enum(Rule):
    """One of the listed values."""

    values: tuple[Any, ...] = field(validator=_some_values)

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
    """Runs of ideographs of the CJK blocks (Unicode 16.0), each a Chinese character.

    Compiled at first use: that takes longer than the rest of this module.
    """
    return re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")


@frozen
class Length(Rule):
    """At most ``maximum`` ``unit``: characters, words, Chinese characters or items.

    With ``advice`` the vendor only recommends it, and the call goes on with a note.
    """

    maximum: int = field(validator=checks.one(int, right="a whole number"))
    minimum: int = field(default=0, validator=checks.one(int, right="a whole number"))
    unit: str = field(
        default="characters", validator=checks.choice(UNITS, f"one of {', '.join(UNITS)}")
    )
    advice: bool = field(default=False, validator=checks.flag)

    def __attrs_post_init__(self) -> None:
        _in_order(self, self.minimum, self.maximum)

    def check(self, name: str, value: Any) -> Problem | None:
        if not self.minimum and len(value) <= self.maximum:
            return None  # of no unit are there more than characters: nothing has to be counted
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
            return 0 if value.isascii() else len(value) - len(_cjk().sub("", value))
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
