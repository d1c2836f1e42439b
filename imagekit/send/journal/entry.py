"""One paid call, told to every journal of a client.

::

    sending ──> accepted ──> answered ──> kept        the pictures are where they were to go
       └────────────┴────────────┼──────> ended       no picture comes of it
       └────────────┴────────────┴──────> left        nobody waits for it any more

``sending`` is written before the request leaves. A call of which only that is known may have
been charged; it is never repeated to find out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from attrs import field

from imagekit.basics.classes import define
from imagekit.errors import ImagekitError, JournalError
from imagekit.journals import Journal
from imagekit.values import Charged, Pending, Purchase, Result

__all__ = ["Entry"]


@define
class Entry:
    """One paid call in every journal of a client, in order, the client's own first.

    Attributes:
        purchase: which; made only where there is a journal.
    """

    _journals: Sequence[Journal]
    _describe: Callable[[], Purchase]
    _failure: JournalError | None = field(default=None, init=False)
    _is_over: bool = field(default=False, init=False)

    @property
    def is_kept(self) -> bool:
        """Whether there is any journal."""
        return bool(self._journals)

    @cached_property
    def purchase(self) -> Purchase:
        return self._describe()

    def sending(self) -> None:
        """
        Raises:
            JournalError: a journal could not write it: nothing may be sent.
        """
        for journal in self._journals:
            try:
                journal.sending(self.purchase)
            except Exception as error:
                message = (
                    f"{_name(journal)} could not note the call, so nothing was sent: {_why(error)}"
                )
                failure = JournalError(message, charged=Charged.NO)
                self._never_sent(failure)
                raise failure from error
            except BaseException:  # Ctrl-C: others have it, and would say that it may be charged
                self._never_sent(JournalError("stopped before it was sent", charged=Charged.NO))
                raise

    def _never_sent(self, failure: JournalError) -> None:
        self._is_over = True
        self._each(lambda journal: journal.ended(self.purchase, failure))

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
        if self._failure is not None:
            raise self._failure.with_details(result=result)

    def left(self, pending: Pending | None, error: BaseException | None = None) -> None:
        """Nobody waits for it any more, because of ``error``, if there was one.

        Raises:
            JournalError: there was none, and a step could not be written; has the job.
        """
        if self._is_over:
            return
        self._each(lambda journal: journal.left(self.purchase, pending))
        if self._failure is None:
            return
        if error is None:
            raise self._failure.with_details(pending=pending)
        if error is not self._failure:
            error.add_note(str(self._failure))

    def ended(self, error: ImagekitError) -> None:
        """Written, or a note on ``error``, which is the one that counts."""
        self._each(lambda journal: journal.ended(self.purchase, error))
        if self._failure is not None:
            error.add_note(str(self._failure))

    def _each(self, step: Callable[[Journal], object]) -> None:
        """Every journal, also after one that failed. The first failure is kept for the end."""
        for journal in self._journals:
            try:
                step(journal)
            except Exception as error:
                if self._failure is None:
                    message = (
                        f"the call goes on, but {_name(journal)} could not note it: {_why(error)}"
                    )
                    self._failure = JournalError(message)
                    self._failure.__cause__ = error


def _name(journal: Journal) -> str:
    return f"the journal {type(journal).__qualname__}"


def _why(error: Exception) -> str:
    """Of an error of the system its words, and not its number."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
