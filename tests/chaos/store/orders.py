"""What is asked for: hosts whose jobs have names, hosts with records, and hosts with neither."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle, islice
from random import Random
from typing import Any

from attrs import field, frozen

__all__ = ["MODELS", "Order", "orders"]


@frozen
class Order:
    """One request, as `imagekit_store.Store.ask` takes it."""

    prompt: str
    model: str
    given: Mapping[str, Any] = field(factory=dict)


_SMALL = {"size": "1024x1024"}

#: Links, bytes in the answer, and jobs; one paid call, two, and one that makes two pictures.
KINDS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("powertokens:seedream-4.0", _SMALL),
    ("klingai:kling-v3", {}),
    ("token360:seedream-4.0", {**_SMALL, "response_format": "b64_json"}),
    ("token360:seedream-4.0", _SMALL),
    ("klingai:kling-v3-omni", {"n": 2}),
    ("powertokens:seedream-4.0", {**_SMALL, "response_format": "b64_json"}),
    ("klingai:kling-v3", {}),
    ("powertokens:seedream-4.0", {**_SMALL, "n": 2}),
)
MODELS = sorted({model for model, _ in KINDS})


def orders(count: int, seed: int) -> list[Order]:
    """So many, in an order that the seed decides. Half of them are asked for twice, word by
    word: who tells calls apart by their prompts takes one for the other."""
    kinds = cycle(KINDS)
    once = [Order(f"heron {number}", *next(kinds)) for number in range(count - count // 4)]
    found = [*once, *islice(once, count // 4)]
    Random(seed).shuffle(found)
    return found
