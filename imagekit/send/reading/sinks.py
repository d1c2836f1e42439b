"""Where the long strings of an answer go while they arrive."""

from __future__ import annotations

import binascii
import codecs
import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

from imagekit.basics.blob import Blob, BlobWriter, BrokenBlob
from imagekit.send.reading.defect import Defect

__all__ = ["Base64Sink", "Sink", "TextSink", "decode"]

_BACKSLASH, _SPACE = b"\\", b"\t\n\r "
_PLAIN = bytes.maketrans(b"-_", b"+/")  # of the alphabet that is safe in a URL
_DATA_URL = re.compile(rb"data:[^,]{0,200};base64,", re.IGNORECASE)
_ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_LONGEST_PREFIX = 256


class Sink(Protocol):
    """Takes the raw text of one JSON string, escapes and all, and gives its value."""

    def write(self, text: bytes) -> None: ...

    def finish(self) -> Any: ...


@cache
def _decoder() -> Callable[[bytes], bytes]:
    """The strict base64 decoder: pybase64 (the extra ``imagekit[simd]``) where installed."""
    try:
        import pybase64
    except ModuleNotFoundError:
        return lambda text: binascii.a2b_base64(text, strict_mode=True)
    return lambda text: pybase64.b64decode(text, validate=True)


def decode(text: str) -> Blob | BrokenBlob:
    """A picture that stands in a short string of its own."""
    sink = Base64Sink(BlobWriter())
    sink.write(json.dumps(text).encode()[1:-1])
    found = sink.finish()
    return BrokenBlob("bad base64") if isinstance(found, str) else found


class Base64Sink:
    """Decodes a picture while it arrives: base64, perhaps after ``data:...;base64,``.

    What is no base64 becomes a `BrokenBlob`, so that the pictures beside it are kept.
    """

    def __init__(self, writer: BlobWriter) -> None:
        self._writer = writer
        self._rest = b""  # what is not yet a whole group of four characters
        self._begun = self._ended = self._broken = False

    def write(self, text: bytes) -> None:
        if self._broken:
            return
        text = self._rest + text if self._rest else text
        cut = b""
        if _BACKSLASH in text:
            text, cut = _unescaped(text)
        if b" " in text:
            text = text.translate(None, _SPACE)
        if b"-" in text or b"_" in text:
            text = text.translate(_PLAIN)
        if not self._begun:
            if _may_be_prefix(text):
                self._rest = text + cut
                return
            self._begun = True
            prefix = _DATA_URL.match(text)
            text = text[prefix.end() :] if prefix else text
        whole = len(text) & ~3
        if whole:
            self._take(text[:whole] if whole < len(text) else text)
        self._rest = text[whole:] + cut

    def finish(self) -> Blob | BrokenBlob | str:
        last = len(self._rest) % 4
        if last > 1 and not self._ended:  # some leave the padding out
            self._rest += b"=" * (4 - last)
        if last != 1:
            self._take(self._rest)  # also "Data", which is base64 too, when nothing follows
            self._rest = b""
        if self._broken or self._rest:
            self._writer.discard()
            return BrokenBlob("bad base64")
        return self._writer.finish() if self._writer.size else ""

    def _take(self, text: bytes) -> None:
        if not text:
            return
        try:
            if self._ended:  # something stands after the padding
                raise ValueError
            self._writer.write(_decoder()(text))
        except ValueError:
            self._broken = True
        self._ended = text.endswith(b"=")


def _may_be_prefix(text: bytes) -> bool:
    """Whether this could still become the ``data:...,`` before a picture."""
    start = text[:5].lower()
    return b"data:".startswith(start) and b"," not in text and len(text) < _LONGEST_PREFIX


def _unescaped(text: bytes) -> tuple[bytes, bytes]:
    """Base64 with its JSON escapes undone, and the half escape at its end, if any."""
    at = text.rfind(_BACKSLASH)
    cut = b""
    if len(text) - at < (6 if text[at + 1 : at + 2] == b"u" else 2):
        text, cut = text[:at], text[at:]
    return _ESCAPE.sub(_character, text).translate(None, _SPACE), cut


def _character(found: re.Match[bytes]) -> bytes:
    if found[1]:
        code = int(found[1], 16)
        return bytes([code]) if code < 128 else b"\0"
    return {b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(found[2], found[2])


class TextSink:
    """Keeps a very long string verbatim, as a blob of its UTF-8."""

    def __init__(self, writer: BlobWriter) -> None:
        self._writer = writer
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def write(self, text: bytes) -> None:
        self._rest += self._decoder.decode(text)
        whole = _whole_escapes().match(self._rest)
        end = whole.end() if whole else 0
        self._take(self._rest[:end])
        self._rest = self._rest[end:]

    def finish(self) -> Blob:
        self._take(self._rest)
        return self._writer.finish()

    def _take(self, text: str) -> None:
        try:
            plain: str = json.loads(f'"{text}"')
        except ValueError:
            raise Defect("not JSON") from None
        self._writer.write(plain.encode("utf-8", "surrogatepass"))


@cache
def _whole_escapes() -> re.Pattern[str]:
    """Text up to its last whole escape; the halves of a surrogate pair belong together."""
    unicode = r"\\u[0-9a-fA-F]{4}"
    alone = r"\\u(?![dD][89abAB])[0-9a-fA-F]{4}"
    return re.compile(rf"(?:[^\\]++|\\[^u]|{alone}|{unicode}{unicode})*+", re.DOTALL)
