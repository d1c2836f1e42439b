"""The line before a host that has no room: callers take turns, and one call at a time asks."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from attrs import field

from imagekit.basics.classes import define
from imagekit.sharing import Full

__all__ = ["Line", "Waiter"]


@define(eq=False)
class Waiter:
    """A call in line."""

    caller: str
    woken: threading.Event = field(factory=threading.Event)
    is_in: bool = False


@define(eq=False)
class Line:
    """Who waits for one host. Callers are in the order of their turns, and the calls of each in
    the order in which they came. Who has had a turn goes behind all the others.

    Attributes:
        full: why the first could not go in when it last asked.
    """

    full: Full | None = None
    _calls: dict[str, deque[Waiter]] = field(factory=dict)
    _lock: threading.Lock = field(factory=threading.Lock)

    @contextmanager
    def joined_by(self, caller: str) -> Iterator[Waiter]:
        """One more, until it is in or gives up."""
        waiter = Waiter(caller)
        with self._lock:
            self._calls.setdefault(caller, deque()).append(waiter)
        try:
            yield waiter
        finally:
            self._left_by(waiter)
            self.wake()

    def asks(self, waiter: Waiter, ask: Callable[[], Full | None]) -> Full | None:
        """Why a call has to wait; None: it is in."""
        waiter.woken.clear()  # so that what happens from here on is not missed
        if not self.is_first(waiter):
            return self.full or _OTHERS
        self.full = ask()
        waiter.is_in = self.full is None
        return self.full

    def is_first(self, waiter: Waiter) -> bool:
        return self._first() is waiter

    def wake(self) -> None:
        """There may be room: the first had better ask."""
        first = self._first()
        if first is not None:
            first.woken.set()

    def wake_all(self) -> None:
        """Nobody is let in any more: each had better hear of it."""
        with self._lock:
            waiting = [waiter for calls in self._calls.values() for waiter in calls]
        for waiter in waiting:
            waiter.woken.set()

    def __len__(self) -> int:
        with self._lock:
            return sum(map(len, self._calls.values()))

    def _first(self) -> Waiter | None:
        with self._lock:
            return next((calls[0] for calls in self._calls.values()), None)

    def _left_by(self, waiter: Waiter) -> None:
        with self._lock:
            calls = self._calls[waiter.caller]
            calls.remove(waiter)
            if waiter.is_in or not calls:
                del self._calls[waiter.caller]
            if waiter.is_in and calls:
                self._calls[waiter.caller] = calls


#: Where nobody has been refused yet: the first is just asking.
_OTHERS = Full("at_once", "others were here before")
