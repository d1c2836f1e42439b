"""The Gemini API: Nano Banana by ``generateContent``, one picture a request, as base64.

From ai.google.dev/gemini-api/docs (image-generation, 2026-09-05; troubleshooting) and recorded
traffic of 2025 and 2026: a wrong key is a 400 and no key a 403; what is refused for its
content is a 200; how long to wait stands in the body. Pro makes other pixels than the page's
when no ratio is asked for, as recorded, and signs its pictures with a text of a megabyte. Both
versions are here, ``/v1beta`` and the ``/v1`` that google-genai 3 asks for; files are not.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import evolve

from imagekit_sandbox.serving.books.links import Made
from imagekit_sandbox.serving.dialects.gemini_orders import (
    MODELS,
    Asking,
    counted,
    read_order,
    weight,
)
from imagekit_sandbox.serving.kit.dialect import Dialect, Operation
from imagekit_sandbox.serving.kit.visit import Visit
from imagekit_sandbox.serving.messages.answers import Answer, Event, json_answer, stream_answer
from imagekit_sandbox.serving.messages.asked import Asked
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

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
    """Everything in one answer."""
    asking, parts = _made(visit)
    return json_answer({**_answer(asking, parts), "usageMetadata": _usage(asking)})


def stream(visit: Visit) -> Answer:
    """Part by part: as events with ``alt=sse``, else as an array of JSON that grows."""
    try:
        asking, parts = _made(visit)
    except Refusal as refusal:
        if refusal.why is not Why.MODERATED:
            raise
        return _streamed(visit, [json.loads(envelope(refusal).body)])
    answers = [_answer(asking, [part], last=False) for part in parts[:-1]]
    last = {**_answer(asking, parts[-1:]), "usageMetadata": _usage(asking)}
    return _streamed(visit, [*answers, last])


def _streamed(visit: Visit, answers: list[dict[str, Any]]) -> Answer:
    told = [json.dumps(one, ensure_ascii=False) for one in answers]
    if visit.asked.query.get("alt") == "sse":
        frames, kind = [f"data: {one}\r\n\r\n" for one in told], "text/event-stream"
    else:
        starts = ["[", *[",\r\n"] * (len(told) - 1)]
        frames = [f"{start}{one}" for start, one in zip(starts, told, strict=True)]
        frames[-1] += "]"
        kind = "application/json; charset=UTF-8"
    events = [Event(frame, picture=frame is frames[-1]) for frame in frames]
    return stream_answer(events, Content_Type=kind)


def _made(visit: Visit) -> tuple[Asking, list[dict[str, Any]]]:
    """What is asked for, and the parts that answer it."""
    id = _known(visit, visit.model)
    asking = read_order(visit.asked.json_object(), id)
    if "IMAGE" not in asking.modalities:
        return evolve(asking, tokens=0), [{"text": "A heron, described in words."}]
    (made,) = visit.make(asking.order)
    assert made is not None  # the only one; else all were refused
    return asking, _parts(visit, asking, made)


def _known(visit: Visit, id: str | None) -> str:
    if id not in MODELS:
        version = visit.asked.path.split("/")[2]
        message = f"models/{id} is not found for API version {version}, or is not supported"
        raise Refusal(Why.NO_SUCH_MODEL, message)
    return id


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


def _answer(asking: Asking, parts: list[dict[str, Any]], *, last: bool = True) -> dict[str, Any]:
    ends = {"finishReason": "STOP"} if last else {}
    content = {"role": "model", "parts": parts}
    return {
        "candidates": [{"content": content, **ends, "index": 0}],
        "modelVersion": asking.order.model,
        "responseId": secrets.token_urlsafe(16),
    }


def _usage(asking: Asking) -> dict[str, Any]:
    """As recorded; the shares of the modalities need not add up."""
    given, tokens = weight(asking.order.prompt, asking.order.references), asking.tokens
    usage: dict[str, Any] = {
        "promptTokenCount": given,
        "candidatesTokenCount": tokens + 12,
        "totalTokenCount": given + tokens + 12,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": given}],
    }
    if tokens:
        usage["candidatesTokensDetails"] = [{"modality": "IMAGE", "tokenCount": tokens}]
    return usage


def count(visit: Visit) -> Answer:
    """How many tokens a request has; nothing is made of it."""
    _known(visit, model_in_path(visit.asked))
    given = weight(*counted(visit.asked.json_object()))
    details = [{"modality": "TEXT", "tokenCount": given}]
    return json_answer({"totalTokens": given, "promptTokensDetails": details})


def models(visit: Visit) -> Answer:
    return json_answer({"models": [_described(id) for id in MODELS]})


def model(visit: Visit) -> Answer:
    return json_answer(_described(_known(visit, visit.values["model"])))


def _described(id: str) -> dict[str, Any]:
    """What the page on models says of each of them."""
    return {
        "name": f"models/{id}",
        "version": id.removeprefix("gemini-"),
        "displayName": id,
        "inputTokenLimit": 65_536,
        "outputTokenLimit": 32_768,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
        "thinking": MODELS[id].thinks,
    }


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


def _operations(path: str) -> tuple[Operation, ...]:
    one = f"{path}/{{model}}"
    return (
        Operation("generate", "POST", f"{one}:generateContent", generate, model_in_path),
        Operation("generate", "POST", f"{one}:streamGenerateContent", stream, model_in_path),
        Operation("count", "POST", f"{one}:countTokens", count),
        Operation("models", "GET", path, models),
        Operation("models", "GET", one, model),
    )


DIALECT = Dialect(
    host="gemini",
    base="/v1beta",
    operations=(*_operations("/v1beta/models"), *_operations("/v1/models")),
    envelope=envelope,
    key=key_of,
    # What the others cost depends on the size.
    prices={"gemini-2.5-flash-image": Decimal("0.039")},
)
