"""Reading an answer: JSON with pictures inside, turned into a small document and blobs."""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Callable
from typing import Any

from imagekit.blob import Blob
from imagekit.values import Reply, Response

__all__ = ["HEAD", "LIMIT", "read"]

HEAD = 1 << 16  # bytes of a body that is not JSON kept for the error
LIMIT = 1 << 30  # bytes; fifteen 4K pictures as base64 are a quarter of it
CHUNK = 1 << 16

_DATA_URL = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
#: The shortest text in a link field taken for a picture: less is no picture anyway.
_SHORTEST_PICTURE = 64


class _Defect(Exception):
    """Why a body gives no document."""


def read(
    reply: Reply,
    blobs: frozenset[str] = frozenset(),
    links: frozenset[str] = frozenset(),
    tick: Callable[[], None] = lambda: None,
    limit: int = LIMIT,
) -> Response:
    """Read a reply to its end and close it.

    Args:
        blobs, links: as on `Wire`.
        tick: called between reads; raises to give up, e.g. at a deadline.
        limit: most bytes of body accepted.

    Never raises for what the host sent: the response then has a ``defect``.
    """
    try:
        body, broken = _drain(reply, tick, limit)
    finally:
        reply.stream.close()
    if broken:
        return Response(reply.status, reply.headers, None, body[:HEAD], broken)
    try:
        document = _pictures(_parse(body), blobs, links)
    except _Defect as defect:
        return Response(reply.status, reply.headers, None, body[:HEAD], str(defect))
    return Response(reply.status, reply.headers, document)


def _drain(reply: Reply, tick: Callable[[], None], limit: int) -> tuple[bytes, str | None]:
    """The body, and what broke it off."""
    stream = reply.stream
    chunks: list[bytes] = []
    size = 0
    while True:
        try:
            chunk = stream.read1(CHUNK)
        except OSError:
            return b"".join(chunks), "truncated"
        if not chunk:
            return b"".join(chunks), None
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            return b"".join(chunks), f"more than {limit:,} bytes"
        tick()


def _parse(body: bytes) -> Any:
    if not body.strip():
        raise _Defect("empty")
    try:
        return json.loads(body)
    except json.JSONDecodeError as error:
        looks_json = body.lstrip()[:1] in (b"{", b"[")
        at_end = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
        raise _Defect("truncated" if looks_json and at_end else "not JSON") from None
    except (UnicodeDecodeError, RecursionError):
        raise _Defect("not JSON") from None


def _pictures(value: Any, blobs: frozenset[str], links: frozenset[str]) -> Any:
    """The same document with its pictures decoded, changed in place."""
    if isinstance(value, list):
        for inner in value:
            _pictures(inner, blobs, links)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, dict | list):
                _pictures(inner, blobs, links)
            elif isinstance(inner, str) and inner:
                if name in blobs:
                    value[name] = _decode(inner)
                elif name in links:
                    value[name] = _link_or_picture(inner)
    return value


def _decode(text: str) -> Blob:
    prefix = _DATA_URL.match(text)
    try:
        return Blob.of(binascii.a2b_base64(text[prefix.end() :] if prefix else text))
    except (binascii.Error, ValueError):
        raise _Defect("bad base64") from None


def _link_or_picture(text: str) -> str | Blob:
    if _DATA_URL.match(text):
        return _decode(text)
    if len(text) < _SHORTEST_PICTURE or "://" in text[:16]:
        return text
    try:
        return Blob.of(binascii.a2b_base64(text, strict_mode=True))
    except (binascii.Error, ValueError):
        return text
