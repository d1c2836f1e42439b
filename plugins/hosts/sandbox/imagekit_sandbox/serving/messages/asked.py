"""A request as it arrived at an upstream."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from attrs import frozen

from imagekit_sandbox.serving.messages.forms import Part, read_form
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["Asked"]


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
