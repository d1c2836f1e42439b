"""JSON that somebody else sends to a server built on imagekit, read in constant memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, TypeAlias

from imagekit.basics.blob import Blob, BrokenBlob
from imagekit.errors import UsageError
from imagekit.send.reading.body import Defect, Reader
from imagekit.values import Image

__all__ = ["read_json"]

#: Bytes of a body: fourteen references of 16 MiB each as base64, and then some.
MOST = 1 << 29
_MOST_STEPS = 16  # of a place that a sentence tells

#: Where something stands: in what, and under which name or number there. None is the body. It is
#: put into words only where it is told, since that takes as long as the names are.
_Place: TypeAlias = "tuple[_Place, str | int] | None"


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
    return _checked(document, None, False, pictures)


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """
    Raises:
        UsageError: one is named twice.
    """
    named: dict[str, Any] = {}
    for name, value in pairs:
        if name in named:
            raise UsageError(f"{name!r:.60} is there twice")
        named[name] = value
    return named


def _checked(value: Any, place: _Place, is_picture: bool, pictures: Collection[str]) -> Any:
    """The same, its pictures as such.

    Args:
        place: where it stands.
        is_picture: whether a text here is that of a picture.

    Raises:
        UsageError: a text or a picture can't be taken.
    """
    if isinstance(value, str):
        if not value.isascii() and not _is_unicode(value):
            raise UsageError(f"{_said(place)} has half a character (a lone surrogate)")
        return value
    if isinstance(value, Blob):
        if not is_picture:
            raise UsageError(f"{_said(place)} is longer than any text that is taken")
        return Image(0, blob=value)
    if isinstance(value, BrokenBlob):
        why = f"{value.reason}; a picture is a link, or a data URL in base64"
        raise UsageError(f"{_said(place)}: {why}")
    if isinstance(value, list):
        return [_checked(one, (place, at), is_picture, pictures) for at, one in enumerate(value)]
    if isinstance(value, dict):
        _refuse_half_names(value, place)
        return {
            name: _checked(one, (place, name), name in pictures, pictures)
            for name, one in value.items()
        }
    return value


def _refuse_half_names(table: dict[str, Any], place: _Place) -> None:
    """
    Raises:
        UsageError: a name in it can't be written down.
    """
    if not all(name.isascii() or _is_unicode(name) for name in table):
        raise UsageError(f"a name in {_said(place)} has half a character (a lone surrogate)")


def _said(place: _Place) -> str:
    """Its last steps, of which strangers may make any number, of any length."""
    steps: list[str] = []
    while place is not None and len(steps) < _MOST_STEPS:
        place, step = place
        steps.append(f"[{step}]" if isinstance(step, int) else f".{step:.60}")
    if place is not None:
        steps.append("...")
    return "".join(reversed(steps)).removeprefix(".") or "the body"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
