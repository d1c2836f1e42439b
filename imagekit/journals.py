"""What paid calls are written down in, by whichever program or plugin keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from imagekit.errors import ImagekitError
from imagekit.values import Pending, Purchase, Result

if TYPE_CHECKING:
    from imagekit.values.left import Left

__all__ = ["Journal", "Recovers"]


@runtime_checkable
class Journal(Protocol):
    """Written at each step of a paid call, by whichever thread carries it out.

    Every method may raise whatever it likes, and the caller hears of it. If ``sending``
    raises, nothing is sent; if a later one does, the call goes on, and ends in a
    `JournalError` that carries its result. None may block for long.
    """

    def sending(self, purchase: Purchase) -> object:
        """The request leaves when this returns. Told once, also when it is sent again because
        it was certainly free."""

    def accepted(self, purchase: Purchase, pending: Pending) -> object:
        """The host has made a job of it; ``pending`` asks for that. Told again when the way to
        ask changes, or what the wire notes with it (`Pending.state`)."""

    def answered(self, purchase: Purchase, result: Result, more: bool) -> object:
        """Pictures have come: as links that are not fetched yet, or in the answer itself. Of a
        streamed answer it is told for each as it comes, with ``more``, for there is more of the
        answer to come, and then of the whole."""

    def kept(self, purchase: Purchase, result: Result) -> object:
        """The pictures have been fetched, and every sink has them: the end of a good call. One
        whose link could not be fetched has its ``error``."""

    def left(self, purchase: Purchase, pending: Pending | None) -> object:
        """Nobody waits for it any more, and it has not come to its end: ``pending`` asks for its
        job. None: what is known of it is all that will be; if that is that it was sent, its
        answer is lost. `Client.begin` and `Client.look` leave each job that they give back."""

    def ended(self, purchase: Purchase, error: ImagekitError) -> object:
        """No picture comes of it; ``error.charged`` says whether it was paid for."""


@runtime_checkable
class Recovers(Protocol):
    """What a journal may be besides: one in which others find what was left open, and that can
    bring it to its end. ``imagekit resume`` asks every journal of a plugin that is."""

    def left_open(self) -> Sequence[Left]:
        """The calls that have not come to their end and that nobody carries out now, oldest
        first. Changes nothing."""

    def recover(self, id: str, client: Any, deadline: float | None = None) -> Result | None:
        """Bring a call to its end, as far as that can be done without buying anything.

        Args:
            id: of one of those calls, or of any other: it may have come to its end here while
                another journal still has it open.
            client: an `imagekit.Client`, one of whose journals this is.
            deadline: seconds after which to give up; None waits as long as `Client.resume` does.

        Returns:
            its pictures, which are kept; None when nobody can be asked what became of it.

        Raises:
            LookupError: this journal knows no such call.
            ImagekitError: why there is no picture, or not yet: then with ``pending``.
        """
