"""JSON that somebody else sends to a server built on imagekit, read in constant memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from imagekit.basics.blob import Blob, BrokenBlob
from imagekit.errors import UsageError
from imagekit.send.reading.body import Defect, Reader
from imagekit.values import Image

__all__ = ["read_json"]

#: Bytes of a body: fourteen references of 16 MiB each as base64, and then some.
MOST = 1 << 29


def read_json(pieces: Iterable[bytes], pictures: Collection[str] = (), most: int = MOST) -> Any:
    """A JSON document that arrives in pieces. Whatever ``pieces`` raises, the caller gets.

    Args:
        pieces: the text as it comes, in UTF-8.
        pictures: names of fields that have pictures: as base64 or data URLs, one or a list of
            them. They are decoded while they arrive, and stand in the document as `Image`, which
            `Client.generate` takes for a reference. Links among them stay texts.
        most: bytes of the whole text.

    Raises:
        UsageError: it is not JSON, not as a strict reader takes it, or too much: with a sentence
            that says what and where. A field that is named twice is refused, since readers
            disagree on which counts; and so is text that is not Unicode.
    """
    reader = Reader(frozenset(), frozenset(pictures), most, _fields)
    try:
        for piece in pieces:
            reader.feed(piece)
        document = reader.finish()
    except Defect as defect:
        raise UsageError(f"the body is no JSON that can be read: {defect}") from None
    if reader.notes:
        raise UsageError("the body is not UTF-8")
    return _checked(document, "", False, pictures)


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """
    Raises:
        UsageError: one is named twice.
    """
    named = dict(pairs)
    if len(named) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise UsageError(f"{twice!r:.60} is there twice")
    return named


def _checked(value: Any, place: str, is_picture: bool, pictures: Collection[str]) -> Any:
    """The same, its pictures as such.

    Args:
        is_picture: whether a text here is that of a picture.

    Raises:
        UsageError: a text or a picture can't be taken.
    """
    if isinstance(value, str):
        if not value.isascii() and not _is_unicode(value):
            raise UsageError(f"{place or 'the body'} has half a character (a lone surrogate)")
        return value
    if isinstance(value, Blob):
        if not is_picture:
            raise UsageError(f"{place} is longer than any text that is taken")
        return Image(0, blob=value)
    if isinstance(value, BrokenBlob):
        raise UsageError(f"{place}: {value.reason}; a picture is a link, or a data URL in base64")
    if isinstance(value, list):
        return [
            _checked(one, f"{place}[{at}]", is_picture, pictures) for at, one in enumerate(value)
        ]
    if isinstance(value, dict):
        _refuse_half_names(value, place)
        return {
            name: _checked(one, f"{place}.{name}" if place else name, name in pictures, pictures)
            for name, one in value.items()
        }
    return value


def _refuse_half_names(table: dict[str, Any], place: str) -> None:
    """
    Raises:
        UsageError: a name in it can't be written down.
    """
    if not all(name.isascii() or _is_unicode(name) for name in table):
        where = place or "the body"
        raise UsageError(f"a name in {where} has half a character (a lone surrogate)")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
