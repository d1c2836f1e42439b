"""What OpenAI's Images API takes: models, fields and sizes; a body becomes an order, or is refused.

From the types of the official openai 3.57.0 and the image guide, read 2026-11-28.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from imagekit_sandbox.serving.dialects.openai_forms import pictures_of
from imagekit_sandbox.serving.kit.order import Order
from imagekit_sandbox.serving.messages.magic import kind_of
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["MODELS", "check_fields", "check_files", "known", "order_of"]


def _of(date: str) -> int:
    return int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp())


#: id -> since when, in Unix seconds; of 2.6 and the latest, the day on which they were read of.
MODELS = {
    "gpt-image-2.6-sunburst": _of("2026-11-28"),
    "gpt-image-2.6-flare": _of("2026-11-28"),
    "gpt-image-2.5-sunburst": _of("2026-09-08"),
    "gpt-image-2.5-sunburst-2026-09-08": _of("2026-09-08"),
    "gpt-image-2.5-flare": _of("2026-09-08"),
    "gpt-image-2.5-flare-2026-09-08": _of("2026-09-08"),
    "gpt-image-2": _of("2026-04-21"),
    "gpt-image-2-2026-04-21": _of("2026-04-21"),
    "gpt-image-1.5": _of("2025-12-16"),
    "gpt-image-1-mini": _of("2025-10-06"),
    "chatgpt-image-latest": _of("2026-11-28"),
}
#: Shut down on 2026-10-23 the first, on 2026-05-12 the others.
RETIRED = ("gpt-image-1", "dall-e-2", "dall-e-3")

FIELDS = (
    *("model", "prompt", "n", "size", "quality", "output_format", "output_compression"),
    *("background", "moderation", "user", "safety_identifier", "stream", "partial_images"),
    *("complexity", "frame_count", "frame_duration_ms", "svg"),
)
PICTURES = ("image", "images", "mask", "markup", "input_fidelity")
#: Fields that have a few words, and fields that belong to one format alone.
WORDS = {
    "complexity": ("low", "medium", "high"),
    "moderation": ("low", "auto"),
    "background": ("transparent", "opaque", "auto"),
    "output_format": ("png", "webp", "jpeg", "gif", "svg"),
}
PREVIEWS = {"gif": ("frame_count", "frame_duration_ms"), "svg": ("svg",)}
_TAKEN = ("jpeg", "png", "webp")
_SIZE = re.compile(r"([1-9]\d{0,4})x([1-9]\d{0,4})")
_EARLIER = ("1024x1024", "1536x1024", "1024x1536")
_ANY_SIZE = ("gpt-image-2", "chatgpt-image-latest")


def known(model: str | None) -> str:
    """The model of this id.

    Raises:
        Refusal: there is none, or none any more.
    """
    if model is None:
        raise Refusal(Why.INVALID, "you must provide a model parameter", field="model:")
    if model in RETIRED:
        page = "https://platform.openai.com/docs/deprecations"
        message = f"The model `{model}` has been deprecated, learn more here: {page}"
        raise Refusal(Why.NO_SUCH_MODEL, message)
    if model not in MODELS:
        raise Refusal(Why.NO_SUCH_MODEL, f"The model '{model}' does not exist", field="model")
    return model


def check_fields(body: Iterable[str], edits: bool) -> None:
    """Refuse a field that nobody knows."""
    for name in body:
        if name not in FIELDS and not (edits and name in PICTURES):
            message = f"Unknown parameter: '{name}'."
            raise Refusal(Why.INVALID, message, field=f"{name}:unknown_parameter")


def check_files(body: Mapping[str, Any], files: Iterable[tuple[str, str, bytes]]) -> None:
    """Refuse an edit without a picture, and files (name, type, content) that are none."""
    given = pictures_of(body)
    if not given:
        raise _wrong("image", "is required", "missing_required_parameter")
    if len(given) > 16:
        raise _wrong("image", "has more than 16 pictures")
    for name, media_type, content in files:
        if media_type not in {f"image/{kind}" for kind in _TAKEN}:
            message = (
                f"Invalid file '{name}': unsupported mimetype ('{media_type}'). Supported file "
                "formats are 'image/jpeg', 'image/png', and 'image/webp'."
            )
            raise Refusal(Why.INVALID, message, field=f"{name}:unsupported_file_mimetype")
        if kind_of(content) not in (("png",) if name in ("mask", "markup") else _TAKEN):
            message = f"Invalid image file or mode for '{name}', please check your image file."
            raise Refusal(Why.INVALID, message, field=f"{name}:invalid_image_file")


def order_of(model: str, body: Mapping[str, Any]) -> Order:
    """What a body asks of a model.

    Raises:
        Refusal: in OpenAI's words, as far as they are known.
    """
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not 1 <= len(prompt) <= 32_000:
        raise _wrong("prompt", "must have 1 to 32000 characters")
    for name, words in {**WORDS, "quality": _qualities(model)}.items():
        if name in body and body[name] not in words:
            raise _wrong(name, f"must be one of {', '.join(words)}")
    _integer(body, "partial_images", 0, 3)
    return Order(
        model=model,
        prompt=prompt,
        pixels=_pixels(model, body.get("size", "auto")),
        identity=[prompt, len(pictures_of(body))],
        count=_integer(body, "n", 1, 10) or 1,
        carried="b64_json",
        format=_format(model, body),
        watermark=False,
        references=pictures_of(body),
    )


def _qualities(model: str) -> tuple[str, ...]:
    more = ("xhigh", "max") if model.startswith(("gpt-image-2.5", "gpt-image-2.6")) else ()
    return ("low", "medium", "high", *more, "auto")


def _format(model: str, body: Mapping[str, Any]) -> str:
    kind = str(body.get("output_format", "png"))
    for only, fields in PREVIEWS.items():
        for name in fields:
            if name in body and kind != only:
                raise _wrong(name, f"is only supported with output_format={only}")
    if kind in PREVIEWS:
        message = f"sandbox: it draws no {kind}; at OpenAI that takes access to a preview"
        raise Refusal(Why.INVALID, message, field="output_format:invalid_value")
    quality = _integer(body, "output_compression", 0, 100)
    if kind == "png" and quality not in (None, 100):
        raise _wrong("output_compression", "must be 100 for png")
    if kind == "jpeg" and body.get("background") == "transparent":
        raise _wrong("background", "transparent needs png or webp")
    if "markup" in body and ("mask" in body or not model.startswith("gpt-image-2.5")):
        raise _wrong("markup", "takes GPT Image 2.5, and no mask")
    return kind


def _integer(body: Mapping[str, Any], name: str, least: int, most: int) -> int | None:
    value = body.get(name)
    if value is not None and (type(value) is not int or not least <= value <= most):
        raise _wrong(name, f"must be from {least} to {most}")
    return value


def _pixels(model: str, size: object) -> tuple[int, int]:
    if size == "auto":
        return 1024, 1024
    found = _SIZE.fullmatch(str(size))
    if not found or (not model.startswith(_ANY_SIZE) and size not in _EARLIER):
        raise _wrong("size", f"must be one of {', '.join(_EARLIER)}, auto")
    width, height = int(found[1]), int(found[2])
    long, short = max(width, height), min(width, height)
    within = 655_360 <= width * height <= 8_294_400 and long <= 3840 and long <= 3 * short
    if width % 16 or height % 16 or not within:
        raise _wrong("size", "is not one that the model makes")
    return width, height


def _wrong(field: str, why: str, code: str = "invalid_value") -> Refusal:
    return Refusal(Why.INVALID, f"Invalid value: '{field}' {why}.", field=f"{field}:{code}")
