"""A request's body as people and files get to see it: the pictures in it told by digest."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from imagekit.basics.blob import Blob
from imagekit.values import Request

__all__ = ["digest_note", "document", "shortened"]

#: A text in JSON that stands for bytes: a data URL, or a long run of base64.
_BYTES = re.compile(
    rb'"(?:data:[^",]{0,200};base64,[A-Z0-9+/]*|[A-Z0-9+/_-]{1024,})=*"', re.IGNORECASE
)
_SHORTEST = 1024  # as above


def shortened(request: Request, pictures: Iterable[Blob] = ()) -> str | None:
    """The body without the pictures in it, which may be far larger than all the rest.

    JSON as text, with every picture `digest_note`; None when there is no body; of any other body
    its media type and digest. Cheap, since it is made for every call; see `document`.

    Args:
        pictures: those that were given. By its look alone, the base64 of a very small one
            might be any text.
    """
    body = request.body
    if body is None:
        return None
    for picture in pictures:
        if picture.size < _SHORTEST:
            text = base64.b64encode(picture.read())
            body = body.replace(b'"%b"' % text, b'"%b"' % digest_note(text).encode())
    try:
        if body[:1] not in (b"{", b"["):
            raise ValueError
        if len(body) < _SHORTEST and b"base64," not in body:
            return body.decode()
        return _BYTES.sub(lambda match: f'"{digest_note(match[0][1:-1])}"'.encode(), body).decode()
    except ValueError:
        kind = request.headers.get("Content-Type", "of an unnamed type").partition(";")[0]
        return f"{kind} {digest_note(body)}"


def document(body: str | None) -> Any:
    """What `shortened` gave, as JSON has it; a body that is not JSON as it is told."""
    if body is None or body[:1] not in ("{", "["):
        return body
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body


def digest_note(data: bytes) -> str:
    """Bytes in words: how many, and their digest."""
    return f"({len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()})"
