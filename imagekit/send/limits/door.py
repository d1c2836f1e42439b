"""One host, as this process sees it: who waits for it, who is on the way, and how full it is."""

from __future__ import annotations

from attrs import field

from imagekit.basics.classes import define
from imagekit.send.limits.line import Line
from imagekit.send.limits.rate import Rate
from imagekit.sharing import Full

__all__ = ["Door"]


@define(eq=False)
class Door:
    """What is counted here only says whom to ask rather; whether there is room says `Shared`.

    Attributes:
        rpm, at_once: the host's own limits.
        promised: calls that are to go in here, and are not in yet.
    """

    host: str
    rpm: int | None = None
    at_once: int | None = None
    line: Line = field(factory=Line)
    promised: int = 0
    _rate: Rate = field(factory=Rate)

    @property
    def is_limited(self) -> bool:
        return self.rpm is not None or self.at_once is not None

    def promise(self, now: float) -> None:
        """A call is to go in here."""
        self.promised += 1
        self._count(now)

    def take_back(self) -> None:
        """It goes elsewhere, or nowhere."""
        self.promised -= 1
        if self.rpm is not None:
            self._rate.give_back(self.rpm)

    def let_in(self, as_promised: bool, now: float) -> None:
        """A call is in."""
        if as_promised:
            self.promised -= 1
        else:
            self._count(now)

    def is_told(self, full: Full, now: float) -> None:
        """There is no room, as others may have filled it."""
        if full.limit == "rpm" and self.rpm is not None and full.retry_after is not None:
            self._rate.not_before(self.rpm, now, full.retry_after)

    def lacks(self, under_way: int, now: float) -> tuple[float, float]:
        """How long one more would wait for its turn, and how many before it for each place; zeros
        where there is room."""
        wait = self._rate.wait(self.rpm, now) if self.rpm is not None else 0.0
        if self.at_once is None:
            return wait, 0.0
        return wait, max(0, under_way + self.promised + 1 - self.at_once) / self.at_once

    def _count(self, now: float) -> None:
        if self.rpm is not None:
            self._rate.take(self.rpm, now)
