"""What is written down of every paid call, so that nothing paid for is lost with its process.

::

    sending ──> accepted ──> answered ──> kept        the pictures are where they were to go
       └────────────┴────────────┴──────> ended       no picture comes of it

``sending`` is written before the request leaves. A call of which only that is known may have
been charged; it is never repeated to find out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from attrs import define, field, frozen

from imagekit.errors import Charged, ImagekitError, JournalError
from imagekit.values import Pending, Provenance, Result

__all__ = ["Entry", "Journal", "Purchase"]


@frozen
class Purchase:
    """One paid call, as journals know it. It holds no secret and no picture.

    Attributes:
        id: of the call, on all of its events, too. Calls that one request became have its id
            in common, before a hyphen.
        model, host: whom it asks for what.
        name: what the host will know the job by, where it takes a name and can be asked by it.
        body: the sha256 of the request's body, as hex.
        places: which pictures of the request it is to make; empty when it makes all.
        lookup: what asks for the job by its name, should its answer be lost; None where the
            host offers no such way.
        provenance: what was asked, and when; references by their digest.
    """

    id: str
    model: str
    host: str
    name: str | None = None
    body: str = ""
    places: tuple[int, ...] = ()
    lookup: Pending | None = None
    provenance: Provenance | None = None


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
        ask changes."""

    def answered(self, purchase: Purchase, result: Result, more: bool) -> object:
        """Pictures have come: as links that are not fetched yet, or in the answer itself. Of a
        streamed answer it is told for each as it comes, with ``more``, for there is more of the
        answer to come, and then of the whole."""

    def kept(self, purchase: Purchase, result: Result) -> object:
        """The pictures have been fetched, and every sink has them: the end of a good call. One
        whose link could not be fetched has its ``error``."""

    def ended(self, purchase: Purchase, error: ImagekitError) -> object:
        """No picture comes of it; ``error.charged`` says whether it was paid for."""


@define
class Entry:
    """One paid call in every journal of a client, in order, the client's own first."""

    purchase: Purchase
    journals: Sequence[Journal]
    failure: JournalError | None = field(default=None, init=False)

    def sending(self) -> None:
        """
        Raises:
            JournalError: a journal could not write it: nothing may be sent.
        """
        for journal in self.journals:
            try:
                journal.sending(self.purchase)
            except Exception as error:
                message = f"{_name(journal)} could not note the call, so nothing was sent: {error}"
                failure = JournalError(message, charged=Charged.NO)
                self._each(lambda one: one.ended(self.purchase, failure))  # noqa: B023
                raise failure from error

    def accepted(self, pending: Pending) -> None:
        self._each(lambda journal: journal.accepted(self.purchase, pending))

    def answered(self, result: Result, more: bool) -> None:
        self._each(lambda journal: journal.answered(self.purchase, result, more))

    def kept(self, result: Result) -> None:
        """
        Raises:
            JournalError: this, or a step before it, could not be written; has the result.
        """
        self._each(lambda journal: journal.kept(self.purchase, result))
        if self.failure is not None:
            self.failure.result = result
            raise self.failure

    def ended(self, error: ImagekitError) -> None:
        """Written, or a note on ``error``, which is the one that counts."""
        self._each(lambda journal: journal.ended(self.purchase, error))
        if self.failure is not None:
            error.add_note(str(self.failure))

    def _each(self, step: Callable[[Journal], object]) -> None:
        """Every journal, also after one that failed. The first failure is kept for the end."""
        for journal in self.journals:
            try:
                step(journal)
            except Exception as error:
                if self.failure is None:
                    message = f"the call goes on, but {_name(journal)} could not note it: {error}"
                    self.failure = JournalError(message)
                    self.failure.__cause__ = error


def _name(journal: Journal) -> str:
    return f"the journal {type(journal).__qualname__}"
