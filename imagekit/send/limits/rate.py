"""How often something may be done: a minute's worth at once after a rest, then steadily."""

from __future__ import annotations

from imagekit.basics.classes import define

__all__ = ["Rate"]

SECOND = 1_000_000_000  # in nanoseconds, whose sums are exact
MINUTE = 60 * SECOND


@define(eq=False)
class Rate:
    """One time is kept: when the next would be due if they came steadily. It may be ahead of now
    by a minute at most, which is the burst."""

    _due: int = 0

    def wait(self, per_minute: int, now: float) -> float:
        """Seconds until one more may be done; 0: at once."""
        step = _step(per_minute)
        ahead = max(self._due - _at(now), 0) + step - step * per_minute
        return max(ahead, 0) / SECOND

    def take(self, per_minute: int, now: float) -> None:
        """One more, whether it may be done now or has to wait."""
        self._due = max(self._due, _at(now)) + _step(per_minute)

    def not_before(self, per_minute: int, now: float, seconds: float) -> None:
        """Somebody who counts for more than this process says that one more has to wait so long."""
        step = _step(per_minute)
        self._due = max(self._due, _at(now) + int(seconds * SECOND) + step * per_minute - step)

    def give_back(self, per_minute: int) -> None:
        """One that was taken and is not done."""
        self._due -= _step(per_minute)


def _at(now: float) -> int:
    return int(now * SECOND)


def _step(per_minute: int) -> int:
    """From one to the next: rounded up, so that never more are done than may be."""
    return -(-MINUTE // per_minute)
