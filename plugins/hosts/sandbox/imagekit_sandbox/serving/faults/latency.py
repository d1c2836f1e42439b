"""How long an upstream takes: a distribution, drawn from so that it repeats."""

from __future__ import annotations

import math
from random import Random

from attrs import frozen

__all__ = ["Latency", "read_latency"]

FORMS = "0.5, uniform:0.1,0.5 (least, most) or lognormal:0.8,0.4 (median, sigma)"


@frozen
class Latency:
    """``kind`` is fixed, uniform or lognormal; ``first`` and ``second`` its numbers."""

    kind: str = "fixed"
    first: float = 0.0
    second: float = 0.0

    def seconds(self, chance: Random) -> float:
        if self.kind == "uniform":
            return chance.uniform(self.first, self.second)
        if self.kind == "lognormal":
            return chance.lognormvariate(math.log(self.first), self.second)
        return self.first


def read_latency(text: str) -> Latency:
    """A distribution as people write it.

    Raises:
        ValueError: it is none; says what would be.
    """
    kind, colon, numbers = text.partition(":")
    try:
        values = [float(number) for number in (numbers if colon else text).split(",")]
    except ValueError:
        values = []
    kind = kind.strip() if colon else "fixed"
    usable = all(0 <= value <= 600 for value in values)
    if usable and kind == "fixed" and len(values) == 1:
        return Latency(kind, values[0])
    if usable and kind == "uniform" and len(values) == 2 and values[0] <= values[1]:
        return Latency(kind, *values)
    if usable and kind == "lognormal" and len(values) == 2 and values[0] > 0:
        return Latency(kind, *values)
    raise ValueError(f"{text!r} is no latency in seconds; write {FORMS}")
