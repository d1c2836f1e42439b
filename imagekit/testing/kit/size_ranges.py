"""Sizes exactly at each limit of a model, and one step past it. Its own arithmetic: what
`imagekit.Sizes` makes of its limits is what is tested with these."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from math import isqrt

from imagekit.basics.classes import frozen
from imagekit.declare.sizes import Sizes, parse_ratio

__all__ = ["Extent", "Limits", "extents"]

Pixels = tuple[int, int]
Search = Callable[["Limits"], Iterator[Pixels]]
_NEAR = 600  # how many widths around the square one are tried


@frozen
class Limits:
    """The numbers alone, of sizes or of reference pictures. None: there is no such limit."""

    min_pixels: int | None = None
    max_pixels: int | None = None
    min_ratio: str | None = None
    max_ratio: str | None = None
    min_side: int | None = None
    max_side: int | None = None
    multiple: int = 1

    @classmethod
    def of(cls, declared: object, free: object) -> Limits:
        """Those of ``declared`` that differ from ``free``, where nothing is limited."""
        names = ("min_pixels", "max_pixels", "min_ratio", "max_ratio", "min_side", "max_side")
        found = {name: getattr(declared, name) for name in names}
        own = {name: value for name, value in found.items() if value != getattr(free, name)}
        multiple = declared.multiple if isinstance(declared, Sizes) else 1
        return cls(**own, multiple=multiple)

    def broken(self, size: Pixels) -> set[str]:
        """The names of the limits that a size is beyond."""
        area, found = size[0] * size[1], set()
        checks = {
            "min_pixels": self.min_pixels is not None and area < self.min_pixels,
            "max_pixels": self.max_pixels is not None and area > self.max_pixels,
            "min_side": self.min_side is not None and min(size) < self.min_side,
            "max_side": self.max_side is not None and max(size) > self.max_side,
            "min_ratio": self.min_ratio is not None and _wider(self.min_ratio, size) > 0,
            "max_ratio": self.max_ratio is not None and _wider(self.max_ratio, size) < 0,
            "multiple": any(side % self.multiple for side in size),
        }
        found |= {name for name, is_broken in checks.items() if is_broken}
        return found


@frozen
class Extent:
    """A limit: a size that is just within it, one that is just beyond; None: out of reach."""

    limit: str
    bound: str
    inside: Pixels | None
    outside: Pixels | None


@cache
def extents(limits: Limits) -> tuple[Extent, ...]:
    """Every limit there is that can be reached without breaking another one."""
    return tuple(
        Extent(
            name,
            f"{value:,}" if isinstance(value, int) else value,
            _first(limits, search, set()),
            _first(limits, search, {name}),
        )
        for name, search in _SEARCHES.items()
        if (value := getattr(limits, name)) not in (None, 1)
    )


def _first(limits: Limits, search: Search, broken: set[str]) -> Pixels | None:
    """The first size that breaks just these limits."""
    found = (size for size in search(limits) if min(size) > 0 and limits.broken(size) == broken)
    return next(found, None)


def _around(limits: Limits, area: int) -> Iterator[int]:
    """Widths that suit a picture of about this area, the square one first."""
    step = limits.multiple
    middle = isqrt(area) // step * step
    for distance in range(0, _NEAR * step, step):
        yield middle + distance
        if distance and middle > distance:
            yield middle - distance


def _largest(limits: Limits) -> Iterator[Pixels]:
    """Most pixels first within the limit, then fewest first beyond it."""
    step, most = limits.multiple, limits.max_pixels or 0
    widths = [width for width in _around(limits, most) if width]
    within = [(width, most // width // step * step) for width in widths]
    beyond = [(width, height + step) for width, height in within]
    yield from sorted(within, key=_area, reverse=True)
    yield from sorted(beyond, key=_area)


def _smallest(limits: Limits) -> Iterator[Pixels]:
    step, least = limits.multiple, limits.min_pixels or 0
    widths = [width for width in _around(limits, least) if width]
    within = [(width, -(-least // width // step) * step) for width in widths]
    beyond = [(width, height - step) for width, height in within]
    yield from sorted(within, key=_area)
    yield from sorted(beyond, key=_area, reverse=True)


def _widest(limits: Limits) -> Iterator[Pixels]:
    across, down = parse_ratio(str(limits.max_ratio)) or (1, 1)
    for width, height in _of_ratio(limits, across, down):
        yield width, height
        yield width + limits.multiple, height


def _narrowest(limits: Limits) -> Iterator[Pixels]:
    across, down = parse_ratio(str(limits.min_ratio)) or (1, 1)
    for width, height in _of_ratio(limits, across, down):
        yield width, height
        yield width, height + limits.multiple


def _of_ratio(limits: Limits, across: int, down: int) -> Iterator[Pixels]:
    most = limits.max_side or 1 << 16
    for factor in range(1, most // max(across, down) + 1):
        size = across * factor, down * factor
        if not any(side % limits.multiple for side in size):
            yield size


def _shortest(limits: Limits) -> Iterator[Pixels]:
    step = limits.multiple
    side = -(-(limits.min_side or 1) // step) * step
    others = range(side, (limits.max_side or side * 64) + 1, step)
    yield from ((side, other) for other in others)
    yield from ((side - step, other) for other in others)


def _longest(limits: Limits) -> Iterator[Pixels]:
    step = limits.multiple
    side = (limits.max_side or 1) // step * step
    yield from ((side, other) for other in range(side, 0, -step))
    yield from ((side + step, other) for other in range(side, 0, -step))


def _multiples(limits: Limits) -> Iterator[Pixels]:
    area = limits.max_pixels or (limits.max_side or 1024) ** 2
    for width in _around(limits, min(area, max(limits.min_pixels or 1, area // 2))):
        yield width, width
        yield width + 1, width


def _area(size: Pixels) -> int:
    return size[0] * size[1]


def _wider(ratio: str, size: Pixels) -> int:
    """Above 0 when ``ratio`` is wider than ``size``, below when it is narrower."""
    across, down = parse_ratio(ratio) or (1, 1)
    return across * size[1] - size[0] * down


_SEARCHES: dict[str, Search] = {
    "min_pixels": _smallest,
    "max_pixels": _largest,
    "min_ratio": _narrowest,
    "max_ratio": _widest,
    "min_side": _shortest,
    "max_side": _longest,
    "multiple": _multiples,
}
