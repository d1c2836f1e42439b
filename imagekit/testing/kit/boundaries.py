"""Every boundary that a route declares: calls that are just within, and one past each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from imagekit.basics.blob import BlobWriter
from imagekit.basics.classes import frozen
from imagekit.declare.family import Parameter
from imagekit.declare.reference_limits import ReferenceLimits
from imagekit.declare.rules import Enum, Length, Range, Rule
from imagekit.declare.sizes import SIZE_PARAMETERS, TIERS, Sizes, as_size
from imagekit.plan.routes.route import Route
from imagekit.testing.kit.cross_rules import crossings
from imagekit.testing.kit.samples import companions, implying, items, nested, text
from imagekit.testing.kit.size_ranges import Limits, extents
from imagekit.values.reference import Reference

__all__ = ["Boundary", "boundaries"]

_PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff")


@frozen(eq=False)
class Boundary:
    """A call near a boundary.

    Attributes:
        accepted: whether it should be sent.
        field, value, bound: what the problem should name when it should not be; ``bound``
            stands in its message.
        advice: the boundary is only recommended: past it there is a note.
    """

    route: Route
    label: str
    given: Mapping[str, Any]
    accepted: bool
    field: str = ""
    value: Any = None
    bound: str = ""
    advice: bool = False

    def __str__(self) -> str:
        return f"{self.route.name}-{self.label}"


def boundaries(route: Route) -> Iterator[Boundary]:
    """Those of every parameter, of sizes, of references, and of several together."""
    for name, parameter in route.accepted.items():
        if name not in SIZE_PARAMETERS and name != "model":
            yield from _of_parameter(route, name, parameter)
    if route.sizes is not None and route.size_spells:
        yield from _of_sizes(route, route.sizes)
    if route.references is not None and "image" in route.spells:
        yield from _of_references(route, route.references)
    for crossing in crossings(route):
        yield Boundary(
            route,
            crossing.label,
            crossing.given,
            crossing.accepted,
            crossing.field,
            crossing.value,
            crossing.bound,
        )


# --- one parameter --------------------------------------------------------------------------


def _of_parameter(route: Route, path: str, parameter: Parameter) -> Iterator[Boundary]:
    more = companions(route, path)
    for rule in parameter.rules:
        advice = isinstance(rule, Length) and rule.advice
        for near in _near(parameter, rule):
            given = {**more, **implying(route, path, near.value), **nested(path, near.value)}
            label = f"{path}={near.told}"
            yield Boundary(
                route, label, given, near.within, path, near.told, near.bound or "", advice
            )
    for part in parameter.parts:
        yield from _of_parameter(route, f"{path}.{part.name}", part)


@frozen(eq=False)
class Near:
    """A value near a boundary of one rule.

    Attributes:
        told: how a problem tells the value: of a text or a list, its length.
        bound: what a problem names that it is past; None where it is within.
    """

    value: Any
    told: Any
    bound: str | None = None

    @property
    def within(self) -> bool:
        return self.bound is None


def _near(parameter: Parameter, rule: Rule) -> Iterator[Near]:
    if isinstance(rule, Range):
        yield from _near_range(rule, step=0.01 if parameter.type is float else 1)
    elif isinstance(rule, Enum):
        yield from _near_enum(rule)
    elif isinstance(rule, Length):
        yield from _near_length(parameter, rule)


def _near_range(rule: Range, step: float) -> Iterator[Near]:
    for value in (rule.minimum, rule.maximum):
        yield Near(value, value)
    below, above = rule.minimum - step, rule.maximum + step
    yield Near(below, below, str(rule.minimum))
    yield Near(above, above, str(rule.maximum))


def _near_enum(rule: Enum) -> Iterator[Near]:
    for value in rule.values:
        yield Near(value, value)
    numbers = all(isinstance(value, int | float) for value in rule.values)
    stranger = max(rule.values) + 1 if numbers else "no-such-value"
    yield Near(stranger, stranger, str(rule.values[0]))


def _near_length(parameter: Parameter, rule: Length) -> Iterator[Near]:
    def of_length(count: int, bound: str | None = None) -> Near:
        is_list = parameter.type is list
        value = items(parameter, count) if is_list else text(rule.unit, count)
        return Near(value, count, bound)

    yield of_length(rule.maximum)
    yield of_length(rule.maximum + 1, f"{rule.maximum:,}")
    if rule.minimum:
        yield of_length(rule.minimum)
    if rule.minimum > 1:
        yield of_length(rule.minimum - 1, f"{rule.minimum:,}")


# --- sizes -------------------------------------------------------------------------------------


def _of_sizes(route: Route, sizes: Sizes) -> Iterator[Boundary]:
    words = route.size_spells
    if words & {"size", "resolution"}:
        yield from _of_tiers(route, sizes)
    if not sizes.custom and "ratio" in words:
        for ratio in sizes.ratios:
            yield Boundary(route, f"ratio={ratio}", {"ratio": ratio}, True)
        bound = (sizes.ratios or ("no table",))[0]
        yield Boundary(route, "ratio=97:89", {"ratio": "97:89"}, False, "ratio", "97:89", bound)
    if sizes.custom and "size" in words:
        yield from _of_pixels(route, sizes)
    if words & {"size", "ratio"}:
        auto = "size", "auto", "automatic"
        yield Boundary(route, "size=auto", {"size": "auto"}, sizes.auto, *auto)


def _of_tiers(route: Route, sizes: Sizes) -> Iterator[Boundary]:
    for tier in sizes.tiers:
        yield Boundary(route, f"resolution={tier}", _asked(route, sizes, tier), True)
    stranger = next((tier for tier in TIERS if tier not in sizes.tiers), None)
    if stranger:
        bound = (sizes.tiers or ("no tiers",))[0]
        given = {"resolution": stranger}
        told = "resolution", stranger, bound
        yield Boundary(route, f"resolution={stranger}", given, False, *told)


def _asked(route: Route, sizes: Sizes, tier: str) -> dict[str, str]:
    """The tier; beside a ratio where its host takes a width and a height, and has no word."""
    size = route.spells.get("size")
    apart = size is not None and len(size.fields) == 2 and tier not in (size.values or {})
    ratio = next(iter(sizes.table.get(tier, {})), None)
    if apart and "resolution" not in route.spells and ratio:
        return {"ratio": ratio, "resolution": tier}
    return {"resolution": tier}


def _of_pixels(route: Route, sizes: Sizes) -> Iterator[Boundary]:
    for pixels in sizes.besides:
        yield Boundary(route, f"size={as_size(pixels)}", {"size": as_size(pixels)}, True)
    for extent in extents(Limits.of(sizes, Sizes())):
        for size, accepted in ((extent.inside, True), (extent.outside, False)):
            if size and size not in sizes.besides:
                label = f"{extent.limit}-size={as_size(size)}"
                told = "size", as_size(size), extent.bound
                yield Boundary(route, label, {"size": as_size(size)}, accepted, *told)


# --- references --------------------------------------------------------------------------------


def _of_references(route: Route, limits: ReferenceLimits) -> Iterator[Boundary]:
    free = ReferenceLimits()
    shape = Limits.of(limits, free)
    side = next((one.inside for one in extents(shape) if one.inside), (1024, 1024))
    format = (limits.formats or _PICTURES)[0]
    for kind in _PICTURES if limits.formats else ():
        accepted = kind in limits.formats
        yield _referring(route, kind, side, 1, accepted, kind, limits.formats[0])
    if limits.max_bytes != free.max_bytes:
        for size in (limits.max_bytes, limits.max_bytes + 1):
            accepted, bound = size <= limits.max_bytes, f"{limits.max_bytes:,}"
            yield _referring(route, format, side, size, accepted, size, bound)
    for extent in extents(shape):
        for pixels, accepted in ((extent.inside, True), (extent.outside, False)):
            if pixels:
                yield _referring(route, format, pixels, 1, accepted, None, extent.bound)


def _referring(
    route: Route,
    kind: str,
    pixels: tuple[int, int],
    size: int,
    accepted: bool,
    value: object,
    bound: str,
) -> Boundary:
    """A call with a picture that is said to be so large: nobody looks into its bytes."""
    writer = BlobWriter()
    writer.write(b"picture")
    picture = Reference("picture", blob=writer.finish(), size=size, media_type=kind, pixels=pixels)
    label = f"image={kind},{as_size(pixels)},{size}B"
    given = {**companions(route, "image"), "image": [picture]}
    return Boundary(route, label, given, accepted, "image", value, bound)
