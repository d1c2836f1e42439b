"""JSON bodies whose references become base64 only while the body is written.

Base64 takes a third more than the bytes, and each step from there to the socket would copy
it for all references at once. So a wire puts an `Inline` where the text belongs, and
`json_body` turns one after another into it.
"""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

from attrs import frozen

from imagekit.blob import Blob
from imagekit.host import Carriage
from imagekit.references import Reference

__all__ = ["Inline", "carried", "json_body"]

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
