"""OpenRouter: one images API for every model; pictures as base64, and what they have cost.

From https://openrouter.ai/docs (image generation, errors and debugging), read 2026-11-30. Which
fields a model takes is from copies of its catalogue, 2026-07 to 2026-10; one that a model lacks is
refused. How many pixels a ratio or a tier has is made up: about a megapixel for FLUX.2, and
squares of the tier's side, stretched, for the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import evolve, frozen

from imagekit_sandbox.serving.books.links import Made
from imagekit_sandbox.serving.kit.dialect import Dialect, Operation, model_in_body
from imagekit_sandbox.serving.kit.order import Order
from imagekit_sandbox.serving.kit.visit import Visit
from imagekit_sandbox.serving.makers.flux_2 import order_of, references_of, whole, wrong
from imagekit_sandbox.serving.messages.answers import Answer, json_answer
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["DIALECT"]

#: Why -> status, which is the code as well, and message.
REFUSALS = {
    Why.INVALID: (400, "The request is not valid"),
    Why.UNAUTHORIZED: (401, "No auth credentials found"),
    Why.NO_BALANCE: (402, "Insufficient credits"),
    Why.FROZEN: (403, "This key is disabled"),
    Why.FORBIDDEN: (403, "This key may not use this model"),
    Why.NO_SUCH_MODEL: (404, "The model does not exist"),
    Why.NOT_FOUND: (404, "Not found"),
    Why.MODERATED: (403, "Your input was flagged"),
    Why.RATE_LIMITED: (429, "Rate limit exceeded"),
    Why.BROKEN: (500, "Internal Server Error"),
    Why.BAD_GATEWAY: (502, "Provider returned error"),
    Why.OVERLOADED: (503, "No provider is available"),
    Why.TIMED_OUT: (504, "The provider did not answer in time"),
}
SIDES = {"512": 512, "1K": 1024, "2K": 2048, "4K": 4096}
FLUX_RATIOS = ("1:1", "4:3", "3:4", "3:2", "2:3", "16:9", "9:16", "21:9")
RATIOS = (*FLUX_RATIOS, "1:2", "2:1", "4:5", "5:4", "1:4", "4:1", "1:8", "8:1", "9:20", "20:9")
ALL = ("model", "prompt", "n", "aspect_ratio", "input_references", "provider")


@frozen
class Served:
    """What the catalogue says of a model: its own fields, tiers, and how many of what."""

    fields: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ("1K",)
    ratios: tuple[str, ...] = RATIOS
    references: int = 14
    most: int = 1


def _flux(references: int) -> Served:
    return Served(("seed", "output_format"), ratios=FLUX_RATIOS, references=references)


def _tiered(*tiers: str, fields: tuple[str, ...] = (), most: int = 1) -> Served:
    return Served(("resolution", *fields), tiers, most=most)


MODELS = {
    "black-forest-labs/flux.2-max": _flux(8),
    "black-forest-labs/flux.2-pro": _flux(8),
    "black-forest-labs/flux.2-flex": _flux(8),
    "black-forest-labs/flux.2-klein-4b": _flux(4),
    "bytedance-seed/seedream-4.5": _tiered("2K", "4K", fields=("seed",), most=10),
    "bytedance-seed/seedream-5-0-pro": _tiered("1K", "2K", fields=("seed",)),
    "bytedance-seed/seedream-5-0-flash": _tiered("1K", "2K", fields=("seed",)),
    "bytedance-seed/seedream-5-0-lite": _tiered("2K", "4K", fields=("seed",)),
    "google/gemini-3-pro-image": _tiered("1K", "2K", "4K"),
    "google/gemini-3.1-flash-image": _tiered("1K", "512", "2K", "4K"),
    "google/gemini-3.1-flash-lite-image": _tiered("1K"),
    "google/gemini-nano-banana-2.1": _tiered("1K", "2K", "4K"),
}


def generate(visit: Visit) -> Answer:
    body = visit.asked.json_object()
    model = MODELS.get(visit.model or "")
    if model is None:
        raise Refusal(Why.NO_SUCH_MODEL, field="model")
    for name in body:
        if name not in (*ALL, *model.fields):
            raise wrong(name, "is not supported by this model")
    order = _order(body, visit.model or "", model)
    made = [one for one in visit.make(order) if one]
    data = [_item(visit, index, one, order.format) for index, one in enumerate(made)]
    price = visit.prices.get(order.model)
    cost = {} if price is None else {"cost": float(price * visit.billed)}
    usage = {"prompt_tokens": 0, "completion_tokens": 4175, "total_tokens": 4175, **cost}
    return json_answer({"created": int(visit.asked.at), "data": data, "usage": usage})


def _order(body: Mapping[str, Any], id: str, model: Served) -> Order:
    given = body.get("input_references", [])
    urls = [_url(one) for one in given] if isinstance(given, list) else given
    references = references_of(urls, model.references, "input_references")
    count = whole(body, "n") or 1
    if not 1 <= count <= model.most:
        raise wrong("n", f"must be from 1 to {model.most}")
    order = order_of(body, id, _pixels(body, model), references)
    return evolve(order, count=count, carried="b64_json")


def _url(reference: Any) -> Any:
    """``{"type": "image_url", "image_url": {"url": ...}}``."""
    inner = reference.get("image_url") if isinstance(reference, dict) else None
    if not isinstance(inner, dict) or reference.get("type") != "image_url":
        raise wrong("input_references", "must be objects of the type image_url")
    return inner.get("url")


def _pixels(body: Mapping[str, Any], model: Served) -> tuple[int, int]:
    tier = body.get("resolution", model.tiers[0])
    ratio = body.get("aspect_ratio", "1:1")
    if tier not in model.tiers:
        raise wrong("resolution", f"must be one of {', '.join(model.tiers)}")
    if ratio not in model.ratios:
        raise wrong("aspect_ratio", f"must be one of {', '.join(model.ratios)}")
    across, down = (int(part) for part in ratio.split(":"))
    root = math.sqrt(across / down)
    return tuple(int(SIDES[tier] * by // 16 * 16) for by in (root, 1 / root))  # type: ignore[return-value]


def _item(visit: Visit, index: int, made: Made, format: str) -> dict[str, Any]:
    return {"b64_json": visit.base64(index, made), "media_type": f"image/{format}"}


def models(visit: Visit) -> Answer:
    return json_answer({"data": [{"id": id, "name": id.partition("/")[2]} for id in MODELS]})


def envelope(refusal: Refusal) -> Answer:
    status, usual = REFUSALS[refusal.why]
    error = {"code": status, "message": refusal.message or usual}
    return json_answer({"error": error}, status, **refusal.headers)


DIALECT = Dialect(
    host="openrouter",
    base="/api/v1",
    operations=(
        Operation("generate", "POST", "/api/v1/images", generate, model_in_body),
        Operation("models", "GET", "/api/v1/images/models", models),
    ),
    envelope=envelope,
    # FLUX.2's is that of a megapixel, and here it draws no more.
    prices={
        "black-forest-labs/flux.2-max": Decimal("0.07"),
        "black-forest-labs/flux.2-pro": Decimal("0.03"),
        "black-forest-labs/flux.2-flex": Decimal("0.06"),
        "black-forest-labs/flux.2-klein-4b": Decimal("0.014"),
        "bytedance-seed/seedream-4.5": Decimal("0.04"),
        "bytedance-seed/seedream-5-0-flash": Decimal("0.018"),
        "bytedance-seed/seedream-5-0-lite": Decimal("0.035"),
    },
)
