"""What goes in and out of an upstream: a request, an answer, a refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import field, frozen

__all__ = ["Answer", "Asked", "Refusal", "Why", "json_answer"]


@frozen
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

    def json_object(self) -> dict[str, Any]:
        """The body; fields that are null are as good as not sent.

        Raises:
            Refusal: it is not a JSON object.
        """
        try:
            document = json.loads(self.body)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise Refusal(Why.INVALID, "The request body is not a JSON object")
        return {name: value for name, value in document.items() if value is not None}


@frozen
class Answer:
    """What goes back.

    Attributes:
        delay: seconds of silence before it.
        drip: seconds between the pieces of the body (sixteen of them).
        cut: close the connection after this many bytes of the body; 0 sends nothing at all.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(factory=dict)
    delay: float = 0.0
    drip: float = 0.0
    cut: int | None = None


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
