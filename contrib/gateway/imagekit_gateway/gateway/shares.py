"""Threads are shared: no caller gets the last ones.

A request has a thread from when its head is here until its answer is gone. Clients that stall, in
sending a body or in reading an answer, hold as many as they like; then it is those of one key that
wait for each other, and nobody else.
"""

from __future__ import annotations

import threading
from collections import Counter

from attrs import define, field

from imagekit_gateway.refusals import Refused

__all__ = ["Shares"]

#: One in so many threads is for others than the caller that has most.
RESERVED = 64
#: Requests of a key beside those that it may have under way: some ask for records, or wait.
BESIDE = 8


@define(eq=False)
class Shares:
    """How many requests of each caller are under way.

    Attributes:
        threads: how many requests are answered at once.
    """

    threads: int
    _taken: Counter[str] = field(factory=Counter, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    @property
    def most(self) -> int:
        """Of one caller."""
        return max(1, self.threads - max(1, self.threads // RESERVED))

    def take(self, caller: str, at_once: int | None = None) -> None:
        """
        Args:
            caller: the name of a key; empty for all who come by a link.
            at_once: how many pictures the key may have made at once.

        Raises:
            Refused: it has as many as one may have.
        """
        most = self.most if caller else max(1, self.threads // 2)
        if at_once is not None:
            most = min(most, at_once + BESIDE)
        with self._lock:
            if self._taken[caller] >= most:
                message = f"{most} requests are under way, the most that one key may have at once"
                raise Refused(
                    429, "too_many_at_once", message, "rate_limit_error", again=True, wait=1.0
                )
            self._taken[caller] += 1

    def give(self, caller: str) -> None:
        """One is over."""
        with self._lock:
            self._taken[caller] -= 1
            if not self._taken[caller]:
                del self._taken[caller]
