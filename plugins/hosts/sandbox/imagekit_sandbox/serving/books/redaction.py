"""How a request is told in the journal and the ledger: short, and with every secret taken out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from imagekit_sandbox.serving.messages.asked import Asked
from imagekit_sandbox.serving.messages.forms import Part

__all__ = [
    "fingerprint",
    "name_of",
    "redacted_body",
    "redacted_headers",
    "redacted_query",
    "secrets_of",
    "shortened",
]

_LONGEST = 2000  # characters of one text in a body
_LEAST = 4  # characters of a key that is looked for in other places
_SECRET = {
    *("authorization", "proxy-authorization", "cookie", "api-key", "x-api-key", "x-goog-api-key"),
    *("key", "apikey", "access-key", "secret-key", "access-token"),
}
#: Where callers name a request, or themselves: the most particular first.
_NAMING_HEADERS = ("idempotency-key", "x-client-request-id")
_NAMING_FIELDS = ("external_task_id", "request_id", "user_id", "user", "safety_identifier")


def fingerprint(key: str) -> str:
    """What stands for a key where it is shown: enough to tell two apart."""
    return "key-" + hashlib.sha256(key.encode()).hexdigest()[:8]


def secrets_of(asked: Asked, key: str | None) -> tuple[str, ...]:
    """Every text of a request that must not be told, the longest first."""
    carried = [value for name, value in (*asked.headers.items(), *asked.query.items())
               if _is_secret(name)]  # fmt: skip
    bare = [value.partition(" ")[2].strip() for value in carried]
    found = {*carried, *bare, *((key,) if key and carried else ())}
    return tuple(sorted((one for one in found if len(one) >= _LEAST), key=len, reverse=True))


def name_of(asked: Asked, secrets: Iterable[str]) -> str | None:
    """What the caller calls a request, or itself."""
    fields = asked.document if isinstance(asked.document, dict) else {}
    fields = fields or {part.name: part.text for part in asked.form or () if not part.filename}
    given = [asked.headers.get(name) for name in _NAMING_HEADERS]
    given += [fields.get(name) for name in _NAMING_FIELDS]
    named = next((one for one in given if one and isinstance(one, str)), None)
    return named and shortened(named, secrets, 200)


def redacted_headers(asked: Asked, secrets: Iterable[str]) -> dict[str, str]:
    """The headers; of those that carry secrets, only that they were there."""
    return _redacted(asked.headers, secrets)


def redacted_query(asked: Asked, secrets: Iterable[str]) -> dict[str, str]:
    """The query likewise."""
    return _redacted(asked.query, secrets)


def redacted_body(asked: Asked, secrets: Iterable[str]) -> Any:
    """JSON with long texts cut short; of a form, its fields and how large its files are; of
    anything else, its length.
    """
    if not asked.body:
        return None
    if asked.form is not None:
        return [_redacted_part(part, secrets) for part in asked.form]
    if asked.document is None:
        return f"({len(asked.body)} bytes that are not JSON)"
    return _redacted_value(asked.document, secrets)


def shortened(text: str, secrets: Iterable[str], longest: int = _LONGEST) -> str:
    """A text without secrets; of a long one the beginning, its length and its digest."""
    for secret in secrets:
        text = text.replace(secret, "***")
    if len(text) <= longest:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{text[:40]}... ({len(text)} characters, sha256 {digest})"


def _is_secret(name: str) -> bool:
    return name.lower().replace("_", "-") in _SECRET


def _redacted(given: Mapping[str, str], secrets: Iterable[str]) -> dict[str, str]:
    return {
        name: "***" if _is_secret(name) else shortened(value, secrets)
        for name, value in given.items()
    }


def _redacted_value(value: Any, secrets: Iterable[str]) -> Any:
    if isinstance(value, dict):
        return {
            shortened(name, secrets): "***" if _is_secret(name) else _redacted_value(part, secrets)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [_redacted_value(part, secrets) for part in value]
    return shortened(value, secrets) if isinstance(value, str) else value


def _redacted_part(part: Part, secrets: Iterable[str]) -> dict[str, Any]:
    if part.filename is None:
        value = "***" if _is_secret(part.name) else shortened(part.text, secrets)
        return {"name": part.name, "value": value}
    about = {"filename": shortened(part.filename, secrets), "type": part.media_type}
    return {"name": part.name, **about, "bytes": len(part.content)}
