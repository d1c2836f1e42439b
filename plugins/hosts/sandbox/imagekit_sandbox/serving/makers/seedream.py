"""What ByteDance's own API takes for Seedream, which gateways pass on.

Written from the image API page of Volcengine Ark (copies of 2025-12 and 2026) and public
records of real answers (2026-06, 2026-10). Fields it does not know are ignored with HTTP
200, as recorded; known ones on the wrong model are errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from imagekit_sandbox.serving.kit.order import Order
from imagekit_sandbox.serving.messages.magic import is_picture
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["FIELDS", "Seedream", "named", "order_of", "tokens", "wrong"]

FIELDS = (
    "model",
    "prompt",
    "image",
    "size",
    "seed",
    "response_format",
    "watermark",
    "output_format",
    "sequential_image_generation",
    "sequential_image_generation_options",
)
MOST_TOGETHER = 15  # references and pictures of a group
_SIDES = {"1k": 1024, "1.5k": 1536, "2k": 2048, "3k": 3072, "4k": 4096}
_PIXELS = re.compile(r"([1-9]\d{0,4})x([1-9]\d{0,4})")
_REFERENCE = re.compile(r"https?://\S+|data:image/[a-z]+;base64,[A-Za-z0-9+/]+={0,2}")
_WORDS = "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_NUMBERS = {word: number for number, word in enumerate(_WORDS.split(), 2)}
_NUMBER = re.compile(rf"\b(\d{{1,2}}|{'|'.join(_NUMBERS)})\b", re.IGNORECASE)


@frozen
class Seedream:
    """One of the models.

    Attributes:
        presets: the tiers that ``size`` may name.
        least, most: pixels in all.
        formats: whether ``output_format`` can be chosen.
        references: how many there may be.
        usual: the size when none is asked for.
        format: the one when none is asked for.
    """

    presets: tuple[str, ...]
    least: int
    most: int
    formats: bool = False
    references: int = 14
    usual: str = "2048x2048"
    format: str = "jpeg"


def named(model: str | None) -> str:
    """The model that a body names.

    Raises:
        Refusal: it names none, or not with a text.
    """
    return _text({"model": model}, "model")


def order_of(body: Mapping[str, Any], id: str, model: Seedream) -> Order:
    """What a body asks for.

    Raises:
        Refusal: with the words of the real API, as far as they are known.
    """
    references = _references(body, model)
    limit = MOST_TOGETHER - len(references)
    return Order(
        model=id,
        prompt=_text(body, "prompt"),
        pixels=_pixels(body, model),
        identity=[body["prompt"], body.get("image")],
        seed=_seed(body),
        count=_count(body, limit),
        carried=_one_of(body, "response_format", "url", "b64_json"),
        format=_format(body, model),
        watermark=_flag(body, "watermark"),
        references=references,
    )


def tokens(order: Order, pictures: int) -> int:
    """What the usage says: a token for 256 pixels, as in five recorded answers."""
    width, height = order.pixels
    return round(width * height * pictures / 256)


def wrong(field: str, why: str = "") -> Refusal:
    """The refusal of a field, in the words of the real API."""
    said = f"The parameter `{field}` specified in the request is not valid"
    return Refusal(Why.INVALID, f"{said}: {why}" if why else said, field=field)


def _text(body: Mapping[str, Any], field: str) -> str:
    value = body.get(field)
    if value is None:
        message = f"The request is missing the required parameter `{field}`"
        raise Refusal(Why.INVALID, message, field=field)
    if not isinstance(value, str) or not value.strip():
        raise wrong(field)
    return value


def _one_of(body: Mapping[str, Any], field: str, *words: str) -> str:
    value = body.get(field, words[0])
    if value not in words:
        raise wrong(field, f"must be one of {', '.join(words)}")
    return str(value)


def _flag(body: Mapping[str, Any], field: str) -> bool:
    value = body.get(field, True)
    if not isinstance(value, bool):
        raise wrong(field)
    return value


def _seed(body: Mapping[str, Any]) -> int | None:
    """None for -1, which is any."""
    seed = body.get("seed", -1)
    if type(seed) is not int or not -1 <= seed <= 2147483647:
        raise wrong("seed", "must be between -1 and 2147483647")
    return None if seed == -1 else seed


def _format(body: Mapping[str, Any], model: Seedream) -> str:
    if "output_format" not in body:
        return model.format
    if not model.formats:
        why = "the parameter `output_format` is not supported by the current model"
        raise wrong("output_format", why)
    return _one_of(body, "output_format", "jpeg", "png")


def _pixels(body: Mapping[str, Any], model: Seedream) -> tuple[int, int]:
    size = body.get("size", model.usual)
    if not isinstance(size, str):
        raise wrong("size")
    found = _PIXELS.fullmatch(size)
    if not found:
        return _preset(size, model)
    width, height = int(found[1]), int(found[2])
    if width * height < model.least:
        raise wrong("size", f"image size must be at least {model.least} pixels")
    if width * height > model.most:
        raise wrong("size", f"image size must be at most {model.most} pixels")
    if not 1 / 16 <= width / height <= 16:
        raise wrong("size", "aspect ratio must be between 1/16 and 16")
    return width, height


def _preset(size: str, model: Seedream) -> tuple[int, int]:
    """A tier, in either case; the real model takes the shape from the prompt, this one a square."""
    if size.upper() not in model.presets:
        known = ", ".join(f"'{preset.lower()}'" for preset in model.presets)
        raise wrong("size", f"size must be one of 'WIDTHxHEIGHT', {known}")
    return (_SIDES[size.lower()],) * 2


def _references(body: Mapping[str, Any], model: Seedream) -> tuple[str, ...]:
    given = body.get("image", [])
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list) or len(listed) > model.references:
        raise wrong("image", f"at most {model.references} images are supported")
    for one in listed:
        if not isinstance(one, str) or not _REFERENCE.fullmatch(one):
            raise wrong("image", "invalid url specified")
        if not is_picture(one):
            raise wrong("image", "the image data can't be decoded")
    return tuple(listed)


def _count(body: Mapping[str, Any], limit: int) -> int:
    """``auto`` is no count: the prompt has to ask for several, and the options are a limit."""
    mode = _one_of(body, "sequential_image_generation", "disabled", "auto")
    options = body.get("sequential_image_generation_options", {})
    most = options.get("max_images", MOST_TOGETHER) if isinstance(options, dict) else None
    if type(most) is not int or not 1 <= most <= MOST_TOGETHER:
        raise wrong("sequential_image_generation_options.max_images")
    if mode == "disabled":
        return 1
    if "max_images" in options and most > limit:
        raise wrong("sequential_image_generation_options.max_images", f"at most {limit} here")
    found = _NUMBER.search(body["prompt"])
    said = found[1].lower() if found else "1"
    return max(1, min(_NUMBERS.get(said) or int(said), most, limit))
