"""OpenAI's Images API, as OpenAI serves it: GPT image models, JSON, forms and streams.

From the OpenAPI description v2.3.0 (2026-08-21) and copies of the image guide, read
2026-11-21: base64 alone, ``response_format`` refused, an event for each picture. No stream of
this API is on record; its events are those of the description.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from imagekit_sandbox.serving.dialect import Dialect, Operation, Order, model_in_body
from imagekit_sandbox.serving.dialects.openai_forms import fields_of, model_of, pictures_of
from imagekit_sandbox.serving.messages import (
    Answer,
    Event,
    Refusal,
    Why,
    json_answer,
    stream_answer,
)
from imagekit_sandbox.serving.visit import Visit

__all__ = ["DIALECT"]

MODELS = (
    "gpt-image-2",
    "gpt-image-2-2026-04-21",
    "gpt-image-1.5",
    "gpt-image-1",
    "gpt-image-1-mini",
)
FIELDS = (
    *("model", "prompt", "n", "size", "quality", "output_format", "output_compression"),
    *("background", "moderation", "user", "stream", "partial_images"),
)
PICTURES = ("image", "images", "mask", "input_fidelity")
_SIZE = re.compile(r"([1-9]\d{0,4})x([1-9]\d{0,4})")
_EARLIER = ("1024x1024", "1536x1024", "1024x1536")
_USER = "image_generation_user_error"

#: Why -> status, type, code, message.
REFUSALS = {
    Why.INVALID: (400, "invalid_request_error", "invalid_value", "The request is not valid"),
    Why.UNAUTHORIZED: (401, "invalid_request_error", "invalid_api_key", "Incorrect API key"),
    Why.NO_BALANCE: (429, "insufficient_quota", "insufficient_quota", "You exceeded your quota"),
    Why.FROZEN: (401, "invalid_request_error", "account_deactivated", "The account is deactivated"),
    Why.FORBIDDEN: (403, "invalid_request_error", None, "This key may not use this model"),
    Why.NO_SUCH_MODEL: (404, "invalid_request_error", "model_not_found", "No such model"),
    Why.NOT_FOUND: (404, "invalid_request_error", None, "Invalid URL"),
    Why.MODERATED: (400, _USER, "moderation_blocked", "Rejected by the safety system"),
    Why.RATE_LIMITED: (429, "requests", "rate_limit_exceeded", "Rate limit reached"),
    Why.BROKEN: (500, "server_error", None, "The server had an error"),
    Why.BAD_GATEWAY: (502, "server_error", None, "Bad gateway"),
    Why.OVERLOADED: (503, "server_error", None, "The server is overloaded"),
    Why.TIMED_OUT: (504, "server_error", None, "The server took too long"),
}


def generate(visit: Visit) -> Answer:
    return _answer(visit, "image_generation", visit.asked.json_object(), FIELDS)


def edit(visit: Visit) -> Answer:
    body = fields_of(visit.asked)
    if not pictures_of(body):
        raise _wrong("image", "is required", "missing_required_parameter")
    return _answer(visit, "image_edit", body, (*FIELDS, *PICTURES))


def _answer(visit: Visit, kind: str, body: Mapping[str, Any], known: tuple[str, ...]) -> Answer:
    strange = [name for name in body if name not in known]
    if strange:
        message = f"Unknown parameter: '{strange[0]}'."
        raise Refusal(Why.INVALID, message, field=f"{strange[0]}:unknown_parameter")
    order = _order(visit, body)
    made = [one for one in visit.make(order) if one]
    about = {
        "background": body.get("background", "opaque"),
        "output_format": order.format,
        "quality": body.get("quality", "high"),
        "size": "{}x{}".format(*order.pixels),
    }
    pictures = [visit.base64(index, one) for index, one in enumerate(made)]
    request = {"X-Request-Id": f"req_{secrets.token_hex(12)}"}
    if body.get("stream"):
        drafts = min(int(body.get("partial_images", 0)), 3)
        events = _events(kind, int(visit.asked.at), pictures, drafts, about)
        return _streamed(events, request["X-Request-Id"])
    document = {
        "created": int(visit.asked.at),
        "data": [{"b64_json": one} for one in pictures],
        **about,
        "usage": _usage(len(pictures)),
    }
    answer = json_answer(document)
    return Answer(200, answer.body, {**answer.headers, **request})


def _events(
    kind: str, at: int, pictures: list[str], drafts: int, about: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    shared = {"created_at": at, **about}
    for picture in pictures:
        for index in range(drafts):
            partial = {"type": f"{kind}.partial_image", "b64_json": picture, **shared}
            yield {**partial, "partial_image_index": index}
        yield {"type": f"{kind}.completed", "b64_json": picture, **shared, "usage": _usage(1)}


def _streamed(events: Iterator[dict[str, Any]], request: str) -> Answer:
    frames = (Event.typed(one, picture=one["type"].endswith("completed")) for one in events)
    return stream_answer(frames, X_Request_Id=request)


def _usage(pictures: int) -> dict[str, Any]:
    made = 1056 * pictures
    details = {"text_tokens": 12, "image_tokens": 0}
    return {
        "total_tokens": 12 + made,
        "input_tokens": 12,
        "output_tokens": made,
        "input_tokens_details": details,
    }


# --- what is asked for ---------------------------------------------------------------------


def _order(visit: Visit, body: Mapping[str, Any]) -> Order:
    model = visit.model or ""
    if model not in MODELS:
        raise Refusal(Why.NO_SUCH_MODEL, f"The model '{model}' does not exist", field="model")
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not 1 <= len(prompt) <= 32_000:
        raise _wrong("prompt", "must have 1 to 32000 characters")
    count, kind = body.get("n", 1), body.get("output_format", "png")
    if type(count) is not int or not 1 <= count <= 10:
        raise _wrong("n", "must be from 1 to 10")
    if kind not in ("png", "jpeg", "webp"):
        raise _wrong("output_format", "must be one of png, jpeg, webp")
    if kind == "png" and body.get("output_compression", 100) != 100:
        raise _wrong("output_compression", "must be 100 for png")
    if kind == "jpeg" and body.get("background") == "transparent":
        raise _wrong("background", "transparent needs png or webp")
    return Order(
        model=model,
        prompt=prompt,
        pixels=_pixels(model, body.get("size", "auto")),
        identity=[prompt, len(pictures_of(body))],
        count=count,
        carried="b64_json",
        format="jpeg" if kind == "jpeg" else "png",  # nothing here draws webp
        references=pictures_of(body),
    )


def _pixels(model: str, size: object) -> tuple[int, int]:
    if size == "auto":
        return 1024, 1024
    found = _SIZE.fullmatch(str(size))
    earlier = not model.startswith("gpt-image-2")
    if not found or (earlier and size not in _EARLIER):
        raise _wrong("size", f"must be one of {', '.join(_EARLIER)}, auto")
    width, height = int(found[1]), int(found[2])
    long, short = max(width, height), min(width, height)
    within = 655_360 <= width * height <= 8_294_400 and long <= 3840 and long <= 3 * short
    if width % 16 or height % 16 or not within:
        raise _wrong("size", "is not one that the model makes")
    return width, height


def _wrong(field: str, why: str, code: str = "invalid_value") -> Refusal:
    return Refusal(Why.INVALID, f"Invalid value: '{field}' {why}.", field=f"{field}:{code}")


def models(visit: Visit) -> Answer:
    data = [{"id": id, "object": "model", "created": 0, "owned_by": "openai"} for id in MODELS]
    return json_answer({"object": "list", "data": data})


def envelope(refusal: Refusal) -> Answer:
    status, kind, code, usual = REFUSALS[refusal.why]
    param, _, own = (refusal.field or "").partition(":")
    error = {
        "message": refusal.message or usual,
        "type": kind,
        "param": param or None,
        "code": own or code,
    }
    named = {"X_Request_Id": f"req_{secrets.token_hex(12)}"}
    return json_answer({"error": error}, status, **named, **refusal.headers)


DIALECT = Dialect(
    host="openai",
    base="/v1",
    operations=(
        Operation("generate", "POST", "/v1/images/generations", generate, model_in_body),
        Operation("generate", "POST", "/v1/images/edits", edit, model_of),
        Operation("models", "GET", "/v1/models", models),
    ),
    envelope=envelope,
)
