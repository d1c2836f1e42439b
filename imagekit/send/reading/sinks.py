"""Where the long strings of an answer go while they arrive."""

from __future__ import annotations

import codecs
import json
import re
from functools import cache
from typing import Any, Protocol

from imagekit.basics.blob import Blob, BlobWriter, BrokenBlob
from imagekit.basics.codec import decoder
from imagekit.send.reading.defect import Defect

__all__ = ["Base64Sink", "Sink", "TextSink", "decode"]

_BACKSLASH, _SPACES = b"\\", (b" ", b"\n", b"\r", b"\t")
_PLAIN = bytes.maketrans(b"-_", b"+/")  # of the alphabet that is safe in a URL
_DATA_URL = re.compile(rb"data:[^,]{0,200};base64,", re.IGNORECASE)
_LINE_ENDS = (rb"\r\n", rb"\n")
_JSON = json.JSONDecoder(strict=False)
_LONGEST_PREFIX = 256
_NO_BASE64 = b",\0"  # nor within the prefix of some
_BAD = "bad base64"
_LONGEST_ESCAPE = 12  # of a text: both halves of a surrogate pair


class Sink(Protocol):
    """Takes the raw text of one JSON string, escapes and all, and gives its value."""

    def write(self, text: bytes | memoryview) -> None: ...

    def finish(self) -> Any: ...


def decode(text: str) -> Blob | BrokenBlob:
    """A picture that stands in a short string of its own."""
    sink = Base64Sink(BlobWriter())
    sink.write(json.dumps(text).encode()[1:-1])
    found = sink.finish()
    return BrokenBlob(_BAD) if isinstance(found, str) else found


class Base64Sink:
    """Decodes a picture while it arrives: base64, perhaps after ``data:...;base64,``.

    What is no base64, or finds no room here, becomes a `BrokenBlob`, so that the pictures beside
    it are kept.
    """

    def __init__(self, writer: BlobWriter) -> None:
        self._writer = writer
        self._is_plain = False  # nothing but base64 has come so far, so that is what is tried first
        self._rest = b""  # what is not yet a whole group of four characters
        self._cut = b""  # half an escape
        self._begun = self._ended = False
        self._broken: str | None = None  # why it can be no picture any more

    def write(self, text: bytes | memoryview) -> None:
        if self._broken or (self._is_plain and self._take(text)):
            return
        raw = b"".join((self._rest if self._is_plain else self._cut, text))
        if self._is_plain:
            self._is_plain, self._rest = False, b""
        clean, self._cut = _cleaned(raw)
        if not self._begun:
            clean, self._rest = self._rest + clean, b""
            if _may_be_prefix(clean):
                self._rest = clean
                return
            self._begun, self._is_plain = True, clean == raw
            prefix = _DATA_URL.match(clean)
            clean = clean[prefix.end() :] if prefix else clean
        if not self._take(clean):
            self._broken = _BAD

    def finish(self) -> Blob | BrokenBlob | str:
        rest, cut = _cleaned(self._rest) if self._is_plain else (self._rest, self._cut)
        self._rest = b""
        if len(rest) % 4 > 1 and not self._ended:  # some leave the padding out
            rest += b"=" * (-len(rest) % 4)
        # Also "Data", which is base64, too.
        if not self._broken and (not self._take(rest) or self._rest or cut):
            self._broken = _BAD
        if self._broken:
            self._writer.discard()
            return BrokenBlob(self._broken)
        return self._writer.finish() if self._writer.size else ""

    def _take(self, text: bytes | memoryview) -> bool:
        """Decode every whole group of four characters; False when they are no base64, and then
        nothing is changed. The group that began in the piece before is decoded by itself, so that
        the large rest need not be copied."""
        view = memoryview(text)
        lead = -len(self._rest) % 4
        first = self._rest + view[:lead]
        if len(first) % 4:
            self._rest = first
            return True
        end = len(view) - (len(view) - lead) % 4
        ended, found = self._ended, []
        for groups in (first, view[lead:end]):
            if groups:
                if ended:  # something stands after the padding
                    return False
                try:
                    found.append(decoder()(groups))
                except ValueError:
                    return False
                ended = groups[-1:] == b"="
        self._ended, self._rest = ended, bytes(view[end:])
        try:
            for data in found:
                self._writer.write(data)
        except OSError as error:
            self._broken = _no_room(error)
            self._writer.discard()
        return True


def _may_be_prefix(text: bytes) -> bool:
    """Whether this could still become the ``data:...,`` before a picture."""
    start = text[:5].lower()
    return b"data:".startswith(start) and b"," not in text and len(text) < _LONGEST_PREFIX


def _cleaned(text: bytes) -> tuple[bytes, bytes]:
    """Base64 without escapes, white space and the alphabet that is safe in a URL, and the half
    escape at its end, if any. What is none of these stays, and is no base64."""
    cut = b""
    if _BACKSLASH in text:
        text, cut = _unescaped(text)
    for space in _SPACES:
        if space in text:
            text = text.replace(space, b"")
    if b"-" in text or b"_" in text:
        text = text.translate(_PLAIN)
    return text, cut


def _unescaped(text: bytes) -> tuple[bytes, bytes]:
    at = text.rfind(_BACKSLASH)
    run = at + 1 - len(text[: at + 1].rstrip(_BACKSLASH))
    cut = b""
    # Of a run of backslashes each second one is what the one before it stands for.
    if run % 2 and len(text) - at < (6 if text[at + 1 : at + 2] == b"u" else 2):
        text, cut = text[:at], text[at:]
    return _in_one_line(text) or _by_json(text), cut


def _in_one_line(text: bytes) -> bytes | None:
    """What is broken into lines of one length, and has no other escapes, in one: their ends are
    columns. A quarter of the work of undoing them one by one."""
    begin = text.find(_BACKSLASH)
    mark = next((mark for mark in _LINE_ENDS if text.startswith(mark, begin)), None)
    step = text.find(_BACKSLASH, begin + len(mark or b"")) - begin
    if mark is None or step <= len(mark):
        return None
    lines = bytearray(text)
    for letter in mark:
        column = slice(begin, None, step)
        if lines[column].strip(bytes([letter])):
            return None
        del lines[column]
        step -= 1
    return None if _BACKSLASH in lines else bytes(lines)


def _by_json(text: bytes) -> bytes:
    try:
        plain: str = _JSON.decode(f'"{text.decode("latin-1")}"')
    except ValueError:  # escapes that JSON has not
        return _NO_BASE64
    return plain.encode("latin-1", "replace")


class TextSink:
    """Keeps a very long string verbatim, as a blob of its UTF-8."""

    def __init__(self, writer: BlobWriter) -> None:
        self._writer = writer
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def write(self, text: bytes | memoryview) -> None:
        self._rest += self._decoder.decode(text)
        whole = _whole_escapes().match(self._rest)
        end = whole.end() if whole else 0
        self._take(self._rest[:end])
        self._rest = self._rest[end:]
        if len(self._rest) >= _LONGEST_ESCAPE:  # it is none, and would be kept with all that comes
            raise self._refused("not JSON")

    def finish(self) -> Blob:
        self._take(self._rest)
        return self._writer.finish()

    def _take(self, text: str) -> None:
        try:
            plain: str = json.loads(f'"{text}"')
        except ValueError:
            raise self._refused("not JSON") from None
        try:
            self._writer.write(plain.encode("utf-8", "surrogatepass"))
        except OSError as error:
            raise self._refused(_no_room(error)) from error

    def _refused(self, why: str) -> Defect:
        self._writer.discard()
        return Defect(why)


def _no_room(error: OSError) -> str:
    return f"no room for it on this machine: {error.strerror}"


@cache
def _whole_escapes() -> re.Pattern[str]:
    """Text up to its last whole escape; the halves of a surrogate pair belong together. A first
    half is whole by itself once something else has come than its second one."""
    first = r"\\u[dD][89abAB][0-9a-fA-F]{2}"
    second = r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    other = rf"(?!{first})\\u[0-9a-fA-F]{{4}}"
    alone = rf"{first}(?=[^\\]|\\[^u]|(?!{second})\\u[0-9a-fA-F]{{4}})"
    return re.compile(rf"(?:[^\\]++|\\[^u]|{other}|{first}{second}|{alone})*+", re.DOTALL)
