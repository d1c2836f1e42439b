"""What Black Forest Labs takes for FLUX.2, which gateways pass on.

Written from its API reference and its own skills repository (docs.bfl.ai, github.com/
black-forest-labs/skills), read 2026-11-30: sizes in multiples of 16 from 64 to 4 megapixels,
references up to 8, of [klein] up to 4. 1920x1080 is one of its own examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagekit_sandbox.serving.kit.order import Order
from imagekit_sandbox.serving.messages.magic import is_picture
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["order_of", "pixels_of", "references_of", "text_of", "whole", "wrong"]

FORMATS = ("jpeg", "png")
_LISTED = ((1920, 1080), (1080, 1920))


def order_of(
    body: Mapping[str, Any], id: str, pixels: tuple[int, int], references: tuple[str, ...]
) -> Order:
    """What a body asks for, whose size and pictures its host has read.

    Raises:
        Refusal: something else in it will not do.
    """
    if body.get("output_format", "jpeg") not in FORMATS:
        raise wrong("output_format", f"must be one of {', '.join(FORMATS)}")
    prompt = text_of(body, "prompt")
    return Order(
        model=id,
        prompt=prompt,
        pixels=pixels,
        identity=[prompt, list(references)],
        seed=whole(body, "seed"),
        format=body.get("output_format", "jpeg"),
        watermark=False,
        references=references,
    )


def pixels_of(width: Any, height: Any) -> tuple[int, int]:
    """A size, if it is one of those that FLUX.2 takes."""
    for field, side in (("width", width), ("height", height)):
        if type(side) is not int or side < 64:
            raise wrong(field, "must be a whole number from 64 on")
    if (width, height) not in _LISTED and (width % 16 or height % 16):
        raise wrong("width", "width and height must be multiples of 16")
    if width * height > 1 << 22:
        raise wrong("width", "at most 4 megapixels")
    return width, height


def references_of(given: Any, most: int, field: str) -> tuple[str, ...]:
    """Links and data URLs, so many at most."""
    if not isinstance(given, list) or len(given) > most:
        raise wrong(field, f"must be a list of at most {most}")
    for one in given:
        if not isinstance(one, str) or not is_picture(one):
            raise wrong(field, "one of them is no picture")
    return tuple(given)


def text_of(body: Mapping[str, Any], field: str) -> str:
    value = body.get(field)
    if not isinstance(value, str) or not value.strip():
        raise wrong(field, "is required")
    return value


def whole(body: Mapping[str, Any], field: str) -> int | None:
    value = body.get(field)
    if value is not None and type(value) is not int:
        raise wrong(field, "must be a whole number")
    return value


def wrong(field: str, why: str) -> Refusal:
    return Refusal(Why.INVALID, f"{field}: {why}", field=field)
