"""What Kling's three endpoints take: a body becomes an order, or is refused."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from imagekit_sandbox.serving.kit.order import Order
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["combined", "generated", "omni", "own_id", "watermarked"]

RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9")
SIDES = {"1k": 1024, "2k": 2048, "4k": 4096}
#: The only model with 4k and with series, says the capability map.
LARGEST = "kling-v3-omni"
_MENTION = re.compile(r"<<<(image|element)_(\d+)>>>")
_MAGIC = (b"\x89PNG\r\n", b"\xff\xd8\xff")


def omni(body: Mapping[str, Any]) -> Order:
    """``/images/omni-image``."""
    images = _listed(body, "image_list", "image")
    elements = _elements(body)
    if len(images) + len(elements) > 10:
        raise _wrong("image_list and element_list have more than 10 entries together")
    for kind, number in _MENTION.findall(_prompt(body)):
        if not 1 <= int(number) <= len(images if kind == "image" else elements):
            raise _wrong(f"<<<{kind}_{number}>>> in the prompt is not in the list")
    largest = body["model_name"] == LARGEST
    tier = _of(body, "resolution", SIDES if largest else ("1k", "2k")) or "1k"
    series = _of(body, "result_type", ("single", "series") if largest else ("single",))
    count = _series_amount(body) if series == "series" else _count(body)
    ratio = _of(body, "aspect_ratio", (*RATIOS, "auto")) or "auto"
    return _order(body, images, count, "1:1" if ratio == "auto" else ratio, tier)


def generated(body: Mapping[str, Any]) -> Order:
    """``/images/generations``."""
    images = [_picture("image", body["image"])] if "image" in body else []
    if images and body.get("negative_prompt"):
        raise _wrong("negative_prompt is not supported together with image")
    if _of(body, "image_reference", ("subject", "face")) and not images:
        raise _wrong("image is required with image_reference")
    for name in ("image_fidelity", "human_fidelity"):
        fidelity = body.get(name, 0)
        if type(fidelity) not in (int, float) or not 0 <= fidelity <= 1:
            raise _wrong(f"{name} must be from 0 to 1")
    _elements(body)
    ratio = _of(body, "aspect_ratio", RATIOS) or "16:9"
    tier = _of(body, "resolution", ("1k", "2k")) or "1k"
    return _order(body, images, _count(body), ratio, tier)


def combined(body: Mapping[str, Any]) -> Order:
    """``/images/multi-image2image``."""
    images = _listed(body, "subject_image_list", "subject_image")
    if not 1 <= len(images) <= 4:
        raise _wrong("subject_image_list needs 1 to 4 entries")
    names = [name for name in ("scene_image", "style_image") if name in body]
    images += [_picture(name, body[name]) for name in names]
    ratio = _of(body, "aspect_ratio", RATIOS) or "16:9"
    return _order({"prompt": "", **body}, images, _count(body), ratio, "1k")


def _order(body: Mapping[str, Any], images: list[str], count: int, ratio: str, tier: str) -> Order:
    across, down = (int(part) for part in ratio.split(":"))
    root, side = math.sqrt(across / down), SIDES[tier]
    return Order(
        model=str(body["model_name"]),
        prompt=_prompt(body),
        pixels=(round(side * root / 16) * 16, round(side / root / 16) * 16),
        identity=[body.get("prompt"), body.get("negative_prompt")],
        count=count,
        format="png",
        watermark=False,
        references=tuple(images),
    )


def own_id(body: Mapping[str, Any]) -> str:
    """The caller's own id of a task; empty when there is none."""
    id = body.get("external_task_id", "")
    if not isinstance(id, str):
        raise _wrong("external_task_id must be a text")
    return id


def watermarked(body: Mapping[str, Any]) -> bool:
    """Whether copies with a watermark are wanted as well."""
    info = body.get("watermark_info", {})
    enabled = info.get("enabled", False) if isinstance(info, dict) else None
    if not isinstance(enabled, bool):
        raise _wrong("watermark_info must be {enabled: true or false}")
    return enabled


# --- one field ----------------------------------------------------------------------------------


def _wrong(message: str) -> Refusal:
    return Refusal(Why.INVALID, message)


def _of(body: Mapping[str, Any], name: str, known: Iterable[str]) -> Any:
    value = body.get(name)
    if value is not None and (not isinstance(value, str) or value not in known):
        raise _wrong(f"{name} value {value!r} is invalid, it must be one of {[*known]}")
    return value


def _prompt(body: Mapping[str, Any]) -> str:
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or len(prompt) > 2500:
        raise _wrong("prompt must be a text of at most 2500 characters")
    return prompt


def _count(body: Mapping[str, Any]) -> int:
    count = body.get("n", 1)
    if type(count) is not int or not 1 <= count <= 9:
        raise _wrong("n must be an integer from 1 to 9")
    return count


def _series_amount(body: Mapping[str, Any]) -> int:
    amount = body.get("series_amount", 4)
    if amount == "auto":
        return 3  # as many as the model likes
    if type(amount) is not int or not 2 <= amount <= 9:
        raise _wrong("series_amount must be an integer from 2 to 9, or auto")
    return amount


def _listed(body: Mapping[str, Any], name: str, inner: str) -> list[str]:
    entries = body.get(name, [])
    if not isinstance(entries, list):
        raise _wrong(f"{name} must be a list")
    return [_picture(name, one.get(inner) if isinstance(one, dict) else None) for one in entries]


def _elements(body: Mapping[str, Any]) -> list[int]:
    entries = body.get("element_list", [])
    if not isinstance(entries, list):
        raise _wrong("element_list must be a list")
    given = [one.get("element_id") if isinstance(one, dict) else None for one in entries]
    ids = [id for id in given if type(id) is int and 0 <= id < 1 << 63]
    if len(ids) < len(given):
        raise _wrong("element_list must have entries of {element_id: integer}")
    return ids


def _picture(name: str, value: object) -> str:
    """A link, or base64 without a prefix, which becomes a data URL here.

    Raises:
        Refusal: it is neither, or the bytes are no PNG or JPEG.
    """
    if not isinstance(value, str) or not value:
        raise _wrong(f"{name} has an empty picture")
    if value.startswith(("http://", "https://")):
        return value
    try:
        data = base64.b64decode(value, validate=True)
    except binascii.Error:
        raise _wrong(f"{name} must be a link, or base64 without a prefix") from None
    if not data.startswith(_MAGIC):
        raise _wrong(f"{name} must be a PNG or a JPEG")
    return f"data:image/png;base64,{value}"
