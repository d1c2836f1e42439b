"""What a process that is gone has left of a paid call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field

from imagekit.basics.classes import define, frozen
from imagekit.values.pending import Pending
from imagekit.values.purchase import Purchase

__all__ = ["Left", "Unkept"]


@frozen
class Unkept:
    """A picture that has come: where it is.

    Attributes:
        index: its place among those of the request.
        url: its link; None when it came in the answer itself.
        file: the file that it was written to then.
        error: why there is no such file, as when the disk was full.
    """

    index: int
    url: str | None = None
    file: str | None = None
    error: str | None = None


@define
class Left:
    """A paid call that has not come to its end, as far as the journal knows.

    Attributes:
        purchase: which.
        at: when it was sent, in Unix seconds.
        about: what the writer noted of it, e.g. where its pictures were to go.
        pending: what asks for its job; None as long as none was accepted.
        pictures: those that have come, by index.
        whole: whether they are all that the answer has; False where nobody knows.
    """

    purchase: Purchase
    at: float
    about: Mapping[str, Any] = field(factory=dict)
    pending: Pending | None = None
    pictures: dict[int, Unkept] = field(factory=dict)
    whole: bool = False

    @property
    def state(self) -> str:
        """``sending`` (it may have been charged), ``accepted`` or ``answered``."""
        if self.pictures:
            return "answered"
        return "accepted" if self.pending and self.pending.confirmed else "sending"

    @property
    def asks(self) -> Pending | None:
        """What finds out what became of it, without buying anything; None when nothing can."""
        return self.pending or self.purchase.lookup
