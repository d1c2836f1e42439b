"""One pass over JSON text in pieces of any size.

The strings of declared fields are decoded on the way into blobs; everything else is the
answer's *skeleton*, which is small, and which ``json`` parses in the end. ``NaN`` stands in
it where a picture was: JSON itself has no such word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from json import JSONDecoder
from typing import Any

from imagekit.basics.blob import BlobWriter
from imagekit.send.reading.defect import Defect
from imagekit.send.reading.short_pictures import LONG_LINK, LONGEST_NAME, decode_short, is_link
from imagekit.send.reading.sinks import Base64Sink, Sink, TextSink

__all__ = ["HEAD", "LIMIT", "MOST_BLOBS", "Reader"]

HEAD = 1 << 16  # bytes of a body that is not JSON kept for the error
LIMIT = 1 << 30  # bytes of a body; fifteen 4K pictures as base64 are a quarter of it
SKELETON = 4 << 20  # bytes of an answer that are not pictures
LONG_TEXT = 1 << 20  # bytes of one string beyond which it is spooled like a picture
MOST_BLOBS = 256
MOST_ITEMS = 100_000  # commas of an answer
DEEPEST = 512  # levels of nesting; Python's own parser gives up near a thousand
LONGEST_NUMBER = 40  # characters of a whole number; Python itself refuses one of some thousands

_HOLE, _BACKSLASH = b"NaN", ord("\\")
_MARKS = re.compile(rb"[\[\]{}:,]")
NOT_UTF8 = "a text of the answer is not UTF-8; what can't be read of it stands as \ufffd"


class Reader:
    """Takes JSON text in pieces; gives the document at the end.

    A text that comes in one piece needs no skeleton and is parsed as it is. A whole number longer
    than `LONGEST_NUMBER` stays the text that it is: a picture beside it counts.

    Args:
        fields: of a reader that is strict: makes an object of its fields, in their order. Then
            every number is read or refused. When not given, an object is a dict.

    Attributes:
        head: the first bytes of the text, for the error when it is not JSON.
        notes: what was made of a text that was not quite as it has to be.
    """

    def __init__(
        self,
        blobs: frozenset[str],
        links: frozenset[str],
        limit: int = LIMIT,
        fields: Callable[[list[tuple[str, Any]]], Any] | None = None,
    ) -> None:
        self.head = bytearray()
        self.notes: tuple[str, ...] = ()
        self._blobs, self._links, self._fields = blobs, links, fields
        self._limit = self._left = limit
        self._first: bytes | None = None
        self._scanning = False
        self._skeleton = bytearray()
        self._holes: list[Any] = []
        self._items = 0
        self._stack: list[bytes] = []  # the field name that leads to each open bracket
        self._lists: list[bool] = []  # whether each is that of a list
        self._key = b""  # the last string that stood where a field name may stand
        self._is_value = False  # whether the next string follows a colon
        self._start = -1  # where in the skeleton the open string begins
        self._sink: Sink | None = None  # where the open string goes instead
        self._backslashes = 0  # that the open string ended with in the piece before

    def feed(self, chunk: bytes) -> None:
        """Take the next piece.

        Raises:
            Defect: the text passes a limit, or can't be JSON any more.
        """
        self._left -= len(chunk)
        if len(self.head) < HEAD:
            self.head += chunk[: HEAD - len(self.head)]
        if self._left < 0:
            raise Defect(f"more than {self._limit:,} bytes")
        if self._first is None:
            self._first = chunk
            return
        if not self._scanning:
            self._scanning = True
            self._scan(self._first)
            self._first = b""
        self._scan(chunk)

    def salvaged(self) -> Any:
        """Of a text that is not whole: the document of what is whole, or None."""
        from imagekit.send.reading.salvage import closed  # for the few that break off

        skeleton = bytes(self._skeleton) if self._scanning else self._first or b""
        mended = closed(skeleton, len(self._holes), self._blobs | self._links)
        try:
            return None if mended is None else self._document(mended)
        except (Defect, StopIteration):
            return None

    def finish(self) -> Any:
        """The document.

        Raises:
            Defect: what was fed is not one whole JSON text.
        """
        if not self._scanning:
            return self._document(self._first or b"")
        if self._sink is not None or self._start >= 0:
            raise Defect("truncated")
        return self._document(bytes(self._skeleton))

    def _document(self, text: bytes) -> Any:
        holes = iter(self._holes)
        hole = (lambda _: next(holes)) if self._scanning else _no_such_word
        try:
            document = _loads(text, hole, self._fields)
        except UnicodeDecodeError:
            self.notes = (NOT_UTF8,)
            holes = iter(self._holes)
            document = _loads(_replaced(text), hole, self._fields)
        return decode_short(document, self._blobs, self._links)

    # --- one pass over the text -------------------------------------------------------

    def _scan(self, chunk: bytes) -> None:
        at, end = 0, len(chunk)
        while at < end:
            inside = self._sink is not None or self._start >= 0
            quote = self._closing(chunk, at) if inside else chunk.find(b'"', at)
            stop = end if quote < 0 else quote
            if self._sink is not None:
                self._sink.write(memoryview(chunk)[at:stop])
            elif inside:
                self._inside(chunk[at:stop])
            elif at < stop:
                self._structure(chunk[at:stop])
            if quote < 0:
                return
            if inside:
                self._close()
            else:
                self._open()
            at = quote + 1

    def _structure(self, text: bytes) -> None:
        """What stands between strings: brackets, commas, colons, numbers."""
        if b"N" in text or b"I" in text:  # NaN and Infinity, which JSON has not
            raise Defect("not JSON")
        self._append(text)
        self._items += text.count(b",")
        if self._items > MOST_ITEMS:
            raise Defect(f"more than {MOST_ITEMS:,} items")
        for mark in _MARKS.findall(text):
            if mark in b"[{":
                # What stands in a list belongs to the field of the list.
                listed = self._stack[-1] if self._stack else b""
                self._stack.append(self._key if self._is_value else listed)
                self._lists.append(mark == b"[")
            elif mark in b"]}" and self._stack:
                self._stack.pop()
                self._lists.pop()
            if len(self._stack) > DEEPEST:
                raise Defect(f"nested more than {DEEPEST} levels deep")
            self._is_value = mark == b":"
            if mark in b"[," and self._lists and self._lists[-1]:
                self._is_value, self._key = True, self._stack[-1]

    def _open(self) -> None:
        """A string begins: that of a picture field goes into its sink from the start."""
        self._backslashes = 0
        if self._is_value and self._declared(self._blobs):
            self._sink = Base64Sink(self._new_blob())
            self._skeleton += _HOLE
        else:
            self._start = len(self._skeleton)
            self._skeleton += b'"'

    def _inside(self, text: bytes) -> None:
        self._append(text)
        size = len(self._skeleton) - self._start
        if size > LONG_TEXT:
            self._spool(TextSink)
        elif size > LONG_LINK and self._is_picture():
            self._spool(Base64Sink)

    def _is_picture(self) -> bool:
        """Whether the open string of a link field is no link."""
        begins = bytes(self._skeleton[self._start + 1 : self._start + 17]).decode(
            "utf-8", "replace"
        )
        return self._is_value and not is_link(begins) and self._declared(self._links)

    def _spool(self, kind: type[TextSink | Base64Sink]) -> None:
        """The open string turns out too long for the skeleton."""
        self._sink = kind(self._new_blob())
        self._sink.write(bytes(self._skeleton[self._start + 1 :]))
        self._skeleton[self._start :] = _HOLE
        self._start = -1

    def _close(self) -> None:
        if self._sink is not None:
            self._holes.append(self._sink.finish())
            self._sink = None
        else:
            if not self._is_value:
                size = len(self._skeleton) - self._start - 1
                self._key = bytes(self._skeleton[-size:]) if 0 < size <= LONGEST_NAME else b""
            self._skeleton += b'"'
            self._start = -1
        self._is_value = False

    def _closing(self, chunk: bytes, start: int) -> int:
        """Where the open string ends in this piece, or -1. Minds escaped quotes."""
        at = start
        while True:
            quote = chunk.find(b'"', at)
            stop = len(chunk) if quote < 0 else quote
            run = stop
            while run > start and chunk[run - 1] == _BACKSLASH:
                run -= 1
            escapes = stop - run + (self._backslashes if run == start else 0)
            if quote < 0:
                self._backslashes = escapes
                return -1
            if escapes % 2 == 0:
                return quote
            at = quote + 1

    def _append(self, text: bytes) -> None:
        self._skeleton += text
        if len(self._skeleton) > SKELETON:
            raise Defect(f"more than {SKELETON:,} bytes beside its pictures")

    def _declared(self, names: frozenset[str]) -> bool:
        """Whether the open string's field, or ``parent.field``, is one of these."""
        if not names:
            return False
        key = self._key.decode("utf-8", "replace")
        parent = self._stack[-1].decode("utf-8", "replace") if self._stack else ""
        return key in names or f"{parent}.{key}" in names

    def _new_blob(self) -> BlobWriter:
        if len(self._holes) >= MOST_BLOBS:
            raise Defect(f"more than {MOST_BLOBS} pictures")
        return BlobWriter()


# --- the skeleton ---------------------------------------------------------------------


def _no_such_word(word: str) -> Any:
    raise Defect("not JSON")


def _whole(number: str) -> int | str:
    return int(number) if len(number) <= LONGEST_NUMBER else number


def _replaced(body: bytes) -> str:
    return body.decode(json.detect_encoding(body), "replace")


#: Of almost every answer; making one takes as long as reading a small one.
_PLAIN = JSONDecoder(parse_constant=_no_such_word, parse_int=_whole)


def _text(body: bytes) -> str:
    return body.decode(json.detect_encoding(body), "surrogatepass")


def _loads(
    body: bytes | str,
    hole: Callable[[str], Any],
    fields: Callable[[list[tuple[str, Any]]], Any] | None,
) -> Any:
    if not body.strip():
        raise Defect("empty")
    try:
        made = _PLAIN
        if fields is not None:
            made = JSONDecoder(parse_constant=hole, object_pairs_hook=fields)
        elif hole is not _no_such_word:
            made = JSONDecoder(parse_constant=hole, parse_int=_whole)
        return made.decode(body if isinstance(body, str) else _text(body))
    except UnicodeDecodeError:
        raise
    except ValueError as error:  # JSON, or a number of a strict reader has too many digits
        off = _breaks_off(body.strip(), error)
        raise Defect("truncated" if off else "not JSON") from None
    except RecursionError:
        raise Defect("not JSON") from None


def _breaks_off(body: bytes | str, error: ValueError) -> bool:
    """Whether JSON just stops: before a closing bracket, or where one is missing."""
    text = body if isinstance(body, str) else body.decode("utf-8", "replace")
    if text[:1] not in ("{", "[") or not isinstance(error, json.JSONDecodeError):
        return False
    if error.msg.startswith("Extra data"):
        return False
    if text[-1:] not in ("}", "]"):
        return True
    return error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
