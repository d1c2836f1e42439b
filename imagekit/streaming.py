"""Replies that come as server-sent events: read one by one, gathered into one result.

The framing is that of the HTML standard, section 9.2 (server-sent events, 2026-01): lines
of ``field: value``, an empty line after each event, ``[DONE]`` as data at the end with some
hosts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import define, evolve, field

from imagekit import events, payload
from imagekit.errors import ImagekitError, UnreadableAnswer
from imagekit.spelling import Call
from imagekit.values import UNNUMBERED, Failure, Image, Reply, Result, ServerEvent
from imagekit.wire import Wire

__all__ = ["Gathering", "read"]

_LINE = re.compile(rb"\r\n|\n|\r")


def read(reply: Reply, wire: Wire, tick: Callable[[], None]) -> Iterator[ServerEvent]:
    """The events of a reply as they arrive; closes it at the end.

    A stream that breaks off ends with an event whose ``defect`` is ``truncated``.
    """
    name, data = "", []
    try:
        for line in _lines(reply, tick):
            field_name, _, value = line.partition(b":")
            if line and field_name == b"event":
                name = value.strip().decode("utf-8", "replace")
            elif line and field_name == b"data":
                data.append(value.removeprefix(b" "))
            elif not line and data:
                if data == [b"[DONE]"]:
                    return
                yield _event(name, b"\n".join(data), wire)
                name, data = "", []
    except OSError:
        yield ServerEvent(name, defect="truncated")
    finally:
        reply.stream.close()


def _lines(reply: Reply, tick: Callable[[], None]) -> Iterator[bytes]:
    pending = b""
    while chunk := reply.stream.read1(payload.CHUNK):
        tick()
        pending += chunk
        if pending.endswith(b"\r"):  # its line feed may be in the next chunk
            continue
        *whole, pending = _LINE.split(pending)
        yield from whole
    yield from _LINE.split(pending)
    yield b""


def _event(name: str, body: bytes, wire: Wire) -> ServerEvent:
    document, defect = payload.parse(body, wire.blobs, wire.links)
    return ServerEvent(name, document, defect)


@define
class Gathering:
    """What has come of a stream so far. Pictures that are here are never given up."""

    call: Call
    images: list[Image] = field(factory=list)
    failures: list[Failure] = field(factory=list)
    completed: events.Completed | None = None
    broken: ImagekitError | None = None

    def add(self, event: events.Event) -> None:
        if isinstance(event, events.Picture):
            image = event.image
            index = self._next() if image.index == UNNUMBERED else image.index
            self.images.append(evolve(image, index=index))
        elif isinstance(event, events.PictureFailed):
            self.failures.append(event.failure)
        elif isinstance(event, events.Completed):
            self.completed = event

    def result(self, headers: Mapping[str, Any]) -> Result:
        """Everything that came.

        Raises:
            ImagekitError: nothing did.
        """
        call = self.call
        notes = list(call.notes)
        if self.broken and not self.images:
            raise self.broken
        if not self.images and not self.failures:
            raise UnreadableAnswer(
                f"{call.route.host.name} streamed no picture",
                host=call.route.host.name,
                model=call.route.model.name,
            )
        if self.broken:
            notes.append(f"the stream broke off; what had come is kept: {self.broken}")
        elif self.completed is None:
            notes.append("the stream ended without saying that it was complete")
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

    def _next(self) -> int:
        return len(self.images) + len(self.failures)
