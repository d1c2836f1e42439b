"""What an upstream answers, and how slowly; in JSON, or as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

__all__ = ["Answer", "Event", "json_answer", "stream_answer"]


@frozen
class Answer:
    """What goes back.

    Attributes:
        delay: seconds of silence before it.
        drip: seconds between the pieces of the body (sixteen of them).
        drip_head: seconds before each line of the head.
        cut: close the connection after this many bytes of the body; 0 sends nothing at all.
        ends: where in the body each picture of a stream is whole.
        pace: seconds before each of those pictures.
        billed: the ledger wants to know when this has been written.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(factory=dict)
    delay: float = 0.0
    drip: float = 0.0
    drip_head: float = 0.0
    cut: int | None = None
    ends: tuple[int, ...] = ()
    pace: float = 0.0
    billed: bool = False


@frozen
class Event:
    """One frame of a stream; ``picture``: with it, another picture is whole."""

    frame: str
    picture: bool = False

    @classmethod
    def typed(cls, document: Mapping[str, Any], *, picture: bool) -> Event:
        """A document that says in ``type`` what it is."""
        data = json.dumps(document)
        return cls(f"event: {document['type']}\ndata: {data}\n\n", picture)


def stream_answer(events: Iterable[Event], **headers: str) -> Answer:
    """A stream of server-sent events, or of anything else that comes in pieces."""
    body, ends = bytearray(), []
    for event in events:
        body += event.frame.encode()
        if event.picture:
            ends.append(len(body))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(
        body=bytes(body), headers={"Content-Type": "text/event-stream", **named}, ends=tuple(ends)
    )


def json_answer(document: Any, status: int = 200, **headers: str) -> Answer:
    """An answer in JSON; ``_`` in names of headers stands for ``-``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps(document, ensure_ascii=False).encode()
    return Answer(status, body, {"Content-Type": "application/json", **named})
