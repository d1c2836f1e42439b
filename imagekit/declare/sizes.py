"""The arithmetic of picture sizes.

A caller says a size in one of several ways: exact pixels (``2048x2048``), a tier
(``2K``), a ratio (``16:9``), a ratio at a tier, or ``auto``. `Geometry` is all of them
in one value. `Sizes` is what a model takes: its tiers, its table of tier x ratio ->
pixels, and the limits on pixels of the caller's own choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import chain
from math import gcd, isqrt, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import Attribute, field

from imagekit.basics.classes import frozen
from imagekit.values import Problem

if TYPE_CHECKING:
    from imagekit.declare.fact import Fact

__all__ = [
    "AUTO",
    "SIZE_PARAMETERS",
    "TIERS",
    "Geometry",
    "Pixels",
    "Sizes",
    "as_size",
    "parse_ratio",
    "parse_size",
]

Pixels = tuple[int, int]  # (width, height)
Ratio = tuple[int, int]  # width : height, in lowest terms

#: The parameters that together say one geometry.
SIZE_PARAMETERS = ("size", "ratio", "resolution")
AUTO = "auto"
#: Tiers by name, smallest first: the long-standing words for "about this many pixels".
TIERS = ("512", "1K", "1.5K", "2K", "3K", "4K", "8K")

_SIZE = re.compile(r"([1-9]\d{0,5})x([1-9]\d{0,5})", re.ASCII)
_LONGEST = len("999999x999999")  # whatever is longer is no size, and is not remembered
_RATIO = re.compile(r"([1-9]\d{0,3}):([1-9]\d{0,3})", re.ASCII)


def as_size(pixels: Pixels) -> str:
    """``(2048, 2048)`` -> ``"2048x2048"``."""
    return f"{pixels[0]}x{pixels[1]}"


def parse_size(text: str) -> Pixels | str | None:
    """``"2048x2048"`` -> pixels, ``"2k"`` -> ``"2K"``, ``"auto"`` -> ``"auto"``, else None."""
    return _size(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=256)
def _size(text: str) -> Pixels | str | None:
    match = _SIZE.fullmatch(text)
    if match:
        return int(match[1]), int(match[2])
    upper = text.upper()
    if upper in TIERS:
        return upper
    return AUTO if upper == "AUTO" else None


def parse_ratio(text: str) -> Ratio | None:
    """``"32:18"`` -> ``(16, 9)``, else None."""
    return _ratio(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=256)
def _ratio(text: str) -> Ratio | None:
    match = _RATIO.fullmatch(text)
    return _lowest(int(match[1]), int(match[2])) if match else None


def _is_ratio(sizes: object, attribute: Attribute[str], value: str) -> None:
    if parse_ratio(value) is None:
        raise ValueError(f"{attribute.name} is {value!r}, which is no WIDTH:HEIGHT")


def _named_tiers(sizes: Sizes, attribute: Attribute[Any], value: Any) -> None:
    """A tier of another name would be asked for by nobody, and stand in no order."""
    for tier in [value] if isinstance(value, str) else value or ():
        if tier not in TIERS:
            names = ", ".join(TIERS)
            raise ValueError(f"{attribute.name} of Sizes has tiers by name ({names}), not {tier!r}")


class Geometry(NamedTuple):
    """What the caller asked for, in one value. At most one of pixels and tier is set.

    ``ratio`` is kept as it was written (``"16:9"``); compare with `parse_ratio`.
    """

    pixels: Pixels | None = None
    ratio: str | None = None
    tier: str | None = None
    auto: bool = False


@frozen(eq=False)
class Sizes:
    """What sizes a model takes.

    Attributes:
        tiers: tier names accepted as they are, e.g. ``("2K", "4K")``.
        table: tier -> ratio -> the pixels the vendor documents for it; that of ``default_tier`` is
            what a ratio alone means, also for a model without tiers.
        custom: any width and height within the limits below is accepted, too.
        min_pixels, max_pixels: limits on width x height; both allowed.
        min_ratio, max_ratio: limits on width : height, e.g. ``"1:16"``; both allowed.
        multiple: both sides must be divisible by it.
        min_side, max_side: limits on each side; both allowed.
        besides: sizes beyond those limits that the vendor lists all the same.
        default_tier: the tier of the pixels that come when nothing is asked.
        default_pixels: the same in pixels, for models without tiers.
        ratio_area: where no table says how many pixels a ratio is, and no tier: at most so many,
            width times height. That is the plugin's choice, and told in the receipt.
        named_ratios: ratios that can be asked for by name though nobody documents how
            many pixels they are.
        auto: the model can be told ``auto`` (it then decides).
    """

    tiers: tuple[str, ...] = field(default=(), validator=_named_tiers)
    table: Mapping[str, Mapping[str, Pixels]] = field(factory=dict, validator=_named_tiers)
    custom: bool = True
    min_pixels: int = 1
    max_pixels: int = 1 << 32
    min_ratio: str = field(default="1:100", validator=_is_ratio)
    max_ratio: str = field(default="100:1", validator=_is_ratio)
    multiple: int = 1
    min_side: int = 1
    max_side: int = 1 << 16
    besides: tuple[Pixels, ...] = ()
    default_tier: str | None = field(default=None, validator=_named_tiers)
    default_pixels: Pixels | None = None
    ratio_area: int | None = None
    named_ratios: tuple[str, ...] = ()
    auto: bool = False
    fact: Fact | None = None

    def __attrs_post_init__(self) -> None:
        for what in ("pixels", "side"):
            least, most = getattr(self, f"min_{what}"), getattr(self, f"max_{what}")
            if least > most:
                raise ValueError(f"no size has min_{what}={least} and max_{what}={most}")

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

    def may_be(self, tier: str, pixels: Pixels) -> bool:
        """Whether a picture of so many pixels may well be of a tier: a quarter more or less
        than the table has there, as the next tier is farther off. Anything may be one of which
        nobody documents the pixels."""
        areas = [width * height for width, height in self.table.get(tier, {}).values()]
        area = pixels[0] * pixels[1]
        return not areas or (3 * min(areas) <= 4 * area and 3 * area <= 4 * max(areas))

    def accepts(self, pixels: Pixels) -> bool:
        """Whether exactly these pixels can be asked for."""
        if not self.custom:
            return pixels in self.cells
        if pixels in self.besides:
            return True
        width, height = pixels
        return (
            self.min_pixels <= width * height <= self.max_pixels
            and self._narrow[0] * height <= width * self._narrow[1]
            and width * self._wide[1] <= self._wide[0] * height
            and width % self.multiple == 0 == height % self.multiple
            and self.min_side <= min(width, height)
            and max(width, height) <= self.max_side
        )

    def problem(self, pixels: Pixels, field: str = "size") -> Problem | None:
        """What is wrong with these pixels, with the nearest size that would pass."""
        if self.accepts(pixels):
            return None
        nearest = self.nearest(pixels)
        hint = f"; nearest: {as_size(nearest)}" if nearest else ""
        if nearest and nearest[0] * pixels[1] == nearest[1] * pixels[0]:
            hint = f"; nearest with the same ratio: {as_size(nearest)}"
        area = f"{as_size(pixels)} is {pixels[0] * pixels[1]:,} px"
        return Problem(
            field,
            f"{area}; the model takes {self.describe()}{hint}",
            as_size(pixels),
            as_size(nearest) if nearest else None,
        )

    def nearest(self, pixels: Pixels) -> Pixels | None:
        """The accepted size that looks most like the one wanted: see `_distance`.

        Searches every width that could be it, so it is exact; only ever called once
        something is wrong. The ratio survives wherever the limits and whole pixels allow
        it near by: a picture can be scaled, but not reshaped.
        """

        def distance(other: Pixels) -> tuple[float, int, Pixels]:
            return _distance(pixels, other)

        if not self.custom:
            return min(self.cells, key=distance, default=None)
        step, (most, least) = self.multiple, self._wide
        widest = min(self.max_side, isqrt(self.max_pixels * most // least))
        widths = range(-(-self.min_side // step) * step, widest + 1, step)
        rough = min(self._custom_near(pixels, widths[::64]), key=distance, default=None)
        if rough is not None:  # the best is no farther off than that, least of all in width
            off = distance(rough)[0]
            widths = range(
                max(widths.start, int(pixels[0] / off) // step * step),
                min(widest, int(pixels[0] * off) + step) + 1,
                step,
            )
        near = chain(self.besides, self._custom_near(pixels, widths))
        return min(near, key=distance, default=None)

    def _custom_near(self, pixels: Pixels, widths: Iterable[int]) -> Iterator[Pixels]:
        """For each of these widths, the accepted heights closest to the ratio wanted."""
        step, narrow, wide = self.multiple, self._narrow, self._wide
        for width in widths:
            low = max(self.min_side, -(-self.min_pixels // width), -(-width * wide[1] // wide[0]))
            high = min(self.max_side, self.max_pixels // width, width * narrow[1] // narrow[0])
            low, high = -(-low // step) * step, high // step * step
            if low <= high:
                below = width * pixels[1] // pixels[0] // step * step
                for height in {min(max(below, low), high), min(max(below + step, low), high)}:
                    yield width, height

    def describe(self) -> str:
        """The limits in words; those that nobody has set are not worth any."""
        if not self.custom and not self.table:
            return f"ratios {', '.join(self.ratios)}"
        if not self.custom:
            return "only the sizes of its table"
        free, parts = Sizes(), []
        if (self.min_pixels, self.max_pixels) != (free.min_pixels, free.max_pixels):
            least = f"{self.min_pixels:,} to" if self.min_pixels > 1 else "at most"
            parts.append(f"{least} {self.max_pixels:,} px")
        if (self.min_ratio, self.max_ratio) != (free.min_ratio, free.max_ratio):
            parts.append(f"ratios {self.min_ratio} to {self.max_ratio}")
        if self.multiple > 1:
            parts.append(f"multiples of {self.multiple}")
        if not parts or (self.min_side, self.max_side) != (free.min_side, free.max_side):
            parts.append(f"sides {self.min_side} to {self.max_side}")
        return ", ".join([*parts, *(f"also {as_size(pixels)}" for pixels in self.besides)])

    def ratio_problem(self, ratio: str, field: str = "ratio") -> Problem | None:
        """What is wrong with asking for this ratio at all."""
        wanted = _known_ratio(ratio)
        if self.custom:
            return self._ratio_beyond(ratio, wanted, field)
        known = self.ratios
        if any(parse_ratio(name) == wanted for name in known):
            return None
        if not known:
            return Problem(field, "can't be chosen: the model has no table of ratios", ratio)
        nearest = self.nearest_ratio(wanted)
        message = f"{ratio} is not one of {', '.join(known)}; nearest: {nearest}"
        return Problem(field, message, ratio, nearest)

    def nearest_ratio(self, shape: Ratio) -> str:
        """Of the ratios that have a name here, the one most like this width : height."""
        return min(self.ratios, key=lambda name: _ratio_distance(name, shape))

    def _ratio_beyond(self, ratio: str, wanted: Ratio, field: str) -> Problem | None:
        if wanted[0] * self._narrow[1] < self._narrow[0] * wanted[1]:
            nearest = self.min_ratio
        elif wanted[0] * self._wide[1] > self._wide[0] * wanted[1]:
            nearest = self.max_ratio
        else:
            return None
        span = f"from {self.min_ratio} to {self.max_ratio}"
        return Problem(field, f"{ratio} is not {span}; nearest: {nearest}", ratio, nearest)

    @property
    def ratios(self) -> tuple[str, ...]:
        """Every ratio that has a name here, in the table's order."""
        tabled = [ratio for tier, row in self.table.items() if tier in self.tiers for ratio in row]
        return tuple(dict.fromkeys([*tabled, *self.named_ratios]))

    def within_area(self, ratio: str) -> Pixels | None:
        """The largest accepted size of exactly this ratio that is within ``ratio_area``."""
        across, down = _known_ratio(ratio)
        scales = range(isqrt((self.ratio_area or 0) // (across * down)), 0, -1)
        sizes = ((across * scale, down * scale) for scale in scales)
        return next(filter(self.accepts, sizes), None)

    def near_ratio(self, tier: str, ratio: str) -> Pixels | None:
        """An accepted size of about the tier's area, of exactly this ratio if there is one."""
        square = self.cell(tier, "1:1") or self.default_pixels
        area = square[0] * square[1] if square else self.ratio_area
        wanted = parse_ratio(ratio)
        if area is None or wanted is None:
            return None
        across, down = wanted
        scale = isqrt(area // (across * down))
        for factor in sorted(range(max(1, scale - 64), scale + 65), key=lambda f: abs(f - scale)):
            if self.accepts((across * factor, down * factor)):
                return across * factor, down * factor
        return self.nearest((isqrt(area * across // down), max(1, isqrt(area * down // across))))

    @cached_property
    def _narrow(self) -> Ratio:
        return _known_ratio(self.min_ratio)

    @cached_property
    def _wide(self) -> Ratio:
        return _known_ratio(self.max_ratio)


def _known_ratio(text: str) -> Ratio:
    ratio = parse_ratio(text)
    assert ratio is not None  # checked where it came in
    return ratio


def _lowest(width: int, height: int) -> Ratio:
    divisor = gcd(width, height)
    return width // divisor, height // divisor


def _distance(wanted: Pixels, other: Pixels) -> tuple[float, int, Pixels]:
    """How far apart two sizes are: by how much a picture has to be stretched, times by how
    much it has to be scaled."""
    (width, height), (across, down) = wanted, other
    ratio = max(width * down, across * height) / min(width * down, across * height)
    area = max(width * height, across * down) / min(width * height, across * down)
    return ratio * sqrt(area), abs(width - across) + abs(height - down), other


def _ratio_distance(name: str, wanted: Ratio) -> float:
    across, down = _known_ratio(name)
    change = across * wanted[1] / (down * wanted[0])
    return max(change, 1 / change)
