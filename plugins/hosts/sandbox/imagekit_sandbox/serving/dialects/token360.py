"""Token360: one body for every model, a native mode, and a record of every picture.

From https://www.token360.ai/en-US/docs (image-generation, list-images, download-image,
delete-image, error-handling, native-params-passthrough), read 2026-11-21. Of the models' ids
the pages show one; the others are their display names in the same manner. The values that the
models' cards name are not published: here they are the makers' own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from imagekit_sandbox.serving.books.links import Made
from imagekit_sandbox.serving.dialects.token360_records import (
    RECORDS,
    keep,
    keep_failure,
)
from imagekit_sandbox.serving.kit.dialect import Dialect, Operation, model_in_body
from imagekit_sandbox.serving.kit.order import Order
from imagekit_sandbox.serving.kit.visit import Visit
from imagekit_sandbox.serving.makers.seedream import FIELDS, Seedream, named, order_of, tokens
from imagekit_sandbox.serving.messages.answers import Answer, json_answer
from imagekit_sandbox.serving.messages.asked import Asked
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["DIALECT"]

NATIVE = "token360-native-params"
NO_OBJECT = "JSON object body is required when Token360-Native-Params is enabled"

#: Why -> status, type, message. The code is the status, as text.
REFUSALS = {
    Why.INVALID: (400, "invalid_request_error", "The request is not valid"),
    Why.UNAUTHORIZED: (401, "invalid_api_key", "Invalid API key or token provided"),
    Why.NO_BALANCE: (402, "insufficient_balance", "The account has no balance left"),
    Why.FROZEN: (403, "api_key_frozen", "This API key is frozen"),
    Why.FORBIDDEN: (403, "model_access_denied", "This API key may not use this model"),
    Why.NO_SUCH_MODEL: (404, "model_not_found", "The requested model does not exist"),
    Why.NOT_FOUND: (404, "not_found_error", "The requested resource does not exist"),
    Why.MODERATED: (
        400,
        "invalid_request_error",
        "OutputImageSensitiveContentDetected: the output image may contain sensitive information",
    ),
    Why.RATE_LIMITED: (429, "rate_limit_error", "Too many requests"),
    Why.BROKEN: (500, "api_error", "Internal error"),
    Why.BAD_GATEWAY: (502, "api_error", "The upstream is unavailable"),
    Why.OVERLOADED: (503, "api_error", "The service is overloaded"),
    Why.TIMED_OUT: (504, "api_error", "The upstream did not answer in time"),
}


@frozen
class Card:
    """A model's card: the controls that it has, and how they are read.

    Attributes:
        controls: fields besides model and prompt; others are ignored.
        order: reads a body that has these fields alone.
        native: reads a body in the maker's own words; None reads no more than the prompt.
    """

    controls: tuple[str, ...]
    order: Callable[[Mapping[str, Any], str], Order]
    native: Callable[[Mapping[str, Any], str], Order] | None = None


def _seedream(model: Seedream, *controls: str) -> Card:
    def order(body: Mapping[str, Any], id: str) -> Order:
        return order_of(body, id, model)

    return Card(("size", *controls), order, order)


def _plain(body: Mapping[str, Any], id: str, side: int = 1024, ratio: str = "1:1") -> Order:
    """A picture of about ``side`` squared pixels."""
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise Refusal(Why.INVALID, "prompt is required", field="prompt")
    across, down = (int(part) for part in ratio.split(":"))
    root = math.sqrt(across / down)
    return Order(
        model=id,
        prompt=prompt,
        pixels=(round(side * root / 16) * 16, round(side / root / 16) * 16),
        identity=prompt,
        count=_of(body, "n", range(1, 10)) or 1,
    )


def _kling(body: Mapping[str, Any], id: str) -> Order:
    sizes = {"1k": 1024, "2k": 2048}
    size = _of({"size": str(body.get("size", "1k")).lower()}, "size", sizes)
    return _plain(body, id, sizes[size])


def _nano_banana(body: Mapping[str, Any], id: str) -> Order:
    sides = {"1K": 1024, "2K": 2048, "4K": 4096}
    ratios = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"]
    quality = _of(body, "quality", sides) or "1K"
    return _plain(body, id, sides[quality], _of(body, "ratio", ratios) or "1:1")


def _glm_image(body: Mapping[str, Any], id: str) -> Order:
    return _plain(body, id, 1280)


def _of(body: Mapping[str, Any], name: str, known: Any) -> Any:
    value = body.get(name)
    if value is not None and value not in known:
        message = f"{name} must be one of {', '.join(map(str, known))}"
        raise Refusal(Why.INVALID, message, field=name)
    return value


_SEEDREAM = ("seed", "watermark", "response_format", "sequential_image_generation")
MODELS = {
    "dola-seedream-5.0-lite": _seedream(
        Seedream(("2K", "3K", "4K"), 3_686_400, 16_777_216, formats=True), "seed", "watermark"
    ),
    "seedream-4.5": _seedream(Seedream(("2K", "4K"), 3_686_400, 16_777_216), *_SEEDREAM),
    "seedream-4.0": _seedream(Seedream(("1K", "2K", "4K"), 921_600, 16_777_216), *_SEEDREAM),
    "kling-image-o1": Card(("n", "size"), _kling),
    "nano-banana-pro": Card(("ratio", "quality"), _nano_banana),
    "glm-image": Card((), _glm_image),
}


def generate(visit: Visit) -> Answer:
    body = _body(visit.asked)
    id = named(visit.model)
    if id not in MODELS:
        raise Refusal(Why.NO_SUCH_MODEL, field="model")
    native = _is_native(visit.asked)
    if not native and ("image" in body or "images" in body):
        return _firewall()
    order = _order(visit, body, MODELS[id], native)
    try:
        made = visit.make(order)
    except Refusal as refusal:
        keep_failure(visit, order, refusal.message or REFUSALS[refusal.why][2])
        raise
    data = [_item(visit, index, one, order.carried) for index, one in enumerate(made)]
    keep(visit, order, next(one for one in made if one))
    spent = tokens(order, visit.billed)
    usage = {"generated_images": visit.billed, "output_tokens": spent, "total_tokens": spent}
    return json_answer({"created": int(visit.asked.at), "model": id, "data": data, "usage": usage})


def _body(asked: Asked) -> dict[str, Any]:
    try:
        body = asked.json_object()
    except Refusal:
        body = {}
    if not body and _is_native(asked):
        raise Refusal(Why.INVALID, NO_OBJECT)
    return body or asked.json_object()


def _is_native(asked: Asked) -> bool:
    return asked.headers.get(NATIVE, "").lower() in ("true", "1", "yes", "on")


def _order(visit: Visit, body: Mapping[str, Any], card: Card, native: bool) -> Order:
    """By the maker's own words in native mode, else by what is on the model's card."""
    id = visit.model or ""
    if native:
        visit.ignore(body, *FIELDS)
        return (card.native or _plain)(body, id)
    known = ("model", "prompt", *card.controls)
    visit.ignore(body, *known)
    return card.order({name: body[name] for name in known if name in body}, id)


def _item(visit: Visit, index: int, made: Made | None, carried: str) -> dict[str, Any]:
    if made is None:
        code, _, message = REFUSALS[Why.MODERATED][2].partition(": ")
        return {"error": {"code": code, "message": message}}
    if carried == "b64_json":
        return {"b64_json": visit.base64(index, made)}
    return {"url": visit.link(made)}


def _firewall() -> Answer:
    """What a client has met that sent references: the page has no field for them."""
    page = b"<html><head><title>403 Forbidden</title></head><body>403 Forbidden</body></html>\n"
    return Answer(403, page, {"Content-Type": "text/html"})


def models(visit: Visit) -> Answer:
    return json_answer({"object": "list", "data": [{"id": id, "object": "model"} for id in MODELS]})


def envelope(refusal: Refusal) -> Answer:
    status, kind, usual = REFUSALS[refusal.why]
    error = {
        "message": refusal.message or usual,
        "type": kind,
        "param": refusal.field,
        "code": str(status),
    }
    return json_answer({"error": error}, status, **refusal.headers)


DIALECT = Dialect(
    host="token360",
    base="/v1",
    operations=(
        Operation("generate", "POST", "/v1/images/generations", generate, model_in_body),
        Operation("models", "GET", "/v1/models", models),
        *RECORDS,
    ),
    envelope=envelope,
)
