"""What is under way, in a memory that has an end."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

__all__ = ["MOST", "STEPS", "UnderWay"]

#: Calls that are followed at once. Some thousand bytes each.
MOST = 10_000
#: Of paid calls. What else is told of are free questions, which have no end that is told.
STEPS = frozenset({"generate", "poll", "download"})

T = TypeVar("T")


class UnderWay(Generic[T]):
    """Something for each call that is under way, by the call's id.

    The end of a call may never be told: its thread may be gone with an interrupted program.
    So there are ``most`` at once, and then the oldest gives way.

    It has no lock, which a child of ``fork`` could inherit closed: each step is one of
    `OrderedDict`, and those are whole.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._by_id: OrderedDict[str, T] = OrderedDict()

    def add(self, id: str, value: T) -> T | None:
        """Follow one more; gives what had to make room."""
        self._by_id[id] = value
        if len(self._by_id) <= self._most:
            return None
        return self._by_id.popitem(last=False)[1]

    def get(self, id: str) -> T | None:
        return self._by_id.get(id)

    def end(self, id: str) -> T | None:
        """What was followed by that id, and is no more."""
        return self._by_id.pop(id, None)
