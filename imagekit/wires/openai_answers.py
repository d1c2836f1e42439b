"""What answers of ``openai-images`` mean, and of the many dialects that took after it.

``{created, data: [{url | b64_json, size, error, ...}], usage, ...}``, or ``{error: {code,
message, ...}}`` in several shapes. Sources: as in `imagekit.wires.openai_images`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from imagekit import errors
from imagekit.basics.blob import Blob, BrokenBlob
from imagekit.declare.http_errors import is_status
from imagekit.plan.call import Call
from imagekit.values import Cost, Failure, Image, Response, Result, Usage
from imagekit.wires.answers import (
    BROKEN,
    Refusal,
    as_count,
    as_int,
    as_text,
    error_in,
    no_pictures,
    refuse,
    said_cost,
    strange,
)

__all__ = [
    "cost_of",
    "images_of",
    "item_of",
    "refusal_of",
    "refused",
    "result_of",
    "says_error",
    "usage_of",
]

_TOP = frozenset({"created", "data", "model", "usage", "metadata", "error"})
_ITEM = frozenset({"url", "b64_json", "size", "error"})
#: Words in a vendor's code that mean "refused for its content". Codes of the
#: model's maker pass through these gateways unchanged (ark error pages, 2026-10-08).
_MODERATION = ("Sensitive", "RiskDetect", "ContentSecurity", "moderation", "content_policy")
#: The same codes as some gateways quote them: inside a message, under a code of their own.
_QUOTED = ("SensitiveContentDetected", "RiskDetection", "ContentSecurityDetection")
#: How messages of the same maker end.
_REQUEST_ID = r"(?i)request id: ?([\w-]+)"


def result_of(call: Call, response: Response, document: Mapping[str, Any]) -> Result:
    """Pictures and failures, in the answer's order. Only ``data`` has to be there."""
    images, failures = images_of(call, response, document.get("data"))
    return Result(
        images=images,
        failures=failures,
        served_model=as_text(document.get("model")),
        created=as_int(document.get("created")),
        usage=usage_of(document.get("usage")),
        cost=cost_of(call, document.get("usage")),
        request_id=response.headers.get("x-request-id"),
        metadata=_metadata(document),
        raw=document,
    )


def images_of(
    call: Call, response: Response, items: Any, *, link: str = "url", data: str = "b64_json"
) -> tuple[tuple[Image, ...], tuple[Failure, ...]]:
    """What stands in a list of pictures, and what failed in it, in the answer's order.

    Args:
        items: objects, or links and pictures alone; whatever came, it need not be a list.
        link, data: the field of an object that has the link, and that which has the bytes.

    Raises:
        UnreadableAnswer: it is no list, or nothing in it is whole.
        NoPictures, Moderated: nothing was made; `no_pictures` says which.
    """
    if not isinstance(items, list):
        raise strange(call, response, "an answer without a list of pictures")
    names = {link: "url", data: "b64_json"}
    found = [_entry(call, index, item, names) for index, item in enumerate(items)]
    images = tuple(one for one in found if isinstance(one, Image))
    failures = tuple(one for one in found if isinstance(one, Failure))
    if not images:
        raise no_pictures(call, response, failures)
    return images, failures


def _entry(call: Call, index: int, item: Any, names: Mapping[str, str]) -> Image | Failure:
    if isinstance(item, dict):
        return item_of(call, index, {names.get(name, name): item[name] for name in item})
    if isinstance(item, Blob | BrokenBlob) or _is_link(item):
        return item_of(call, index, {"url": item})
    return Failure(index, BROKEN, f"the host sent {item!r:.40} in place of a picture")


def _is_link(item: Any) -> bool:
    return isinstance(item, str) and item.startswith(("https://", "http://"))


def item_of(call: Call, index: int, item: Mapping[str, Any]) -> Image | Failure:
    """What one object of a list of pictures is: ``{url | b64_json, size, error, ...}``."""
    url, b64 = item.get("url"), item.get("b64_json")
    if error := error_in(item):
        return _failure(index, error)
    # A host may put the picture itself where the link belongs: `payload` has decoded it.
    blob = b64 if isinstance(b64, Blob) else url if isinstance(url, Blob) else None
    broken = b64 if isinstance(b64, BrokenBlob) else url
    if blob is None and isinstance(broken, BrokenBlob):
        why = f"the picture that the host sent can't be read: {broken.reason}"
        return Failure(index, BROKEN, why)
    if blob is None and not url:
        return Failure(index, None, "the host sent neither a picture nor a reason")
    return Image(
        index=index,
        url=url if isinstance(url, str) and url else None,
        declared_size=as_text(item.get("size")),
        metadata={name: value for name, value in item.items() if name not in _ITEM},
        expected=call.pixels,
        expected_type=_asked_type(call),
        blob=blob,
    )


def _asked_type(call: Call) -> str | None:
    """What ``output_format`` means: ``png`` or ``jpeg``, whatever its case; some say ``jpg``."""
    asked = str(call.values.get("output_format", "")).lower()
    return f"image/{'jpeg' if asked == 'jpg' else asked}" if asked else None


def _failure(index: int, error: Any) -> Failure:
    if not isinstance(error, dict):
        return Failure(index, None, str(error), _is_moderation(str(error), str(error)))
    code = as_text(error.get("code"))
    message = as_text(error.get("message")) or "no reason given"
    return Failure(index, code, message, _is_moderation(message, code or ""))


def _is_moderation(message: str, *codes: str) -> bool:
    return any(word in code for code in codes for word in _MODERATION) or any(
        word in message for word in _QUOTED
    )


def usage_of(usage: Any) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    given = _shares(usage, "input_tokens_details", "prompt_tokens_details")
    made = _shares(usage, "output_tokens_details", "completion_tokens_details")
    return Usage(
        generated_images=as_count(usage.get("generated_images")),
        input_tokens=_tokens(usage, "input_tokens", "prompt_tokens"),
        output_tokens=_tokens(usage, "output_tokens", "completion_tokens"),
        total_tokens=as_count(usage.get("total_tokens")),
        input_images=as_count(usage.get("input_images")),
        input_text_tokens=as_count(given.get("text_tokens")),
        input_image_tokens=as_count(given.get("image_tokens")),
        output_text_tokens=as_count(made.get("text_tokens")),
        output_image_tokens=as_count(made.get("image_tokens")),
    )


def cost_of(call: Call, usage: Any) -> Cost:
    """``usage.cost``, as OpenRouter and gateways after it say what was charged."""
    return said_cost(call, usage.get("cost") if isinstance(usage, dict) else None)


def _shares(usage: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """What of a count are words, and what pictures."""
    for name in names:
        if isinstance(found := usage.get(name), dict):
            return found
    return {}


def _tokens(usage: Mapping[str, Any], *names: str) -> int | None:
    """By the Images API's name, or by that of chat completions, which gateways write."""
    for name in names:
        if (found := as_count(usage.get(name))) is not None:
            return found
    return None


def _metadata(document: Mapping[str, Any]) -> dict[str, Any]:
    """``metadata`` and every field of the answer that has no place of its own."""
    given = document.get("metadata")
    metadata = dict(given) if isinstance(given, dict) else {}
    metadata.update((name, value) for name, value in document.items() if name not in _TOP)
    return metadata


# --- refusals -------------------------------------------------------------------------


def says_error(document: Mapping[str, Any]) -> bool:
    """HTTP 200 with an error inside, wrapped or flat, and no pictures beside it."""
    flat = document.get("code") and document.get("message")
    return bool(error_in(document) or flat) and not document.get("data")


def refused(call: Call, response: Response, document: Mapping[str, Any]) -> errors.HostError:
    refusal = refusal_of(document, response.headers)
    moderated = _is_moderation(refusal.message, *refusal.words)
    return refuse(call, response, refusal, errors.Moderated if moderated else None)


def refusal_of(document: Mapping[str, Any], headers: Mapping[str, str]) -> Refusal:
    """``{error: {...}}``, ``{error: "..."}``, which may have a message beside it, the same flat,
    or ``{detail: ...}``, which may be a list of what is wrong where. A text alone, without a
    word of code, is what any proxy writes as well; so is HTTP's status beside its name, as servers
    in Java and Node have it: ``{status: 503, error: "Service Unavailable", message: ...}``."""
    error = error_in(document) or document
    if not isinstance(error, dict):
        said = as_text(document.get("message"))  # beside it; then the error is no more than a word
        if said is None:
            return Refusal(str(error), own=False)
        https = is_status(as_text(document.get("status") or document.get("statusCode")))
        return Refusal(said, str(error), own=not https)
    words = error.get("message") or error.get("msg")
    message = as_text(words) or _detail(error.get("detail")) or "no reason given"
    quoted = re.search(_REQUEST_ID, message)
    request_id = (
        as_text(error.get("request_id"))
        or as_text(document.get("request_id"))
        or headers.get("x-request-id")
        or (quoted and quoted[1])
    )
    code, kind = as_text(error.get("code")), as_text(error.get("type"))
    own = error is not document or code is not None
    return Refusal(message, code, kind, request_id or None, own=own)


def _detail(detail: Any) -> str | None:
    """A text, or ``[{loc: [body, size], msg, type}]`` as many servers in Python have it."""
    if not isinstance(detail, list):
        return as_text(detail)
    said = [
        f"{'.'.join(map(str, one.get('loc') or ['request']))}: {one.get('msg')}"
        for one in detail
        if isinstance(one, dict)
    ]
    return "; ".join(said) or as_text(detail)
