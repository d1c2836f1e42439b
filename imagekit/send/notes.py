"""What a caller should know of a result: sentences on what is not as it was asked for."""

from __future__ import annotations

from collections.abc import Iterator

from imagekit.declare.sizes import TIERS, as_size
from imagekit.plan.call import Call
from imagekit.values import Image, Result

__all__ = ["notes_on"]


def notes_on(call: Call, result: Result) -> Iterator[str]:
    for image in result.images:
        if image.error is not None:
            yield f"picture {image.index + 1} could not be fetched: {image.error}"
        elif image.is_here and (note := image.note or _off_tier(call, image)):
            yield note
    asked = call.values.get("n")
    made = len(result.images) + len(result.failures)
    if asked is not None and made != asked:
        yield f"asked for {asked} pictures, the host made {made}"


def _off_tier(call: Call, image: Image) -> str | None:
    """A sentence when a tier was asked for, and the picture is nothing like it."""
    sizes, asked = call.route.sizes, [call.values.get(name) for name in ("resolution", "size")]
    tier = next((tier for tier in asked if tier in TIERS), None)
    if call.pixels or not (tier and sizes and image.pixels) or sizes.may_be(tier, image.pixels):
        return None
    return f"picture {image.index + 1}: asked for {tier}, got {as_size(image.pixels)}"
