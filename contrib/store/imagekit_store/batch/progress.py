"""What a person sees while a batch runs: one line that changes on a terminal, one now and then in
a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from types import TracebackType
from typing import Any

from attrs import define, field

from imagekit import tools
from imagekit_store.batch.account import Account
from imagekit_store.batch.checking import Counts
from imagekit_store.values.errors import StoreUnavailable

__all__ = ["Progress", "duration", "exact"]

#: Seconds between two lines in a pipe.
SELDOM = 10.0
#: Seconds of which the rate is.
LATELY = 60.0


@define
class Progress:
    """A context manager; told `look` again and again.

    Attributes:
        counts: asks how many lines stand where.
        quiet: nothing is shown.
    """

    account: Account
    counts: Callable[[], Counts]
    quiet: bool = False
    _status: Any = field(default=None, init=False)
    _said: float = field(factory=time.monotonic, init=False)
    _seen: list[tuple[float, int]] = field(factory=list, init=False)

    def __enter__(self) -> Progress:
        if not self.quiet and sys.stderr.isatty():
            from rich.console import Console

            self._status = Console(stderr=True).status("")
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def look(self) -> None:
        with suppress(StoreUnavailable):  # which comes back
            self._show()

    def _show(self) -> None:
        now = time.monotonic()
        if self.quiet or (self._status is None and now - self._said < SELDOM):
            return
        self._said, text = now, self.text(self.counts(), now)
        if self._status is None:
            tools.note(text)
        else:
            from rich.text import Text

            self._status.update(Text(text))

    def text(self, counts: Counts, now: float) -> str:
        """How far it has come."""
        over = counts.done + counts.failed + counts.unknown
        parts = [f"{over:,} of {counts.lines:,}", f"{counts.done:,} done"]
        parts += [f"{counts.failed:,} failed"] * bool(counts.failed)
        parts += [f"{counts.unknown:,} unknown"] * bool(counts.unknown)
        if rate := self._rate(now, over):
            per = f"{rate:,.1f} a second" if rate >= 1 else f"{rate * 60:,.1f} a minute"
            parts += [per, f"{duration((counts.left + counts.open) / rate)} left"]
        return ", ".join([*parts, self._money()])

    def _money(self) -> str:
        spent, limits = self.account.spent, self.account.limits
        told = f"{exact(spent)} {limits.currency}"
        if self.account.has_budget and limits.budget is not None:
            told += (
                f" of {exact(limits.budget)}, {exact(max(Decimal(0), limits.budget - spent))} left"
            )
        return told

    def _rate(self, now: float, over: int) -> float:
        """A second, lately."""
        self._seen.append((now, over))
        while now - self._seen[0][0] > LATELY:
            del self._seen[0]
        first, before = self._seen[0]
        seconds = now - first
        return (over - before) / seconds if seconds > 0 else 0.0


def exact(amount: Decimal) -> str:
    """All digits that count, and no exponent."""
    return f"{amount.normalize():f}"


def duration(seconds: float) -> str:
    """For people."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
