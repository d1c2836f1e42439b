"""PowerTokens: Seedream, one synchronous POST a request; Kling by the tasks of its maker.

From https://docs.powertokens.ai/en/byteplus/image, read 2026-11-21. The page documents no
usage, no ids of requests and no errors; it says that ``data[].error`` and ``metadata`` may
be there. What refusals look like is inferred: OpenAI's envelope, as the likely software of
the host has it, with statuses and codes that the vendor's own client sorts by. The pages of
Kling (docs.powertokens.ai/en/zmodelImage/kling) have the POST alone: what asks for a task is
here where its maker has it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from imagekit_sandbox.serving.books.links import Made
from imagekit_sandbox.serving.kit.dialect import Dialect, Operation, model_in_body
from imagekit_sandbox.serving.kit.visit import Visit
from imagekit_sandbox.serving.makers.kling import endpoints, operations
from imagekit_sandbox.serving.makers.seedream import FIELDS, Seedream, named, order_of
from imagekit_sandbox.serving.messages.answers import Answer, json_answer
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["DIALECT"]

MODELS = {
    # The host's page still has the first limits of 5.0 lite.
    "seedream-5-0-260128": Seedream(("2K", "3K"), 3_686_400, 10_404_496, formats=True),
    "seedream-4-5-251128": Seedream(("2K", "4K"), 3_686_400, 16_777_216),
    "seedream-4-0-250828": Seedream(("1K", "2K", "4K"), 921_600, 16_777_216),
}

KLING = endpoints(omni_image=("kling-v3-omni",), generations=("kling-v3",), multi=("kling-v2",))

#: Why -> status, code, message.
REFUSALS = {
    Why.INVALID: (400, "InvalidParameter", "The request is not valid"),
    Why.UNAUTHORIZED: (401, "token_invalid", "Invalid token"),
    Why.NO_BALANCE: (402, "insufficient_user_quota", "Insufficient credits"),
    Why.FROZEN: (403, "token_invalid", "This token has expired"),
    Why.FORBIDDEN: (403, "access_denied", "This token is not permitted to use this model"),
    Why.NO_SUCH_MODEL: (404, "model_not_found", "The model does not exist"),
    Why.NOT_FOUND: (404, "not_found", "Not found"),
    Why.MODERATED: (
        400,
        "OutputImageSensitiveContentDetected",
        "The request failed because the output image may contain sensitive information",
    ),
    Why.RATE_LIMITED: (429, "rate_limit_exceeded", "Too many requests"),
    Why.BROKEN: (500, "InternalServiceError", "The service encountered an internal error"),
    Why.BAD_GATEWAY: (502, "bad_response", "The upstream answered badly"),
    Why.OVERLOADED: (503, "overloaded", "The service is overloaded"),
    Why.TIMED_OUT: (504, "timeout", "The upstream did not answer in time"),
}


def generate(visit: Visit) -> Answer:
    body = visit.asked.json_object()
    visit.ignore(body, *FIELDS)
    id = named(visit.model)
    model = MODELS.get(id)
    if model is None:
        raise Refusal(Why.NO_SUCH_MODEL, field="model")
    order = order_of(body, id, model)
    made = visit.make(order)
    size = "{}x{}".format(*order.pixels)
    data = [_item(visit, index, one, order.carried, size) for index, one in enumerate(made)]
    return json_answer({"created": int(visit.asked.at), "data": data, "metadata": {}})


def _item(visit: Visit, index: int, made: Made | None, carried: str, size: str) -> dict[str, Any]:
    if made is None:
        _, code, message = REFUSALS[Why.MODERATED]
        return {"error": {"code": code, "message": message}}
    if carried == "b64_json":
        return {"b64_json": visit.base64(index, made), "size": size}
    return {"url": visit.link(made), "size": size}


def models(visit: Visit) -> Answer:
    owners = dict.fromkeys(MODELS, "byteplus")
    owners |= {id: "custom" for endpoint in KLING for id in endpoint.models}
    data = [
        {"id": id, "owned_by": owner, "supported_endpoint_types": ["image-generation"]}
        for id, owner in owners.items()
    ]
    return json_answer({"object": "list", "data": data})


def envelope(refusal: Refusal) -> Answer:
    status, code, usual = REFUSALS[refusal.why]
    error = {
        "message": refusal.message or usual,
        "type": "api_error" if status >= 500 else "invalid_request_error",
        "param": refusal.field or "",
        "code": code,
    }
    return json_answer({"error": error}, status, **refusal.headers)


DIALECT = Dialect(
    host="powertokens",
    base="",
    operations=(
        Operation("generate", "POST", "/v1/images/generations", generate, model_in_body),
        Operation("models", "GET", "/v1/models", models),
        *operations("/kling/v1/images", KLING),
    ),
    envelope=envelope,
    # A third party's list; nobody has one for 4.0 here.
    prices={
        "seedream-5-0-260128": Decimal("0.034"),
        "seedream-4-5-251128": Decimal("0.038"),
    },
)
