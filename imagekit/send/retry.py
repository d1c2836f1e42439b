"""When a request is sent again: only when it certainly was neither accepted nor charged."""

from __future__ import annotations

import random

from imagekit.basics.classes import frozen
from imagekit.errors import (
    HostError,
    HostUnavailable,
    ImagekitError,
    RateLimited,
    UnreadableAnswer,
    UsageError,
)
from imagekit.values import Charged

__all__ = ["Retry"]

_PASSING = (HostUnavailable, RateLimited, UnreadableAnswer)


@frozen
class Retry:
    """How often and how patiently.

    Attributes:
        attempts: sends in all; 1 never sends again.
        first: seconds before the second attempt; doubled each time, with jitter.
        longest: most seconds of one such wait.
        patience: longest ``Retry-After`` that is waited for; a longer one ends the call
            with an error that carries it.
    """

    attempts: int = 4
    first: float = 0.5
    longest: float = 20.0
    patience: float = 120.0

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.attempts, int) or self.attempts < 1:
            raise UsageError(f"attempts counts every send, from 1: not {self.attempts!r}")
        for name in ("first", "longest", "patience"):
            if not getattr(self, name) >= 0:
                raise UsageError(f"{name} is a number of seconds, not {getattr(self, name)!r}")

    def wait(self, attempt: int, error: ImagekitError, repeatable: bool) -> float | None:
        """Seconds before the next attempt after ``attempt`` (from 1), or None to give up.

        The decision is the error's own: retryable, and certainly not charged. A status
        alone never decides. A ``repeatable`` request (a poll, a download) costs nothing,
        so a host that is merely in trouble or busy is asked again, until the job has ended.
        """
        if attempt >= self.attempts or not _may_repeat(error, repeatable):
            return None
        asked: float | None = getattr(error, "retry_after", None)
        if asked is not None:
            return asked if asked <= self.patience else None
        backoff = min(self.longest, self.first * 2.0 ** (attempt - 1))
        return backoff * random.uniform(0.5, 1.0)


def _may_repeat(error: ImagekitError, repeatable: bool) -> bool:
    if repeatable:
        ended = isinstance(error, HostError) and error.final
        return not ended and (error.retryable or isinstance(error, _PASSING))
    return error.retryable and error.charged is Charged.NO
