"""What a call is expected to cost, and what it has cost: by the host's word, or by its list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagekit.basics.classes import evolve
from imagekit.declare.family import COUNTS, is_group
from imagekit.declare.price import Picture, Price
from imagekit.declare.sizes import AUTO, SIZE_PARAMETERS, Geometry, Sizes
from imagekit.plan.call import Call
from imagekit.plan.routes.route import Route
from imagekit.plan.sizes import geometry_of
from imagekit.values import Cost, Result, Usage
from imagekit.values.cost import BY_LIST

__all__ = ["cost_of", "estimate_of", "most_pictures"]

#: The most pictures of a group, where nobody says how many, or only its host knows what was said.
GROUP = 15
#: What a call costs where nothing is drawn by a real host.
NOTHING = Cost(0, None, BY_LIST, why="it is no real host")


def estimate_of(call: Call) -> Cost:
    """What one call is expected to cost by its host's list, before it is sent."""
    if not call.route.host.real:
        return NOTHING
    price = call.route.price
    if price is None:
        return Cost(why=_no_price(call.route))
    cost = price.estimate(_pictures(call), _picture(call), _references(call))
    return _as_far_as_known(call.route, cost)


def most_pictures(call: Call) -> int:
    """How many may come of a call, by what it says and what its vendor takes for it."""
    count = _count(_said(call, "n"), 1)
    if _is_native(call, *COUNTS):
        return count * GROUP
    if not is_group(call.values):
        return count
    options = _said(call, "sequential_image_generation_options")
    most = options.get("max_images") if isinstance(options, Mapping) else None
    return count * _count(most, GROUP)


def _count(given: Any, otherwise: int) -> int:
    return max(1, given) if type(given) is int else otherwise


def cost_of(call: Call, result: Result) -> Cost:
    """What a call has cost: what the host said wins; else its list, for what was made. It is
    paid for by now, so that nothing is raised, whatever a plugin's price or an answer has.
    """
    if result.cost.is_known or result.cost.known:
        return result.cost
    try:
        return _reckoned(call, result)
    except Exception as error:
        return Cost(why=f"it can't be reckoned: {type(error).__name__}: {error}")


def _reckoned(call: Call, result: Result) -> Cost:
    if not call.route.host.real:
        return NOTHING
    price = call.route.price
    if price is None:
        return Cost(why=_no_price(call.route))
    return _as_far_as_known(call.route, _by_list(price, call, result))


def _by_list(price: Price, call: Call, result: Result) -> Cost:
    usage, made = result.usage, len(result.images)
    sent = _references(call)
    counted = usage.input_images if usage else None  # by the host; which, it doesn't say
    references = sent if counted is None or counted == len(sent) else counted
    picture = _measured(_picture(call), result)
    cost = price.charged(usage, made, picture, references)
    if not result.failures or cost.amount is None or (usage and _says_all(price, usage)):
        return cost
    why = f"whether {len(result.failures)} that were not made were charged, nobody says"
    known = {price.currency: cost.amount}
    return Cost(unverified=cost.unverified, known=known, why=why)


def _says_all(price: Price, usage: Usage) -> bool:
    """Whether the host counted what it charges for, so that failures are counted or not."""
    by_tokens = price.tokens is not None and price.tokens.of(usage) is not None
    return by_tokens or usage.generated_images is not None


def _no_price(route: Route) -> str:
    return f"no price of {route.model.name} at {route.host.name} is known here"


def _as_far_as_known(route: Route, cost: Cost) -> Cost:
    """A list is its host's: what it says of an id or an address of the user's own is a guess."""
    own = route.settings.base_url or route.model.name in route.settings.remote_ids
    return evolve(cost, unverified=True) if own else cost


def _pictures(call: Call) -> int | None:
    """How many pictures a call makes; None where the model or a native field decides."""
    if is_group(call.values) or _is_native(call, *COUNTS):
        return None
    return int(_said(call, "n") or 1)


def _references(call: Call) -> list[int | None]:
    """Of each reference picture its area; None of one that is not here, or not measured."""
    sizes = [reference.pixels for reference in call.references]
    return [size[0] * size[1] if size else None for size in sizes]


def _said(call: Call, name: str) -> Any:
    """The value of a parameter: what was given, or what its vendor takes when nothing is."""
    if name in call.values:
        return call.values[name]
    parameter = call.route.parameters.get(name)
    return parameter.default if parameter else None


def _is_native(call: Call, *names: str) -> bool:
    """Whether a native field stands where one of these would; only its host knows what it means."""
    spells = [call.route.spells[name] for name in names if name in call.route.spells]
    roots = {field.partition(".")[0] for spell in spells for field in spell.fields}
    return not roots.isdisjoint(call.native)


def _picture(call: Call) -> Picture:
    """What the pictures of a call are like, as far as that can be said before."""
    quality, sizes = _said(call, "quality"), call.route.sizes
    quality = None if quality == AUTO or _is_native(call, "quality") else quality
    given = frozenset(name for name, value in call.values.items() if value is not False)
    if sizes is None or _is_native(call, *SIZE_PARAMETERS):
        return Picture(quality=quality, given=given)
    asked = {name: call.values[name] for name in SIZE_PARAMETERS if name in call.values}
    geometry = geometry_of(asked, sizes)[0]
    pixels = geometry.pixels or call.pixels
    tier = _tier(geometry, pixels, sizes)
    return Picture(tier, _area(geometry, pixels, tier, sizes), quality, given)


def _tier(geometry: Geometry, pixels: tuple[int, int] | None, sizes: Sizes) -> str | None:
    if geometry.tier or geometry.auto:
        return geometry.tier
    if pixels:
        return sizes.cells.get(pixels, (None, ""))[0]
    return sizes.default_tier


def _area(
    geometry: Geometry, pixels: tuple[int, int] | None, tier: str | None, sizes: Sizes
) -> tuple[int, int] | None:
    """The least and the most pixels: those of any ratio, where the model chooses one."""
    if pixels is None and not (tier or geometry.ratio or geometry.auto):
        pixels = sizes.default_pixels
    if pixels is None and tier and geometry.ratio:
        pixels = sizes.cell(tier, geometry.ratio)
    areas = [width * height for width, height in sizes.table.get(tier or "", {}).values()]
    if pixels is not None:
        areas = [pixels[0] * pixels[1]]
    return (min(areas), max(areas)) if areas else None


def _measured(picture: Picture, result: Result) -> Picture:
    """The same with the pixels that have come, where nobody could say before, and all the
    pictures are here; nothing is fetched for that."""
    if picture.pixels is not None or not all(image.is_here for image in result.images):
        return picture
    sizes = [image.pixels for image in result.images]
    areas = [width * height for width, height in filter(None, sizes)]
    if not areas or len(areas) < len(sizes):
        return picture
    return evolve(picture, pixels=(min(areas), max(areas)))
