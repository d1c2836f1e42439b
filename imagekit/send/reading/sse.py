"""Replies that come as server-sent events, read one by one.

The framing is that of the HTML standard, section 9.2 (server-sent events, 2026-01): lines
of ``field: value``, an empty line after each event, ``[DONE]`` as data at the end with some
hosts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic

from imagekit.declare.wire import Wire
from imagekit.send.reading.body import CHUNK, next_chunk
from imagekit.send.reading.defect import Defect
from imagekit.send.reading.json import HEAD, Reader
from imagekit.values import Reply, ServerEvent

__all__ = ["MOST_SECONDS", "MOST_SILENCE", "server_events"]

_LONGEST_FIELD = 200  # bytes of a field's name, and of an event's


#: Seconds between two pieces of data, whatever comments come between them, and seconds of a
#: whole stream: after them it counts as broken off, also where the caller has no deadline.
MOST_SILENCE, MOST_SECONDS = 600.0, 3600.0


def server_events(reply: Reply, wire: Wire, tick: Callable[[], None]) -> Iterator[ServerEvent]:
    """The events of a reply as they arrive; closes it at the end.

    A stream that breaks off ends with an event whose ``defect`` is ``truncated``. Events
    without data, or with ``null``, which keep a connection alive, are left out.
    """
    frame = _Frame(wire)
    begun = heard = monotonic()
    try:
        for text, ends in _pieces(reply, tick):
            frame.take(text)
            now = monotonic()
            heard = now if frame.has_data else heard
            if now - heard > MOST_SILENCE or now - begun > MOST_SECONDS:
                raise Defect("truncated")
            if ends and frame.end_line():
                if frame.is_last:
                    return
                if not frame.is_empty:
                    yield frame.event(whole=True)
                frame = _Frame(wire)
        if frame.has_data and not frame.is_last and not frame.is_empty:
            yield frame.event(whole=False)
    except Defect as defect:
        yield ServerEvent(frame.name, defect=str(defect))
    finally:
        reply.stream.close()


def _pieces(reply: Reply, tick: Callable[[], None]) -> Iterator[tuple[bytes, bool]]:
    """Pieces of lines, and whether the line ends with the piece."""
    after_return = False
    while chunk := next_chunk(reply, CHUNK, tick):
        tick()
        at = 1 if after_return and chunk.startswith(b"\n") else 0
        after_return = chunk.endswith(b"\r")  # its line feed may be in the next chunk
        for stop, end in _line_ends(chunk, at):
            yield chunk[at:stop], True
            at = end
        yield chunk[at:], False


def _line_ends(chunk: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Where each of them begins and ends. No regular expression is as fast as ``find`` by far, and
    a line may be a picture."""
    feed, back = chunk.find(b"\n", at), chunk.find(b"\r", at)
    while feed >= 0 or back >= 0:
        stop = min(mark for mark in (feed, back) if mark >= 0)
        end = stop + (2 if stop == back and feed == back + 1 else 1)
        yield stop, end
        if 0 <= feed < end:
            feed = chunk.find(b"\n", end)
        if 0 <= back < end:
            back = chunk.find(b"\r", end)


class _Frame:
    """One event while it arrives. Its data goes through the reader as it comes, so a
    picture in it is never held as text.
    """

    def __init__(self, wire: Wire) -> None:
        self.has_data = False
        self._reader = Reader(wire.blobs, wire.links)
        self._defect: str | None = None
        self._name = b""
        self._line = b""  # the open line, as long as its field is not known
        self._field: bytes | None = None

    @property
    def name(self) -> str:
        return self._name.strip().decode("utf-8", "replace")

    @property
    def is_last(self) -> bool:
        return self._reader.head.strip() == b"[DONE]"

    @property
    def is_empty(self) -> bool:
        return bytes(self._reader.head.strip()) in (b"", b"null")

    def take(self, text: bytes) -> None:
        """A piece of a line."""
        if self._field is None:
            name, colon, rest = text.partition(b":")
            self._line = (self._line + name)[:_LONGEST_FIELD]
            if not colon:
                return
            self._field, text = self._line, rest
            if self._field == b"data" and self.has_data:
                self._feed(b"\n")
            elif self._field == b"event":  # the last that names it counts
                self._name = b""
        if self._field == b"data":
            self.has_data = True
            self._feed(text)
        elif self._field == b"event":
            self._name = (self._name + text)[:_LONGEST_FIELD]

    def end_line(self) -> bool:
        """The line ends; True when it was the empty one that ends an event with data."""
        empty = self._field is None and not self._line
        self._line, self._field = b"", None
        return empty and self.has_data

    def event(self, whole: bool) -> ServerEvent:
        """What has come. An event that was sent ``whole`` did not break off: what it lacks, it
        has always lacked."""
        try:
            document = None if self._defect else self._reader.finish()
        except Defect as defect:
            document, self._defect = None, str(defect)
        lacking = whole and self._defect == "truncated"
        return ServerEvent(self.name, document, "not JSON" if lacking else self._defect)

    def _feed(self, text: bytes) -> None:
        if self._defect:  # `[DONE]` is no JSON, and may come in pieces
            self._reader.head += text[: max(0, HEAD - len(self._reader.head))]
            return
        try:
            if text:
                self._reader.feed(text)
        except Defect as defect:
            self._defect = str(defect)
