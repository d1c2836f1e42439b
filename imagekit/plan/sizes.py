"""From the size a caller asked for to the words a route has for sizes.

Lossless translation is automatic: when the model's table holds the exact cell,
``2048x2048`` *is* ``1:1`` at ``2K``. Anything else is a problem that names the nearest
exact thing, and becomes an adaptation only when the caller asked for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from functools import lru_cache
from typing import Any

from imagekit.basics.classes import frozen
from imagekit.declare.sizes import (
    AUTO,
    TIERS,
    Geometry,
    Sizes,
    as_size,
    parse_ratio,
    parse_size,
)
from imagekit.values import Problem

__all__ = ["Translation", "geometry_of", "translate"]


@frozen
class Translation:
    """``values`` for the spelled ones of `SIZE_PARAMETERS`; ``note`` says how they came about.

    ``problem`` is set when they are not exactly what was asked; ``values`` are then
    the nearest, or empty when there is nothing near. ``pixels`` are the exact ones the
    picture should have, when that is known.
    """

    values: Mapping[str, str]
    note: str = ""
    problem: Problem | None = None
    pixels: tuple[int, int] | None = None


def geometry_of(
    given: Mapping[str, Any], sizes: Sizes | None = None
) -> tuple[Geometry, list[Problem]]:
    """One `Geometry` from size, ratio and resolution, and what is wrong with them.

    Pixels may stand beside a ratio or a tier that says the same, by arithmetic or by the
    table of ``sizes``.
    """
    agreed, problems = Geometry(), []
    for name, read in _READERS.items():
        if name not in given:
            continue
        said = read(given[name])
        if isinstance(said, Problem):
            problems.append(said)
        elif _contradicts(agreed, said, sizes):
            message = f"{given[name]} contradicts size={given['size']!r}; give one of them"
            problems.append(Problem(name, message, given[name]))
        elif not agreed.pixels:
            agreed = said if agreed.tier is None else said._replace(tier=said.tier or agreed.tier)
    return agreed, problems


def _read_size(text: str) -> Geometry | Problem:
    size = parse_size(text)
    if size is None:
        return _bad_size(text)
    if isinstance(size, tuple):
        return Geometry(pixels=size)
    return Geometry(auto=True) if size == AUTO else Geometry(tier=size)


def _bad_size(text: str) -> Problem:
    plain = text.lower().replace("*", "x").replace("\u00d7", "x").replace(" ", "")
    nearest = plain if isinstance(parse_size(plain), tuple) else None
    hint = f"; did you mean {nearest}?" if nearest else ""
    ways = f"WIDTHxHEIGHT such as 2048x2048, a tier ({', '.join(TIERS)}) or auto"
    return Problem("size", f"{text!r} is not a size; write {ways}{hint}", text, nearest)


def _read_tier(text: str) -> Geometry | Problem:
    tier = parse_size(text)
    if tier not in TIERS:
        message = f"{text!r} is not a tier; tiers are {', '.join(TIERS)}"
        return Problem("resolution", message, text)
    return Geometry(tier=str(tier))


def _read_ratio(text: str) -> Geometry | Problem:
    if parse_ratio(text) is None:
        message = f"{text!r} is not a ratio; write WIDTH:HEIGHT such as 16:9"
        return Problem("ratio", message, text)
    return Geometry(ratio=text)


#: In the order in which they are told of; a size comes first, since it may say all of it.
_READERS = {"size": _read_size, "resolution": _read_tier, "ratio": _read_ratio}


def _contradicts(size: Geometry, said: Geometry, sizes: Sizes | None) -> bool:
    """Whether a tier or a ratio is another than that of the size beside it."""
    if size.auto:
        return True
    if size.pixels is None:
        return bool(size.tier and said.tier) and size.tier != said.tier
    tier, ratio = (sizes.cells if sizes else {}).get(size.pixels, ("", ""))
    if said.tier:
        return said.tier != tier
    across, down = parse_ratio(said.ratio or "") or (1, 1)
    exact = size.pixels[0] * down == across * size.pixels[1]
    return not exact and parse_ratio(ratio) != (across, down)


@lru_cache(maxsize=1024)
def translate(asked: Geometry, sizes: Sizes, spelled: frozenset[str]) -> Translation:
    """The route's words for ``asked``. ``spelled`` are those of `SIZE_PARAMETERS` it has."""
    if asked.auto:
        return _auto(sizes, spelled)
    if asked.pixels:
        return _pixels(asked.pixels, sizes, spelled)
    if asked.ratio:
        return _ratio(asked.ratio, asked.tier, sizes, spelled)
    return _tier(asked.tier or "", sizes, spelled)


def _auto(sizes: Sizes, spelled: Set[str]) -> Translation:
    if sizes.auto:
        word = next((word for word in ("size", "ratio") if word in spelled), None)
        return Translation({word: AUTO}) if word else _unsayable("size", AUTO, spelled)
    message = "has no automatic size here; leave size out to get the model's default"
    return Translation({}, problem=Problem("size", message, AUTO))


def _pixels(pixels: tuple[int, int], sizes: Sizes, spelled: Set[str]) -> Translation:
    if "size" in spelled:
        problem = sizes.problem(pixels)
        if problem is None:
            return Translation({"size": as_size(pixels)}, pixels=pixels)
        nearest = sizes.nearest(pixels)
        return Translation({"size": as_size(nearest)} if nearest else {}, "", problem, nearest)
    cell = sizes.cells.get(pixels)
    if cell and _sayable(cell[0], sizes, spelled):
        words = _cell_words(*cell, spelled)
        return Translation(words, f"{as_size(pixels)} is {cell[1]} at {cell[0]}", pixels=pixels)
    return _nearest_cell(pixels, sizes, spelled)


def _nearest_cell(pixels: tuple[int, int], sizes: Sizes, spelled: Set[str]) -> Translation:
    cells = {at: cell for at, cell in sizes.cells.items() if _sayable(cell[0], sizes, spelled)}
    table = _as_table(cells)
    nearest = Sizes(tuple(table), table, custom=False).nearest(pixels)
    if nearest is None and "ratio" in spelled and sizes.ratios:
        return _ratio_of_pixels(pixels, sizes, spelled)
    if nearest is None:
        return _unsayable("size", as_size(pixels), spelled)
    tier, ratio = cells[nearest]
    message = (
        f"{as_size(pixels)} is not in the model's table; nearest: {as_size(nearest)}, "
        f"which is {ratio} at {tier}"
    )
    problem = Problem("size", message, as_size(pixels), as_size(nearest))
    return Translation(_cell_words(tier, ratio, spelled), "", problem, nearest)


def _ratio_of_pixels(pixels: tuple[int, int], sizes: Sizes, spelled: Set[str]) -> Translation:
    """The nearest ratio, where nobody documents how many pixels the ratios are."""
    size, ratio = as_size(pixels), sizes.nearest_ratio(pixels)
    message = f"{_only(spelled)}; the nearest ratio is {ratio}"
    return Translation({"ratio": ratio}, "", Problem("size", message, size, ratio))


def _ratio(ratio: str, tier: str | None, sizes: Sizes, spelled: Set[str]) -> Translation:
    problem = sizes.ratio_problem(ratio) or _tier_problem(tier, sizes, spelled)
    if problem:
        return _nearest_ratio(problem, ratio, tier, sizes, spelled)
    effective = tier or sizes.default_tier
    cell = sizes.cell(effective, ratio)
    known = next((name for name in sizes.ratios if parse_ratio(name) == parse_ratio(ratio)), ratio)
    if "ratio" in spelled and _sayable(effective or "", sizes, spelled):
        words = {"ratio": known}
        if tier and "resolution" in spelled:
            words["resolution"] = tier
        return Translation(words, pixels=cell)
    if "size" not in spelled:
        name, value = ("resolution", tier) if "ratio" in spelled and tier else ("ratio", ratio)
        return _unsayable(name, value, spelled)
    at = f"{effective}, the default tier" if tier is None else tier
    if cell:
        return Translation({"size": as_size(cell)}, f"{ratio} at {at}", pixels=cell)
    if effective is None and (cell := sizes.within_area(ratio)):
        note = f"{ratio} within {sizes.ratio_area:,} px; for more, ask for a size"
        return Translation({"size": as_size(cell)}, note, pixels=cell)
    return _ratio_off_table(ratio, effective, at, sizes)


def _nearest_ratio(
    problem: Problem, ratio: str, tier: str | None, sizes: Sizes, spelled: Set[str]
) -> Translation:
    """The same with the ratio or the tier that the problem names as nearest."""
    if problem.nearest is None:
        return Translation({}, problem=problem)
    if problem.field == "ratio":
        ratio = problem.nearest
    else:
        tier = problem.nearest
    near = _ratio(ratio, tier, sizes, spelled)
    return Translation(near.values, near.note, problem, near.pixels)


def _ratio_off_table(ratio: str, tier: str | None, at: str, sizes: Sizes) -> Translation:
    nearest = sizes.near_ratio(tier or "", ratio)
    size = as_size(nearest) if nearest else None
    hint = f"; ask for size={size!r} instead" if size else ""
    message = f"{ratio} at {at} is not in the model's table ({', '.join(sizes.ratios)}){hint}"
    if not sizes.ratios:
        message = f"no table says how many pixels {ratio} is here{hint or '; ask for a size'}"
    problem = Problem("ratio", message, ratio, size)
    return Translation({"size": size} if size else {}, "", problem, nearest)


def _tier(tier: str, sizes: Sizes, spelled: Set[str]) -> Translation:
    problem = _tier_problem(tier, sizes, spelled)
    nearest = problem.nearest if problem else tier
    word = next((word for word in ("resolution", "size") if word in spelled), None)
    if word is None and tier == sizes.default_tier:
        return Translation({}, f"{tier} is what comes when nothing is asked")
    if word is None:
        return _unsayable("resolution", tier, spelled)
    return Translation({word: nearest} if nearest else {}, problem=problem)


def _unsayable(name: str, value: str, spelled: Set[str]) -> Translation:
    return Translation({}, problem=Problem(name, _only(spelled), value))


def _only(spelled: Set[str]) -> str:
    return f"can't be chosen here, only {' and '.join(sorted(spelled))} can"


def _tier_problem(tier: str | None, sizes: Sizes, spelled: Set[str]) -> Problem | None:
    if tier is None or tier in sizes.tiers:
        return None
    if not sizes.tiers:
        instead = "pixels" if "size" in spelled else "a ratio"
        return Problem("resolution", f"the model has no tiers here; ask for {instead}", tier)
    rank = TIERS.index(tier)
    nearest = min(sizes.tiers, key=lambda known: abs(TIERS.index(known) - rank))
    message = f"{tier} is not one of {', '.join(sizes.tiers)}; nearest: {nearest}"
    return Problem("resolution", message, tier, nearest)


def _sayable(tier: str, sizes: Sizes, spelled: Set[str]) -> bool:
    """Whether a cell of this tier can be said as a ratio on this route."""
    return "ratio" in spelled and ("resolution" in spelled or tier == (sizes.default_tier or ""))


def _cell_words(tier: str, ratio: str, spelled: Set[str]) -> dict[str, str]:
    words = {"ratio": ratio}
    if "resolution" in spelled:
        words["resolution"] = tier
    return words


def _as_table(cells: Mapping[tuple[int, int], tuple[str, str]]) -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = {}
    for at, (tier, ratio) in cells.items():
        table.setdefault(tier, {})[ratio] = at
    return table
