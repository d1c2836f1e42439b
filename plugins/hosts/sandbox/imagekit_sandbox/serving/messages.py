"""What goes in and out of an upstream: a request, an answer, a refusal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any

from attrs import field, frozen

from imagekit_sandbox.serving.forms import Part, read_form

__all__ = ["Answer", "Asked", "Event", "Refusal", "Why", "json_answer", "stream_answer"]


@frozen(slots=False)  # for what is read once and kept
class Asked:
    """One request as it arrived.

    Attributes:
        number: counts all requests from 1; the answer, the journal and the ledger have it too.
        path: without the query.
        headers: names in lower case.
        origin: what the client called this server, e.g. ``http://127.0.0.1:8765``.
        at: Unix seconds.
    """

    number: int
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    origin: str
    at: float

    @cached_property
    def document(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @cached_property
    def form(self) -> tuple[Part, ...] | None:
        """The body as the parts of a form; None when it is none."""
        return read_form(self.headers.get("content-type", ""), self.body)

    def json_object(self) -> dict[str, Any]:
        """The body; fields that are null are as good as not sent.

        Raises:
            Refusal: it is not a JSON object.
        """
        if not isinstance(self.document, dict):
            raise Refusal(Why.INVALID, "The request body is not a JSON object")
        return {name: value for name, value in self.document.items() if value is not None}


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


class Why(StrEnum):
    """Why an upstream says no. How it says so is its dialect's."""

    INVALID = "invalid"
    UNAUTHORIZED = "unauthorized"
    NO_BALANCE = "no balance"
    FROZEN = "frozen"
    FORBIDDEN = "forbidden"
    NO_SUCH_MODEL = "no such model"
    NOT_FOUND = "not found"
    MODERATED = "moderated"
    RATE_LIMITED = "rate limited"
    BROKEN = "broken"
    BAD_GATEWAY = "bad gateway"
    OVERLOADED = "overloaded"
    TIMED_OUT = "timed out"


class Refusal(Exception):
    """The upstream says no; nothing was made.

    Attributes:
        message: replaces the dialect's usual words for it.
        field: the parameter it is about.
        retry_after: seconds.
    """

    def __init__(
        self,
        why: Why,
        message: str = "",
        *,
        field: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(why, message)
        self.why = why
        self.message = message
        self.field = field
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.retry_after is None else {"Retry-After": f"{self.retry_after:g}"}
