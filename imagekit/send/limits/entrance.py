"""A call's way in at its host: asked for at once where nobody waits, else in line."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from typing import TYPE_CHECKING

from imagekit.basics.classes import frozen
from imagekit.errors import LimitReached, NotSent
from imagekit.send.deadline import Deadline
from imagekit.send.limits.door import Door
from imagekit.send.limits.hall import Hall
from imagekit.send.limits.line import Waiter
from imagekit.sharing import Claim, Full

if TYPE_CHECKING:
    from imagekit.send.observers import Watched

__all__ = ["Entrance"]

#: Seconds within which a call that waits hears that it was stopped.
STOPPED = 0.25
#: Seconds until the first in line asks again, where nobody says when; and at least, whoever says.
SOON, LEAST = 1.0, 0.05


@frozen(eq=False)
class Entrance:
    """One call before one host.

    Attributes:
        sleep: what the first in line waits with; None really waits, and is woken by whoever leaves.
        elsewhere: hosts that may be asked instead.
    """

    hall: Hall
    claim: Claim
    deadline: Deadline
    sleep: Callable[[float], object] | None = None
    elsewhere: Sequence[str] = ()

    def go_in(self, caller: str, watched: Watched | None) -> None:
        """
        Raises:
            LimitReached: no turn came in time; or when it came, the host was to be left alone, and
                another was not.
            NotSent: the call was stopped, or the client closed, while it waited.
        """
        door, told = self.hall.door(self.claim.host), False
        with door.line.joined_by(caller) as waiter:
            while full := self._refused(door, waiter):
                if watched and not told:
                    watched.queued(full)
                told = True
                self._wait(full, door, waiter)
        self.hall.let_in(door)

    def _refused(self, door: Door, waiter: Waiter) -> Full | None:
        if self.deadline.stopped:
            raise NotSent("the call was stopped before anything was sent", retryable=False)
        if self.hall.is_closed:
            raise NotSent("the client is closed: nothing was sent", retryable=False)
        if door.line.is_first(waiter):
            self._look_for_rest()
        full = door.line.asks(waiter, partial(self.hall.asked.claim, self.claim))
        if full is not None and door.line.is_first(waiter):
            self.hall.refused(door, full)
        return full

    def _look_for_rest(self) -> None:
        """It may have been told to rest while this call was in line."""
        host = self.claim.host
        if seconds := self.hall.rests(host, self.elsewhere):
            raise LimitReached(
                f"{host} is to be left alone for {seconds:.1f} s, and another host is not",
                limit="rest",
                retry_after=seconds,
                retryable=True,
            )

    def _wait(self, full: Full, door: Door, waiter: Waiter) -> None:
        left, is_first = self.deadline.left_for_turn(), door.line.is_first(waiter)
        soon = SOON if full.retry_after is None else max(LEAST, full.retry_after)
        if left is not None and (left <= 0 or (is_first and full.limit == "rpm" and soon > left)):
            raise LimitReached(
                f"{full.why}; no turn comes in time: wait longer, or allow more",
                limit=full.limit,
                retry_after=full.retry_after,
                retryable=True,
            )
        bounds = [one for one in (soon if is_first else None, left) if one is not None]
        wait = waiter.woken.wait if self.sleep is None or not is_first else self.sleep
        self._pause(min(bounds, default=inf), waiter, wait)

    def _pause(self, seconds: float, waiter: Waiter, wait: Callable[[float], object]) -> None:
        """For so long, or until the call is woken, or stopped."""
        step = STOPPED if self.deadline.stop else threading.TIMEOUT_MAX
        while seconds > 0 and not (waiter.woken.is_set() or self.deadline.stopped):
            wait(min(seconds, step))
            seconds -= step
