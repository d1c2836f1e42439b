"""Listening to an answer while its reader reads it, in memory that does not grow with it."""

from __future__ import annotations

import re
from collections.abc import Callable

from imagekit.basics.blob import Blob, BlobWriter
from imagekit.values import Stream

__all__ = ["Body", "Listening"]

LONG = 1 << 10  # characters of base64 that become a file
MOST_TEXT = 8 << 20  # bytes beside pictures; imagekit itself reads no more than half of it
_ALPHABET = bytes(sorted(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\\"))
_RUN = re.compile(rb"[A-Za-z0-9+/\-_=\\]*")
_LONG_RUN = re.compile(rb"[A-Za-z0-9+/\-_=\\]{%d}" % LONG)


class Body:
    """A body while it passes: text, out of which long runs of base64 go into blobs; or, when
    it does not begin as text does, one blob.

    Attributes:
        texts: the text before, between and after the ``runs``.
        full: whether something was left out, for being too much.
    """

    def __init__(self) -> None:
        self.texts = [bytearray()]
        self.runs: list[Blob] = []
        self.binary: BlobWriter | None = None
        self.full = False
        self._begun = False
        self._size = 0  # of all texts
        self._tail = b""  # which may be the beginning of a run
        self._run: BlobWriter | None = None

    def feed(self, chunk: bytes) -> None:
        if not self._begun:
            self._begun = True
            self.binary = None if _is_text(chunk) else BlobWriter()
        if self.binary is not None:
            self.binary.write(chunk)
            return
        left = self._tail + chunk
        self._tail = b""
        while left:
            left = self._in_run(left) if self._run else self._in_text(left)

    def finish(self) -> None:
        self._text(self._tail)
        self._end_run()

    def _in_text(self, text: bytes) -> bytes:
        """Take text up to the next run; returns the rest."""
        found = _LONG_RUN.search(text)
        if found:
            self._text(text[: found.start()])
            self._run = BlobWriter()
            return text[found.start() :]
        sure = len(text.rstrip(_ALPHABET))
        self._text(text[:sure])
        self._tail = text[sure:]
        return b""

    def _in_run(self, text: bytes) -> bytes:
        assert self._run is not None
        end = len((_RUN.match(text) or [b""])[0])
        self._run.write(text[:end])
        if end < len(text):
            self._end_run()
        return text[end:]

    def _end_run(self) -> None:
        if self._run is not None:
            self.runs.append(self._run.finish())
            self.texts.append(bytearray())
            self._run = None

    def _text(self, text: bytes) -> None:
        self._size += len(text)
        self.full |= self._size > MOST_TEXT
        if not self.full:
            self.texts[-1] += text


class Listening:
    """A stream that hands on what it reads, and says once, at its end, what that was."""

    def __init__(self, stream: Stream, done: Callable[[Body, bool], None]) -> None:
        self._stream = stream
        self._done: Callable[[Body, bool], None] | None = done
        self._body = Body()

    def read1(self, amount: int, /) -> bytes:
        try:
            chunk = self._stream.read1(amount)
        except OSError:
            self._end(complete=False)
            raise
        if chunk:
            self._body.feed(chunk)
        else:
            self._end(complete=True)
        return chunk

    def close(self) -> None:
        self._end(complete=False)  # unless it has ended already
        self._stream.close()

    def _end(self, complete: bool) -> None:
        done, self._done = self._done, None
        if done:
            self._body.finish()
            done(self._body, complete and not self._body.full)


def _is_text(chunk: bytes) -> bool:
    """Whether a body that begins like this is text; its last character may be torn."""
    try:
        chunk.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data" and b"\0" not in chunk
    return b"\0" not in chunk
