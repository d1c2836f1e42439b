"""The arithmetic of picture sizes.

A caller says a size in one of several ways: exact pixels (``2048x2048``), a tier
(``2K``), a ratio (``16:9``), a ratio at a tier, or ``auto``. `Geometry` is all of them
in one value. `Sizes` is what a model takes: its tiers, its table of tier x ratio ->
pixels, and the limits on pixels of the caller's own choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property, lru_cache
from math import isqrt

from attrs import define, field, frozen

from imagekit.limits.fact import Fact
from imagekit.values import Problem

__all__ = ["AUTO", "TIERS", "Geometry", "Pixels", "Sizes", "parse_ratio", "parse_size", "show"]

Pixels = tuple[int, int]  # (width, height)

AUTO = "auto"
#: Tiers by name, smallest first: the long-standing words for "about this many pixels".
TIERS = ("512", "1K", "1.5K", "2K", "3K", "4K")

_SIZE = re.compile(r"([1-9]\d{0,5})x([1-9]\d{0,5})", re.ASCII)
_RATIO = re.compile(r"([1-9]\d{0,3}):([1-9]\d{0,3})", re.ASCII)


def show(pixels: Pixels) -> str:
    """``(2048, 2048)`` -> ``"2048x2048"``."""
    return f"{pixels[0]}x{pixels[1]}"


@lru_cache(maxsize=256)
def parse_size(text: str) -> Pixels | str | None:
    """``"2048x2048"`` -> pixels, ``"2k"`` -> ``"2K"``, ``"auto"`` -> ``"auto"``, else None."""
    match = _SIZE.fullmatch(text)
    if match:
        return int(match[1]), int(match[2])
    upper = text.upper()
    if upper in TIERS:
        return upper
    return AUTO if upper == "AUTO" else None


@lru_cache(maxsize=256)
def parse_ratio(text: str) -> Fraction | None:
    """``"16:9"`` -> ``Fraction(16, 9)``, else None."""
    match = _RATIO.fullmatch(text)
    return Fraction(int(match[1]), int(match[2])) if match else None


@frozen
class Geometry:
    """What the caller asked for, in one value. At most one of pixels and tier is set.

    ``ratio`` is kept as it was written (``"16:9"``); compare with `parse_ratio`.
    """

    pixels: Pixels | None = None
    ratio: str | None = None
    tier: str | None = None
    auto: bool = False


@define(frozen=True, slots=False, eq=False)
class Sizes:
    """What sizes a model takes.

    Attributes:
        tiers: tier names accepted as they are, e.g. ``("2K", "4K")``.
        table: tier -> ratio -> the pixels the vendor documents for it.
        custom: any width and height within the limits below is accepted, too.
        min_pixels, max_pixels: limits on width x height; both allowed.
        min_ratio, max_ratio: limits on width / height, as exact fractions; both allowed.
        multiple: both sides must be divisible by it.
        min_side, max_side: limits on each side; both allowed.
        default_tier: the tier of the pixels that come when nothing is asked.
        auto: the model can be told ``auto`` (it then decides).
    """

    tiers: tuple[str, ...] = ()
    table: Mapping[str, Mapping[str, Pixels]] = field(factory=dict)
    custom: bool = True
    min_pixels: int = 1
    max_pixels: int = 1 << 32
    min_ratio: Fraction = Fraction(1, 100)
    max_ratio: Fraction = Fraction(100)
    multiple: int = 1
    min_side: int = 1
    max_side: int = 1 << 16
    default_tier: str | None = None
    auto: bool = False
    fact: Fact | None = None

    @cached_property
    def cells(self) -> dict[Pixels, tuple[str, str]]:
        """pixels -> (tier, ratio) for every cell of the table at a tier that is offered."""
        return {
            pixels: (tier, ratio)
            for tier, row in self.table.items()
            if tier in self.tiers
            for ratio, pixels in row.items()
        }

    def cell(self, tier: str | None, ratio: str) -> Pixels | None:
        """The documented pixels of ``ratio`` (``32:18`` counts as ``16:9``) at ``tier``."""
        row = self.table.get(tier or "", {})
        if ratio in row:
            return row[ratio]
        wanted = parse_ratio(ratio)
        return next((cell for known, cell in row.items() if parse_ratio(known) == wanted), None)

    def accepts(self, pixels: Pixels) -> bool:
        """Whether exactly these pixels can be asked for."""
        if not self.custom:
            return pixels in self.cells
        width, height = pixels
        return (
            self.min_pixels <= width * height <= self.max_pixels
            and self.min_ratio * height <= width <= self.max_ratio * height
            and width % self.multiple == 0 == height % self.multiple
            and self.min_side <= min(width, height)
            and max(width, height) <= self.max_side
        )

    def problem(self, pixels: Pixels, field: str = "size") -> Problem | None:
        """What is wrong with these pixels, with the nearest size that would pass."""
        if self.accepts(pixels):
            return None
        nearest = self.nearest(pixels)
        hint = f"; nearest: {show(nearest)}" if nearest else ""
        if nearest and nearest[0] * pixels[1] == nearest[1] * pixels[0]:
            hint = f"; nearest with the same ratio: {show(nearest)}"
        area = f"{show(pixels)} is {pixels[0] * pixels[1]:,} px"
        return Problem(
            field,
            f"{area}; the model takes {self.describe()}{hint}",
            show(pixels),
            show(nearest) if nearest else None,
        )

    def nearest(self, pixels: Pixels) -> Pixels | None:
        """The accepted size whose sides change least, by their larger relative change.

        Searches every possible width, so it is exact; only ever called once something
        is wrong. Changing both sides alike is the least change, so the ratio survives
        wherever the limits and whole pixels allow it.
        """
        candidates = self._custom_near(pixels) if self.custom else iter(self.cells)
        return min(candidates, key=lambda other: _distance(pixels, other), default=None)

    def _custom_near(self, pixels: Pixels) -> Iterator[Pixels]:
        """For every accepted width, the accepted height closest to the one wanted."""
        widest = min(self.max_side, isqrt(int(self.max_pixels * self.max_ratio)))
        step = self.multiple
        for width in range(-(-self.min_side // step) * step, widest + 1, step):
            low = max(self.min_side, -(-self.min_pixels // width), _ceil(width / self.max_ratio))
            high = min(self.max_side, self.max_pixels // width, int(width / self.min_ratio))
            low, high = -(-low // step) * step, high // step * step
            if low <= high:
                below = pixels[1] // step * step
                for height in {min(max(below, low), high), min(max(below + step, low), high)}:
                    yield width, height

    def describe(self) -> str:
        """The limits in words."""
        if not self.custom:
            return "only the sizes of its table"
        parts = [f"{self.min_pixels:,} to {self.max_pixels:,} px"]
        parts.append(f"ratios {self.min_ratio} to {self.max_ratio}")
        if self.multiple > 1:
            parts.append(f"multiples of {self.multiple}")
        if self.min_side > 1 or self.max_side < 1 << 16:
            parts.append(f"sides {self.min_side} to {self.max_side}")
        return ", ".join(parts)

    def ratio_problem(self, ratio: str, field: str = "ratio") -> Problem | None:
        """What is wrong with asking for this ratio at all."""
        wanted = parse_ratio(ratio)
        assert wanted is not None  # callers parse first
        if self.custom and self.min_ratio <= wanted <= self.max_ratio:
            return None
        known = self.ratios
        nearest: str | None
        if not self.custom and any(parse_ratio(name) == wanted for name in known):
            return None
        if self.custom:
            limit = self.min_ratio if wanted < self.min_ratio else self.max_ratio
            nearest = f"{limit.numerator}:{limit.denominator}"
            span = f"from {_label(self.min_ratio)} to {_label(self.max_ratio)}"
        else:
            nearest = min(known, key=lambda name: _ratio_distance(name, wanted), default=None)
            span = "one of " + ", ".join(known)
        if nearest is None:
            return Problem(field, "can't be chosen: the model has no table of ratios", ratio)
        return Problem(field, f"{ratio} is not {span}; nearest: {nearest}", ratio, nearest)

    @property
    def ratios(self) -> tuple[str, ...]:
        """Every ratio the table names, in its order."""
        return tuple(dict.fromkeys(ratio for row in self.table.values() for ratio in row))

    def near_ratio(self, tier: str, ratio: str) -> Pixels | None:
        """An accepted size of about the tier's area, of exactly this ratio if there is one."""
        square = self.cell(tier, "1:1")
        wanted = parse_ratio(ratio)
        if square is None or wanted is None:
            return None
        area = Fraction(square[0] * square[1])
        scale = isqrt(int(area / (wanted.numerator * wanted.denominator)))
        for factor in sorted(range(max(1, scale - 64), scale + 65), key=lambda f: abs(f - scale)):
            exact = wanted.numerator * factor, wanted.denominator * factor
            if self.accepts(exact):
                return exact
        return self.nearest((isqrt(int(area * wanted)), max(1, isqrt(int(area / wanted)))))


def _label(ratio: Fraction) -> str:
    return f"{ratio.numerator}:{ratio.denominator}"


def _ceil(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


def _distance(wanted: Pixels, other: Pixels) -> tuple[float, int, Pixels]:
    """How far apart two sizes are: the larger relative change of a side, then the sum."""
    width, height = wanted
    changes = (
        max(width, other[0]) / min(width, other[0]),
        max(height, other[1]) / min(height, other[1]),
    )
    return max(changes), abs(width - other[0]) + abs(height - other[1]), other


def _ratio_distance(name: str, wanted: Fraction) -> Fraction:
    known = parse_ratio(name)
    assert known is not None
    return max(known / wanted, wanted / known)
