"""What a model accepts, as values: facts, rules, and the arithmetic of sizes."""

from imagekit.limits.fact import Fact, State
from imagekit.limits.geometry import AUTO, Geometry, Sizes, parse_ratio, parse_size
from imagekit.limits.rules import (
    CrossRule,
    Enum,
    Excludes,
    Length,
    OnlyWhen,
    Range,
    Requires,
    Rule,
    SumAtMost,
)

__all__ = [
    "AUTO",
    "CrossRule",
    "Enum",
    "Excludes",
    "Fact",
    "Geometry",
    "Length",
    "OnlyWhen",
    "Range",
    "Requires",
    "Rule",
    "Sizes",
    "State",
    "SumAtMost",
    "parse_ratio",
    "parse_size",
]
