"""Whether a host is to be left alone, or to be tried again by somebody."""

from __future__ import annotations

from imagekit.basics.classes import define

__all__ = ["Health"]

#: Seconds after which whoever tries a host, and is not heard of again, has tried.
TRIAL = 60.0


@define(eq=False)
class Health:
    """Of one host, that rests or is on trial.

    Attributes:
        until: when its rest is over.
        tried: when somebody began to try it, since.
    """

    until: float
    tried: float | None = None

    def rest(self, until: float) -> None:
        """Of two rests the longer counts."""
        self.until, self.tried = max(self.until, until), None

    def rests(self, now: float) -> float:
        """For how many seconds."""
        return max(0.0, self.until - now)

    def try_again(self, now: float) -> bool:
        """Whether this caller may."""
        if now < self.until or (self.tried is not None and now < self.tried + TRIAL):
            return False
        self.tried = now
        return True
