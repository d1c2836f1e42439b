"""Volcengine Ark and BytePlus ModelArk: Seedream at its maker's, in one answer or streamed.

From the Volcengine pages "图片生成 API" (82379/1541523) and of its streaming (82379/1824137), as
public copies of 2025 and 2026 have them; an audit of BytePlus ModelArk, revision 265, of
2026-10-08; and public records of real answers (2026-01 to 2026-10): a field that a model does
not have is refused, one that no model has is ignored, a refusal's message ends with the id of
the request. ModelArk answered one refusal without the wrapping ``error``: here it always does.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from attrs import evolve

from imagekit_sandbox.serving.books.links import Made
from imagekit_sandbox.serving.dialects.ark_models import FIELDS, MODELS, Served, order_from
from imagekit_sandbox.serving.kit.dialect import Dialect, Operation, model_in_body
from imagekit_sandbox.serving.kit.order import Order
from imagekit_sandbox.serving.kit.visit import Visit
from imagekit_sandbox.serving.makers.seedream import named, tokens
from imagekit_sandbox.serving.messages.answers import Answer, Event, json_answer, stream_answer
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["DIALECTS"]

#: Why -> status, its class in the tables, code, message.
REFUSALS = {
    Why.INVALID: (400, "BadRequest", "InvalidParameter", "A parameter is not valid."),
    Why.UNAUTHORIZED: (401, "Unauthorized", "AuthenticationError", "The API key is not valid."),
    Why.NO_BALANCE: (403, "Forbidden", "AccountOverdueError", "The account has an overdue bill."),
    Why.FROZEN: (401, "Unauthorized", "InvalidAccountStatus", "The account is not active."),
    Why.FORBIDDEN: (403, "Forbidden", "AccessDenied", "The key may not use this model."),
    Why.NO_SUCH_MODEL: (
        404,
        "NotFound",
        "InvalidEndpointOrModel.NotFound",
        "The model or endpoint does not exist or you have no access to it.",
    ),
    Why.NOT_FOUND: (404, "NotFound", "NotFound.path", "There is nothing at this path."),
    Why.MODERATED: (
        400,
        "BadRequest",
        "OutputImageSensitiveContentDetected",
        "The request failed because the output image may contain sensitive information.",
    ),
    Why.RATE_LIMITED: (
        429,
        "TooManyRequests",
        "ModelAccountIpmRateLimitExceeded",
        "Too many images per minute for this account and model.",
    ),
    Why.BROKEN: (500, "InternalServerError", "InternalServiceError", "An internal error."),
    Why.BAD_GATEWAY: (502, "BadGateway", "", "Bad gateway."),
    # No 503 is documented: an overload is among the 429.
    Why.OVERLOADED: (429, "TooManyRequests", "ServerOverloaded", "The service is overloaded."),
    Why.TIMED_OUT: (504, "GatewayTimeout", "", "Gateway timeout."),
}


def generate(ids: Mapping[str, Served], visit: Visit) -> Answer:
    body = visit.asked.json_object()
    visit.ignore(body, *FIELDS)
    id = named(visit.model)
    served = ids.get(id)
    if served is None:
        raise Refusal(Why.NO_SUCH_MODEL, field="model")
    order = order_from(body, id, served)
    made = visit.make(order)
    request = _request_id()
    items = [_item(visit, order, request, *one) for one in enumerate(made)]
    about = {"model": order.model, "created": int(visit.asked.at)}
    usage = _usage(order, sum(one is not None for one in made))
    if body.get("tools"):
        about["tools"] = body["tools"]
    if body.get("stream"):
        return _streamed(_events(items, about, usage), request)
    return json_answer({**about, "data": items, "usage": usage}, X_Request_Id=request)


def _item(
    visit: Visit, order: Order, request: str, index: int, made: Made | None
) -> dict[str, Any]:
    if made is None:
        _, _, code, message = REFUSALS[Why.MODERATED]
        return {"error": {"code": code, "message": f"{message} Request id: {request}"}}
    size = "{}x{}".format(*order.pixels)
    if order.carried == "b64_json":
        return {"b64_json": visit.base64(index, made), "size": size}
    return {"url": visit.link(made), "size": size}


def _usage(order: Order, pictures: int) -> dict[str, int]:
    used = tokens(order, pictures)
    return {"generated_images": pictures, "output_tokens": used, "total_tokens": used}


def _events(
    items: list[dict[str, Any]], about: dict[str, Any], usage: dict[str, int]
) -> Iterator[dict[str, Any]]:
    for index, item in enumerate(items):
        kind = "partial_failed" if "error" in item else "partial_succeeded"
        yield {"type": f"image_generation.{kind}", **about, "image_index": index, **item}
    yield {"type": "image_generation.completed", **about, "usage": usage}


def _streamed(events: Iterator[dict[str, Any]], request: str) -> Answer:
    frames = [Event.typed(one, picture=one["type"].endswith("succeeded")) for one in events]
    return stream_answer([*frames, Event("data: [DONE]\n\n")], X_Request_Id=request)


def wrapped(refusal: Refusal) -> Answer:
    status, kind, code, usual = REFUSALS[refusal.why]
    error = {
        "code": code,
        "message": f"{refusal.message or usual} Request id: {_request_id()}",
        "param": refusal.field or "",
        "type": kind,
    }
    return json_answer({"error": error}, status, **refusal.headers)


def flat(refusal: Refusal) -> Answer:
    answer = wrapped(refusal)
    return evolve(answer, body=json.dumps(json.loads(answer.body)["error"]).encode())


def _request_id() -> str:
    return f"02{secrets.token_hex(20)}"


def _dialect(host: str, ids: dict[str, str], envelope: Any, **prices: str) -> Dialect:
    served = {id: MODELS[model] for id, model in ids.items()}
    serve = partial(generate, served)
    return Dialect(
        host=host,
        base="/api/v3",
        operations=(
            Operation("generate", "POST", "/api/v3/images/generations", serve, model_in_body),
        ),
        envelope=envelope,
        prices={id: Decimal(prices[name]) for id, name in ids.items() if name in prices},
    )


DIALECTS = (
    _dialect(
        "ark",
        {
            "doubao-seedream-5-0-pro-260628": "pro",
            "doubao-seedream-5-0-260128": "lite",
            "doubao-seedream-5-0-lite-260128": "lite",
            "doubao-seedream-4-5-251128": "v4_5",
            "doubao-seedream-4-0-250828": "v4_0",
            "doubao-seedream-3-0-t2i-250415": "v3",
        },
        wrapped,
    ),
    _dialect(
        "modelark",
        {
            "dola-seedream-5-5-261028": "v5_5",
            "dola-seedream-5-0-pro-260628": "pro",
            "dola-seedream-5-0-flash-260915": "flash",
            "seedream-5-0-260128": "lite",
            "seedream-5-0-lite-260128": "lite",
            "seedream-4-5-251128": "v4_5",
            "seedream-4-0-250828": "v4_0",
            "seedream-3-0-t2i-250415": "v3",
        },
        flat,
        v5_5="0.035",
        flash="0.018",
        lite="0.035",
        v4_5="0.04",
        v4_0="0.03",
    ),
    _dialect(
        "modelark-eu",
        {"seedream-5-0-260128": "lite", "dola-seedream-5-0-pro-260628": "pro"},
        wrapped,
    ),
)
