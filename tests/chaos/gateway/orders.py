"""What is asked for: hosts that answer with links, with bytes and with jobs, in every way that a
client may ask."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from attrs import frozen

__all__ = ["WAYS", "Order", "orders"]

#: To wait for the answer, to be told of a record, and to be told while it happens.
WAYS = ("plain", "later", "streamed")

_SMALL = {"size": "1024x1024"}
_BYTES = {"response_format": "b64_json"}
KINDS: tuple[Mapping[str, Any], ...] = (
    {"model": "powertokens:seedream-4.0", **_SMALL},
    {"model": "klingai:kling-v3"},
    {"model": "token360:seedream-4.0", **_SMALL, **_BYTES},
    {"model": "token360:seedream-4.0", **_SMALL},
    {"model": "powertokens:seedream-4.0", **_SMALL, **_BYTES},
)


@frozen
class Order:
    """One request.

    Attributes:
        name: its prompt and its ``Idempotency-Key``, which no other has.
        fields: of its body, besides.
        way: one of `WAYS`.
    """

    name: str
    fields: Mapping[str, Any]
    way: str

    @property
    def body(self) -> bytes:
        told = {"prompt": self.name, **self.fields}
        return json.dumps({**told, "stream": True} if self.way == "streamed" else told).encode()

    @property
    def headers(self) -> dict[str, str]:
        told = {"Content-Type": "application/json", "Idempotency-Key": self.name}
        return {**told, "Prefer": "respond-async"} if self.way == "later" else told


def orders(seed: int) -> Iterator[Order]:
    """Without end, in an order that the seed decides."""
    chance = Random(seed)
    for number in itertools.count(1):
        yield Order(f"heron {number}", chance.choice(KINDS), chance.choice(WAYS))
