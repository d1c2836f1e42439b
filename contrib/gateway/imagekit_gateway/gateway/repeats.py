"""Requests that clients repeat by themselves, while the first of them is still on its way.

Before a request has its row, nobody finds it there. Clients that give up after a while ask again,
and say so; then the first may not have come far.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import define, field

__all__ = ["Repeats"]

_Of = tuple[str, str]


@define(eq=False)
class Repeats:
    """Those of one process, by key and by what is asked for."""

    _under_way: dict[_Of, threading.Event] = field(factory=dict, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    @contextmanager
    def after_first(self, of: _Of, repeats: bool, seconds: float) -> Iterator[None]:
        """If this one repeats another that is under way here, wait for the end of that, at most
        so long; else it is one that others may repeat."""
        while True:
            with self._lock:
                first = self._under_way.get(of)
                if first is None or not repeats:
                    mine = self._under_way.setdefault(of, threading.Event())
                    break
            if not first.wait(seconds):
                mine = threading.Event()  # nobody's: it is answered by what is known of the first
                break
        try:
            yield
        finally:
            with self._lock:
                if self._under_way.get(of) is mine:
                    del self._under_way[of]
            mine.set()
