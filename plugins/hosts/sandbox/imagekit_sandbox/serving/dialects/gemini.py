"""The Gemini API: Nano Banana by ``generateContent``, one picture a request, as base64.

From ai.google.dev/gemini-api/docs (image-generation, 2026-09-05; troubleshooting) and recorded
traffic of 2025 and 2026: a wrong key is a 400 and no key a 403; what is refused for its
content is a 200; how long to wait stands in the body. Pro makes other pixels than the page's
when no ratio is asked for, as recorded, and signs its pictures with a text of a megabyte.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from imagekit_sandbox.serving.dialect import Dialect, Operation
from imagekit_sandbox.serving.dialects.gemini_orders import MODELS, Asking, read_order
from imagekit_sandbox.serving.links import Made
from imagekit_sandbox.serving.messages import Answer, Asked, Refusal, Why, json_answer
from imagekit_sandbox.serving.visit import Visit

__all__ = ["DIALECT"]

#: Why -> status, status in words, message. A page of HTML stands in front of the rest.
REFUSALS = {
    Why.INVALID: (400, "INVALID_ARGUMENT", "Request contains an invalid argument."),
    Why.UNAUTHORIZED: (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
    Why.NO_BALANCE: (429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted."),
    Why.FROZEN: (403, "PERMISSION_DENIED", "Your API key was reported as leaked."),
    Why.FORBIDDEN: (403, "PERMISSION_DENIED", "The caller does not have permission"),
    Why.NO_SUCH_MODEL: (404, "NOT_FOUND", "models/x is not found for API version v1beta"),
    Why.NOT_FOUND: (404, "NOT_FOUND", "Requested entity was not found."),
    Why.RATE_LIMITED: (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota."),
    Why.BROKEN: (500, "INTERNAL", "Internal error encountered."),
    Why.OVERLOADED: (503, "UNAVAILABLE", "The model is overloaded."),
    Why.TIMED_OUT: (504, "DEADLINE_EXCEEDED", "Deadline exceeded."),
}
NO_KEY = "Method doesn't allow unregistered callers (callers without established identity)."
SIGNATURE = "c2ln" * 300_000  # recorded ones had 1.1 to 2.9 million characters


def key_of(asked: Asked) -> str | None:
    """The key of the header; of the query as well, though that gets into logs."""
    key = asked.headers.get("x-goog-api-key") or asked.query.get("key")
    if not key:
        raise Refusal(Why.FORBIDDEN, NO_KEY)
    return key


def model_in_path(asked: Asked) -> str:
    return asked.path.rpartition("/")[2].partition(":")[0]


def generate(visit: Visit) -> Answer:
    id = visit.model or ""
    if id not in MODELS:
        message = f"models/{id} is not found for API version v1beta, or is not supported"
        raise Refusal(Why.NO_SUCH_MODEL, message)
    asking = read_order(visit.asked.json_object(), id)
    if "IMAGE" not in asking.modalities:
        return json_answer(_answer(asking, [{"text": "A heron, described in words."}], tokens=0))
    (made,) = visit.make(asking.order)
    assert made is not None  # the only one; else all were refused
    return json_answer(_answer(asking, _parts(visit, asking, made), asking.tokens))


def _parts(visit: Visit, asking: Asking, made: Made) -> list[dict[str, Any]]:
    data = {"mimeType": made.media_type, "data": visit.base64(0, made)}
    parts: list[dict[str, Any]] = []
    if asking.thoughts:
        parts += [
            {"text": "First a draft.", "thought": True},
            {"inlineData": data, "thought": True},
        ]
    if "TEXT" in asking.modalities:
        parts.append({"text": "Here is your picture: "})
    signed = {"thoughtSignature": SIGNATURE} if MODELS[asking.order.model].thinks else {}
    return [*parts, {"inlineData": data, **signed}]


def _answer(asking: Asking, parts: list[dict[str, Any]], tokens: int) -> dict[str, Any]:
    """As recorded; the shares of the modalities need not add up."""
    given = len(asking.order.prompt.split()) + 258 * len(asking.order.references)
    usage: dict[str, Any] = {
        "promptTokenCount": given,
        "candidatesTokenCount": tokens + 12,
        "totalTokenCount": given + tokens + 12,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": given}],
    }
    if tokens:
        usage["candidatesTokensDetails"] = [{"modality": "IMAGE", "tokenCount": tokens}]
    content = {"role": "model", "parts": parts}
    return {
        "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
        "usageMetadata": usage,
        "modelVersion": asking.order.model,
        "responseId": secrets.token_urlsafe(16),
    }


def models(visit: Visit) -> Answer:
    listed = [{"name": f"models/{id}", "supportedGenerationMethods": _METHODS} for id in MODELS]
    return json_answer({"models": listed})


_METHODS = ["generateContent"]


# --- how it says no ----------------------------------------------------------------------------


def envelope(refusal: Refusal) -> Answer:
    if refusal.why is Why.MODERATED:
        stopped = {"finishReason": "IMAGE_SAFETY", "finishMessage": "Unable to show the picture."}
        return json_answer({"candidates": [{**stopped, "index": 0}], "usageMetadata": {}})
    if refusal.why is Why.BAD_GATEWAY:
        page = b"<!DOCTYPE html>\n<html><title>Error 502 (Server Error)!!1</title></html>\n"
        return Answer(502, page, {"Content-Type": "text/html; charset=UTF-8"})
    status, word, usual = REFUSALS[refusal.why]
    error: dict[str, Any] = {"code": status, "message": refusal.message or usual, "status": word}
    details = [
        {"@type": f"type.googleapis.com/google.rpc.{kind}", **detail}
        for kind, detail in _details(refusal).items()
    ]
    if details:
        error["details"] = details
    return json_answer({"error": error}, status)


def _details(refusal: Refusal) -> Mapping[str, Mapping[str, Any]]:
    """What google.rpc has to say of a refusal."""
    if refusal.why is Why.UNAUTHORIZED:
        return {"ErrorInfo": {"reason": "API_KEY_INVALID", "domain": "googleapis.com"}}
    if refusal.why is not Why.RATE_LIMITED:
        return {}
    quota = "GenerateRequestsPerMinutePerProjectPerModel"
    return {
        "QuotaFailure": {"violations": [{"quotaId": quota}]},
        "RetryInfo": {"retryDelay": f"{refusal.retry_after or 1:g}s"},
    }


DIALECT = Dialect(
    host="gemini",
    base="/v1beta",
    operations=(
        Operation(
            "generate", "POST", "/v1beta/models/{model}:generateContent", generate, model_in_path
        ),
        Operation("models", "GET", "/v1beta/models", models),
    ),
    envelope=envelope,
    key=key_of,
    # What the others cost depends on the size.
    prices={"gemini-2.5-flash-image": Decimal("0.039")},
)
