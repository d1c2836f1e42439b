"""Bodies with references in them: JSON, where they become base64 only while the body is
written, and forms.

Base64 takes a third more than the bytes, and each step from there to the socket would copy
it for all references at once. So a wire puts an `Inline` where the text belongs, and
`json_body` turns one after another into it.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from attrs import frozen

from imagekit.basics.blob import Blob
from imagekit.declare.host import Carriage
from imagekit.values.reference import Reference

__all__ = ["Inline", "carried", "form_body", "json_body"]

_PIECE = 3 << 14  # a multiple of three, so that no group of base64 is torn


@frozen
class Inline:
    """Stands in a body for a text: ``prefix`` and the base64 of ``blob``."""

    blob: Blob
    prefix: str

    def text(self) -> str:
        pieces = (b64encode(piece).decode("ascii") for piece in self.blob.chunks(_PIECE))
        return "".join((self.prefix, *pieces))


def carried(reference: Reference, carriage: Carriage) -> str | Inline:
    """What stands in the body for a reference: its link, or its bytes as the host wants them."""
    if reference.url is not None:
        return reference.url
    assert reference.blob is not None, "a call without the bytes is not shaped"
    prefix = f"data:{reference.media_type};base64," if carriage is Carriage.DATA_URL else ""
    return Inline(reference.blob, prefix)


def json_body(document: Any) -> bytes:
    """The document as compact JSON in UTF-8, every `Inline` in it as its text."""
    try:
        return _whole.encode(document).encode()
    except _HasInline:
        return b"".join(piece.encode() for piece in _piecewise.iterencode(document))


class _HasInline(Exception):
    """The document has a picture in it, so it is better written piece by piece."""


def _no_inline(value: object) -> object:
    raise _HasInline


_whole = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_no_inline)
_piecewise = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=Inline.text)


# --- forms -----------------------------------------------------------------------------------


def form_body(
    fields: Mapping[str, Any], pictures: Iterable[tuple[str, Reference]]
) -> tuple[bytes, str]:
    """A form of the type ``multipart/form-data`` (RFC 7578), and its ``Content-Type``.

    Args:
        fields: texts stand in it as they are, all else as JSON has it: ``true``, ``2``; a
            list is a field for each of its items.
        pictures: the field of each, and its bytes, under names that tell nothing but the type.
    """
    parts = [*_texts(fields), *_files(pictures)]
    boundary = _boundary(parts)
    pieces: list[bytes] = []
    for head, content in parts:
        pieces += (b"--" + boundary + b"\r\n" + head, *_chunks(content), b"\r\n")
    pieces.append(b"--" + boundary + b"--\r\n")
    return b"".join(pieces), f"multipart/form-data; boundary={boundary.decode()}"


def _texts(fields: Mapping[str, Any]) -> Iterator[tuple[bytes, bytes | Blob]]:
    for name, value in fields.items():
        for one in value if isinstance(value, list | tuple) else [value]:
            text = one if isinstance(one, str) else json_body(one).decode()
            yield _head(name), text.encode()


def _files(pictures: Iterable[tuple[str, Reference]]) -> Iterator[tuple[bytes, bytes | Blob]]:
    for number, (name, picture) in enumerate(pictures, 1):
        assert picture.blob is not None, "a call without the bytes is not shaped"
        kind = picture.media_type or "application/octet-stream"
        yield _head(name, f"{number}.{kind.partition('/')[2]}", kind), picture.blob


def _head(name: str, filename: str | None = None, media_type: str | None = None) -> bytes:
    from urllib3.fields import RequestField  # knows how names are quoted

    field = RequestField(name, b"", filename)
    field.make_multipart(content_type=media_type)
    return field.render_headers().encode()


def _boundary(parts: Iterable[tuple[bytes, bytes | Blob]]) -> bytes:
    """The same for the same form, so that a call is shaped the same each time; made of a digest
    of all that it separates, so that it stands nowhere in it."""
    digest = sha256()
    for head, content in parts:
        told = content.sha256.encode() if isinstance(content, Blob) else content
        digest.update(b"%d %d %s%s" % (len(head), len(told), head, told))
    return b"imagekit-" + digest.hexdigest()[:32].encode()


def _chunks(content: bytes | Blob) -> Iterable[bytes]:
    return content.chunks(_PIECE) if isinstance(content, Blob) else [content]
