"""Replies that come as server-sent events: read one by one, gathered into one result.

The framing is that of the HTML standard, section 9.2 (server-sent events, 2026-01): lines
of ``field: value``, an empty line after each event, ``[DONE]`` as data at the end with some
hosts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import monotonic
from typing import Any

from attrs import define, evolve, field

from imagekit import events, payload
from imagekit.errors import HostError, ImagekitError, PluginError, UnreadableAnswer
from imagekit.family import is_group
from imagekit.numbering import Numbering
from imagekit.spelling import Call
from imagekit.values import UNNUMBERED, Failure, Image, Reply, Response, Result, ServerEvent
from imagekit.wire import Wire, no_pictures

__all__ = ["Gathering", "read"]

_LINE_END = re.compile(rb"\r\n|\n|\r")
_LONGEST_FIELD = 200  # bytes of a field's name, and of an event's
_MOST_NOTES = 8  # of events that were passed over
#: Seconds between two pieces of data, whatever comments come between them, and seconds of a
#: whole stream: after them it counts as broken off, also where the caller has no deadline.
MOST_SILENCE, MOST_SECONDS = 600.0, 3600.0


def read(reply: Reply, wire: Wire, tick: Callable[[], None]) -> Iterator[ServerEvent]:
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
                raise TimeoutError
            if ends and frame.end_line():
                if frame.is_last:
                    return
                if not frame.is_empty:
                    yield frame.event(whole=True)
                frame = _Frame(wire)
        if frame.has_data and not frame.is_last and not frame.is_empty:
            yield frame.event(whole=False)
    except OSError:
        tick()  # perhaps it is the caller who gave up, not the host
        yield ServerEvent(frame.name, defect="truncated")
    finally:
        reply.stream.close()


def _pieces(reply: Reply, tick: Callable[[], None]) -> Iterator[tuple[bytes, bool]]:
    """Pieces of lines, and whether the line ends with the piece."""
    after_return = False
    while chunk := reply.stream.read1(payload.CHUNK):
        tick()
        at = 1 if after_return and chunk.startswith(b"\n") else 0
        after_return = chunk.endswith(b"\r")  # its line feed may be in the next chunk
        for end in _LINE_END.finditer(chunk, at):
            yield chunk[at : end.start()], True
            at = end.end()
        yield chunk[at:], False


class _Frame:
    """One event while it arrives. Its data goes through the reader as it comes, so a
    picture in it is never held as text.
    """

    def __init__(self, wire: Wire) -> None:
        self.has_data = False
        self._reader = payload.Reader(wire.blobs, wire.links)
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
        except payload.Defect as defect:
            document, self._defect = None, str(defect)
        lacking = whole and self._defect == "truncated"
        return ServerEvent(self.name, document, "not JSON" if lacking else self._defect)

    def _feed(self, text: bytes) -> None:
        try:
            if text and not self._defect:
                self._reader.feed(text)
        except payload.Defect as defect:
            self._defect = str(defect)


@define
class Gathering:
    """What has come of a stream so far. Pictures that are here are never given up."""

    call: Call
    images: list[Image] = field(factory=list)
    failures: list[Failure] = field(factory=list)
    completed: events.Completed | None = None
    broken: ImagekitError | None = None
    overlooked: list[ImagekitError] = field(factory=list)
    _numbering: Numbering = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._numbering = Numbering(self.call)

    def meanings(
        self, event: ServerEvent, decode: Callable[[ServerEvent], Iterable[events.Event]]
    ) -> list[events.Event]:
        """What one event means. One that can't be read is passed over: it costs no more than
        itself, and what follows is paid for as well.
        """
        try:
            return [*decode(event)]
        except (HostError, PluginError) as error:
            unreadable = isinstance(error, UnreadableAnswer) and event.defect != "truncated"
            if unreadable:
                self.overlooked.append(error)
            else:
                self.broken = self.broken or error
            return []

    def add(self, event: events.Event) -> events.Event:
        """Take what an event means; gives it with its picture numbered."""
        if isinstance(event, events.Picture):
            if len(self.images) == payload.MOST_BLOBS:
                raise UnreadableAnswer(f"more than {payload.MOST_BLOBS} pictures in one answer")
            index = self._numbering.take(event.image.index)
            event = evolve(event, image=evolve(event.image, index=index))
            self.images.append(event.image)
        elif isinstance(event, events.PictureFailed):
            index = self._numbering.take(event.failure.index)
            event = evolve(event, failure=evolve(event.failure, index=index))
            self.failures.append(event.failure)
        elif isinstance(event, events.Completed):
            self.completed = event
        return event

    def piece(self, image: Image) -> Result:
        """One picture of the answer, by itself, while the rest is still to come."""
        route, receipt = self.call.route, self.call.receipt
        return Result((image,), model=route.model.name, host=route.host.name, receipt=receipt)

    def result(self, headers: Mapping[str, Any]) -> Result:
        """Everything that came.

        Raises:
            ImagekitError: nothing did.
        """
        call = self.call
        notes = list(call.notes)
        trouble = self.broken or next(iter(self.overlooked), None)
        if trouble and not self.images:
            raise trouble
        if not self.images and self.failures:
            raise no_pictures(call, Response(200, headers), self.failures)
        if not self.images:
            raise UnreadableAnswer(
                f"{call.route.host.name} streamed no picture",
                host=call.route.host.name,
                model=call.route.model.name,
            )
        notes += [f"passed over: {error}" for error in self.overlooked[:_MOST_NOTES]]
        if self.broken:
            notes.append(f"the stream broke off; what had come is kept: {self.broken}")
        elif self.completed is None:
            notes.append("the stream ended without saying that it was complete")
        if self.completed is None and self._may_lack_some():
            self.failures.append(self._rest())
        tail = self.completed or events.Completed(call.route.name, "generate")
        return Result(
            images=tuple(self.images),
            failures=tuple(self.failures),
            model=call.route.model.name,
            host=call.route.host.name,
            served_model=tail.served_model,
            created=tail.created,
            usage=tail.usage,
            request_id=headers.get("x-request-id"),
            receipt=call.receipt,
            notes=tuple(notes),
        )

    def _may_lack_some(self) -> bool:
        """Whether it is a group, of which the model decides how many it has, short of its limit."""
        values = self.call.values
        if not is_group(values):
            return False
        options = values.get("sequential_image_generation_options", {})
        most: float = options.get("max_images", math.inf)
        return len(self.images) + len(self.failures) < most

    def _rest(self) -> Failure:
        """What a group had besides the pictures that came: nobody knows how many, so it is one
        failure after them all. Without it, half a group would pass for the whole of one.
        """
        message = "the stream ended before the group did; whatever more was made is lost"
        return Failure(self._numbering.take(UNNUMBERED), None, message, error=self.broken)
