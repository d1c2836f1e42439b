"""OpenAI's Images API, as OpenAI serves it: GPT image models, JSON, forms and streams.

From the OpenAPI description v2.3.0 (2026-08-21), copies of the image guide, read 2026-11-21, and
the types of the official openai 3.57.0: base64 alone, ``response_format`` refused, an event for
each picture. No stream of this API is on record; its events are those of the description.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from imagekit_sandbox.serving.dialects.openai_forms import fields_of, model_of, pictures_of
from imagekit_sandbox.serving.dialects.openai_orders import (
    MODELS,
    check_fields,
    check_files,
    known,
    order_of,
)
from imagekit_sandbox.serving.kit.dialect import Dialect, Operation, model_in_body
from imagekit_sandbox.serving.kit.order import Order
from imagekit_sandbox.serving.kit.visit import Visit
from imagekit_sandbox.serving.messages.answers import Answer, Event, json_answer, stream_answer
from imagekit_sandbox.serving.messages.asked import Asked
from imagekit_sandbox.serving.messages.magic import decoded
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["DIALECT"]

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
    body = visit.asked.json_object()
    check_fields(body, edits=False)
    return _answer(visit, "image_generation", body)


def edit(visit: Visit) -> Answer:
    body = fields_of(visit.asked)
    check_fields(body, edits=True)
    check_files(body, _files(visit.asked, pictures_of(body)))
    return _answer(visit, "image_edit", body)


def _files(asked: Asked, given: Iterable[str]) -> list[tuple[str, str, bytes]]:
    """Those of a form, or the pictures that stand in a body: name, type, content."""
    if asked.form is not None:
        return [(one.name, one.media_type, one.content) for one in asked.form if one.filename]
    heads = [one.partition(";base64,") for one in given if one.startswith("data:")]
    return [
        (f"images[{place}]", head.removeprefix("data:"), decoded(data))
        for place, (head, _, data) in enumerate(heads)
    ]


def _answer(visit: Visit, kind: str, body: Mapping[str, Any]) -> Answer:
    order = order_of(known(visit.model), body)
    made = [one for one in visit.make(order) if one]
    about = _about(body, order)
    pictures = [visit.base64(index, one) for index, one in enumerate(made)]
    request = {"X-Request-Id": f"req_{secrets.token_hex(12)}"}
    if body.get("stream"):
        drafts = body.get("partial_images", 0)
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


def _about(body: Mapping[str, Any], order: Order) -> dict[str, Any]:
    """What was chosen: ``auto`` is no answer."""
    chosen = {"background": "opaque", "quality": "high"}
    for name in chosen:
        if body.get(name, "auto") != "auto":
            chosen[name] = body[name]
    identifier = body.get("safety_identifier") or body.get("user")
    safety = {"safety_identifier": identifier} if identifier else {}
    size = "{}x{}".format(*order.pixels)
    return {**chosen, "output_format": order.format, "size": size, **safety}


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


def models(visit: Visit) -> Answer:
    return json_answer({"object": "list", "data": [_described(id) for id in MODELS]})


def model(visit: Visit) -> Answer:
    return json_answer(_described(known(visit.values["model"])))


def _described(id: str) -> dict[str, Any]:
    return {"id": id, "object": "model", "created": MODELS[id], "owned_by": "openai"}


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
        Operation("models", "GET", "/v1/models/{model}", model),
    ),
    envelope=envelope,
)
