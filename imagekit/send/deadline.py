"""How long a caller is willing to wait, and whether anybody waits at all."""

from __future__ import annotations

import threading
from collections.abc import Callable

from imagekit.basics.classes import define
from imagekit.errors import DeadlineExceeded
from imagekit.values import Charged, Pending

__all__ = ["Deadline"]


@define
class Deadline:
    """Seconds the caller still allows; None is no limit. ``stop``, once set, says that
    nothing is to be sent any more that may cost. ``turn_at`` is until when a turn at a host that
    is full is waited for, where that is not as long as all the rest.
    """

    at: float | None
    clock: Callable[[], float]
    stop: threading.Event | None = None
    pending: Pending | None = None
    turn_at: float | None = None

    def left(self) -> float | None:
        return None if self.at is None else max(0.0, self.at - self.clock())

    def left_for_turn(self) -> float | None:
        """Seconds that the call may still wait for its turn."""
        ends = [at for at in (self.at, self.turn_at) if at is not None]
        return max(0.0, min(ends) - self.clock()) if ends else None

    @property
    def passed(self) -> bool:
        return self.at is not None and self.clock() >= self.at

    @property
    def stopped(self) -> bool:
        return self.stop is not None and self.stop.is_set()

    def check(self) -> None:
        """Raise `DeadlineExceeded` once it has passed."""
        if self.passed:
            raise self.exceeded()

    def allows(self, wait: float) -> bool:
        left = self.left()
        return left is None or wait < left

    def exceeded(self, sent: bool = True) -> DeadlineExceeded:
        if self.pending is None and not sent:
            return DeadlineExceeded(
                "the deadline passed before anything was sent", charged=Charged.NO
            )
        if self.pending is None:
            return DeadlineExceeded("the deadline passed while the answer was awaited")
        hint = f"task {self.pending.task} can be resumed" if self.pending.task else "resume it"
        return DeadlineExceeded(
            f"the deadline passed and the job is not done; {hint}",
            pending=self.pending,
            charged=self.pending.charged,
        )
