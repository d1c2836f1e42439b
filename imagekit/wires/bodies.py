"""Bodies with references in them: JSON, where they become base64 only while the body is
sent, and forms.

Base64 takes a third more than the bytes, and there may be fourteen pictures of many MiB. So a
wire puts an `Inline` where the text belongs, and `json_body` leaves it there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, NoReturn

from imagekit.basics.blob import Blob
from imagekit.basics.classes import evolve
from imagekit.declare.spell import Carriage, put
from imagekit.plan.call import Call
from imagekit.values import Body
from imagekit.values.body import Inline, Part
from imagekit.values.reference import PICTURES, Reference

__all__ = ["Inline", "body_of", "carried", "form_body", "json_body"]

#: A text that is no longer than this is held rather than made anew by each reader.
_HELD = 1 << 16


def carried(reference: Reference, carriage: Carriage) -> str | Inline:
    """What stands in the body for a reference: its link, or its bytes as the host wants them."""
    if reference.url is not None:
        return reference.url
    assert reference.blob is not None, "a call without the bytes is not shaped"
    prefix = f"data:{reference.media_type};base64," if carriage is Carriage.DATA_URL else ""
    return Inline(reference.blob, prefix)


def body_of(call: Call) -> dict[str, Any]:
    """The JSON object of a call, all of it: its fields, native ones among them, and its pictures
    where and as the spelling says. Bytes stand in it as `Inline`, for `json_body`.
    """
    body = dict(call.fields)
    for name in PICTURES:
        if given := call.values.get(name):
            spelled = call.route.spells[name]
            pictures = given if isinstance(given, list) else [given]
            travelling = [carried(one, spelled.carried.carriage) for one in pictures]
            body = put(body, spelled.field.split("."), spelled.carried.placed(travelling))
    return body


def json_body(document: Any) -> Body:
    """The document as compact JSON in UTF-8, every `Inline` in it as its text.

    Raises:
        TypeError: JSON has no word for something in it.
    """
    try:
        return Body((_whole.encode(document).encode(),))
    except _HasInline:
        return Body(_pieces(document))


class _HasInline(Exception):
    """The document has a picture in it, so it is better written piece by piece."""


def _no_inline(value: object) -> NoReturn:
    raise _HasInline if isinstance(value, Inline) else _wordless(value)


def _wordless(value: object) -> TypeError:
    return TypeError(f"JSON has no word for a value of the type {type(value).__name__}")


_COMPACT: dict[str, Any] = {"ensure_ascii": False, "separators": (",", ":")}
_whole = json.JSONEncoder(**_COMPACT, default=_no_inline)


def _pieces(document: Any) -> Iterator[Part]:
    met: list[Inline] = []

    def prefix_of(value: object) -> str:
        if isinstance(value, Inline):
            met.append(value)
            return value.prefix
        raise _wordless(value)

    for text in json.JSONEncoder(**_COMPACT, default=prefix_of).iterencode(document):
        if met:  # the text is the prefix, in quotation marks
            inline = evolve(met.pop(), prefix=text[1:-1])
            yield b'"'
            yield b"".join(inline.chunks()) if inline.size <= _HELD else inline
            yield b'"'
        else:
            yield text.encode()


# --- forms -----------------------------------------------------------------------------------


def form_body(
    fields: Mapping[str, Any], pictures: Iterable[tuple[str, Reference]]
) -> tuple[Body, str]:
    """A form of the type ``multipart/form-data`` (RFC 7578), and its ``Content-Type``.

    Args:
        fields: texts stand in it as they are, all else as JSON has it: ``true``, ``2``; a
            list is a field for each of its items.
        pictures: the field of each, and its bytes, under names that tell nothing but the type.
    """
    parts = [*_texts(fields), *_files(pictures)]
    boundary = _boundary(parts)
    pieces: list[Part] = []
    for head, content in parts:
        pieces += (b"--" + boundary + b"\r\n" + head, content, b"\r\n")
    pieces.append(b"--" + boundary + b"--\r\n")
    return Body(pieces), f"multipart/form-data; boundary={boundary.decode()}"


def _texts(fields: Mapping[str, Any]) -> Iterator[tuple[bytes, bytes | Blob]]:
    for name, value in fields.items():
        for one in value if isinstance(value, list | tuple) else [value]:
            yield _head(name), one.encode() if isinstance(one, str) else json_body(one).read()


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
