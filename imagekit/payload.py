"""Reading an answer: JSON with pictures inside, turned into a small document and blobs."""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from imagekit.blob import Blob
from imagekit.values import Reply, Response

__all__ = ["CHUNK", "HEAD", "LIMIT", "parse", "read"]

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
    document, defect = parse(body, blobs, links)
    head = body[:HEAD] if defect else b""
    return Response(reply.status, reply.headers, document, head, defect)


def parse(body: bytes, blobs: frozenset[str], links: frozenset[str]) -> tuple[Any, str | None]:
    """The JSON document with its pictures decoded, or None and the defect."""
    try:
        return _pictures(_parse(body), blobs, links), None
    except _Defect as defect:
        return None, str(defect)
    except RecursionError:
        return None, "not JSON"


def _drain(reply: Reply, tick: Callable[[], None], limit: int) -> tuple[bytes, str | None]:
    """The body, and what broke it off."""
    stream = reply.stream
    chunks: list[bytes] = []
    size = 0
    while True:
        try:
            chunk = stream.read1(CHUNK)
        except OSError:
            tick()  # perhaps it is the caller who gave up, not the host
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
    except ValueError as error:  # JSON, UTF-8, or a number of too many digits
        raise _Defect("truncated" if _breaks_off(body.strip(), error) else "not JSON") from None


def _breaks_off(body: bytes, error: ValueError) -> bool:
    """Whether JSON just stops: before a closing bracket, or where one is missing."""
    if body[:1] not in (b"{", b"["):
        return False
    if body[-1:] not in (b"}", b"]"):
        return True
    return isinstance(error, json.JSONDecodeError) and (
        error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
    )


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
    base64 = text[prefix.end() :] if prefix else text
    for candidate in (base64, "".join(base64.split())):  # it may be broken into lines
        with suppress(ValueError):
            return Blob.of(binascii.a2b_base64(candidate, strict_mode=True))
    raise _Defect("bad base64")


def _link_or_picture(text: str) -> str | Blob:
    if _DATA_URL.match(text):
        return _decode(text)
    if len(text) < _SHORTEST_PICTURE or "://" in text[:16]:
        return text
    try:
        return Blob.of(binascii.a2b_base64(text, strict_mode=True))
    except ValueError:
        return text
