"""A request's body as people and files get to see it: the pictures in it told by digest."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from typing import Any

from imagekit.basics.blob import Blob
from imagekit.values import Body, Request
from imagekit.values.body import Inline, Part

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
    try:
        return _json(body, pictures)
    except ValueError:
        kind = request.headers.get("Content-Type", "of an unnamed type").partition(";")[0]
        return f"{kind} {digest_note(body)}"


def _json(body: Body, pictures: Iterable[Blob]) -> str:
    """
    Raises:
        ValueError: it is no JSON, by its look.
    """
    head = body.parts[0] if body.parts else b""
    if not isinstance(head, bytes) or head[:1] not in (b"{", b"["):
        raise ValueError
    text = b"".join([one if isinstance(one, bytes) else _note(one) for one in body.parts])
    for picture in pictures:
        if picture.size < _SHORTEST:
            text = text.replace(
                b'"%b"' % base64.b64encode(picture.read()), b'"%b"' % _note(picture)
            )
    if len(text) < _SHORTEST and b"base64," not in text:
        return text.decode()
    return _BYTES.sub(lambda match: b'"%b"' % _note(match[0][1:-1]), text).decode()


def _note(part: Part) -> bytes:
    """By the bytes and not by their text: that digest is the picture's own, and known already."""
    if isinstance(part, bytes):
        return digest_note(_meant(part)).encode()
    return digest_note(part.blob if isinstance(part, Inline) else part).encode()


def _meant(text: bytes) -> bytes:
    """The bytes that a text in JSON stands for; itself, where it is no base64 after all."""
    plain = text.rpartition(b",")[2].rstrip(b"=")
    try:
        return base64.urlsafe_b64decode(plain + b"=" * (-len(plain) % 4))
    except ValueError:
        return text


def document(body: str | None) -> Any:
    """What `shortened` gave, as JSON has it; a body that is not JSON as it is told."""
    if body is None or body[:1] not in ("{", "["):
        return body
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body


def digest_note(data: bytes | Blob | Body) -> str:
    """Bytes in words: how many, and their digest."""
    told = Body((data,)) if isinstance(data, bytes) else data
    try:
        return f"({told.size:,} bytes, sha256 {told.sha256})"
    except OSError:  # whoever sends it will say so
        return f"({told.size:,} bytes that can't be read any more)"
