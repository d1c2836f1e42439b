"""What makes an upstream: its paths, its words for saying no, and who is asking."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from attrs import field, frozen

from imagekit_sandbox.serving.kit.visit import Visit
from imagekit_sandbox.serving.messages.answers import Answer
from imagekit_sandbox.serving.messages.asked import Asked
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["Dialect", "Operation", "bearer", "model_in_body"]


def model_in_body(asked: Asked, field: str = "model") -> str | None:
    """The model's id, where it is a field of a JSON object."""
    try:
        model = asked.json_object().get(field)
    except Refusal:  # the operation itself says so, in its own words
        return None
    return model if isinstance(model, str) else None


def bearer(asked: Asked) -> str | None:
    """The key of ``Authorization: Bearer ...``."""
    scheme, _, key = asked.headers.get("authorization", "").partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None


@frozen
class Operation:
    """Something an upstream can be asked for.

    Attributes:
        name: generate, poll, models, list, content, delete or count.
        path: below the host's name; ``{...}`` stands for one segment.
        serve: answers, or raises `Refusal`.
        model: finds the model's id in a request; None where no model is named.
        job: its pictures are made after it has answered.
    """

    name: str
    method: str
    path: str
    serve: Callable[[Visit], Answer]
    model: Callable[[Asked], str | None] | None = None
    job: bool = False
    _pattern: re.Pattern[str] = field(init=False, repr=False)

    @_pattern.default
    def _make_pattern(self) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", self.path)
        named = (f"(?P<{part}>[^/]+)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
        return re.compile("".join(named))

    def match(self, path: str) -> dict[str, str] | None:
        """The values of ``{...}``, or None when this is another path."""
        found = self._pattern.fullmatch(path)
        return found.groupdict() if found else None


def _nowhere(visit: Visit) -> Answer:
    raise Refusal(Why.NOT_FOUND, f"Invalid URL ({visit.asked.method} {visit.asked.path})")


#: What every other path leads to.
NOWHERE = Operation("nowhere", "", "", _nowhere)


@frozen
class Dialect:
    """One upstream, as data.

    Attributes:
        host: its name, which its paths begin with, and that of the plugin that speaks to it.
        base: what the plugin's base URL has after the origin.
        envelope: how a refusal is said.
        key: finds the caller's key in a request.
        prices: model id -> US dollars a picture, where anybody publishes one.
    """

    host: str
    base: str
    operations: tuple[Operation, ...]
    envelope: Callable[[Refusal], Answer]
    key: Callable[[Asked], str | None] = bearer
    prices: Mapping[str, Decimal] = field(factory=dict)

    @property
    def path(self) -> str:
        """What its plugin's base URL has after the origin of the sandbox."""
        return f"/{self.host}{self.base}"

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """The operation at a path, and the values in it; `NOWHERE` when there is none."""
        for operation in self.operations:
            values = operation.match(path)
            if values is not None and operation.method == method:
                return operation, values
        return NOWHERE, {}
