"""The journal of a client, as steps of the ledger: pictures first, rows second."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from attrs import frozen
from sqlalchemy import Connection

from imagekit import (
    Charged,
    HostError,
    ImagekitError,
    JournalError,
    Pending,
    Purchase,
    Result,
    UsageError,
    to_plain,
)
from imagekit_store.database.writer import Writer
from imagekit_store.ledger.again import Again
from imagekit_store.ledger.behalf import Behalf, Behalves
from imagekit_store.ledger.keeper import Keeper
from imagekit_store.ledger.ledger import Ledger, Lost, request_of
from imagekit_store.ledger.rows import (
    attempt_row,
    failure_rows,
    outcome_of,
    passed_row,
    request_row,
    trouble_row,
)
from imagekit_store.ledger.writing import BEFORE, PATIENCE, Writing
from imagekit_store.limits.admitting import Admission
from imagekit_store.pictures import Pictures
from imagekit_store.values.callers import Caller

__all__ = ["Journaling"]

#: Seconds until a link that could not be fetched is tried again.
SHORT = 30.0


@frozen
class _Begun:
    """A call whose `sending` this process has written, and for whom it is."""

    purchase: Purchase
    caller: Caller


class Journaling(Writing):
    """Tells the ledger of each step of a paid call. Thread-safe.

    Attributes:
        ledger, keeping: the rows, and the bytes.
        keep_days: what ended so long ago is forgotten by a sweep; None keeps all.
    """

    def __init__(
        self,
        ledger: Ledger,
        writer: Writer,
        keeping: Pictures,
        key: str,
        keep_days: float | None,
    ) -> None:
        super().__init__(ledger, writer)
        self.keeping = keeping
        self._own, self.keep_days = Caller(key), keep_days
        self._begun: dict[str, _Begun] = {}  # calls that this process carries out
        self._behalves = Behalves()
        self._keeper = Keeper(keeping)
        self._passed_on: dict[str, Any] = {}  # what was written of those that keep none
        #: Calls that are sent again when they were certainly free.
        self.repeats: dict[str, Again] = {}

    # --- the steps: see `imagekit.Journal` -----------------------------------------------

    def sending(self, purchase: Purchase) -> None:
        behalf = self._behalves.of(request_of(purchase.id))
        caller = behalf.caller if behalf else self._own
        if caller.keep:
            self._keeper.refuse_without_place()
        request, attempt = request_row(purchase, caller), attempt_row(purchase, caller)
        begin = partial(self.ledger.sending, request=request, attempt=attempt)

        def write(caller: Caller) -> Admission:
            return self.write_once(partial(begin, caller=caller), BEFORE, caller.key)

        begun = _Begun(purchase, caller)
        try:
            if self._begun.setdefault(purchase.id, begun) is not begun:
                raise Lost(purchase.id)  # another thread's
            self.ledger.in_hand.append(purchase.id)
            if behalf:
                behalf.enter(request["id"], write)
            else:
                write(caller)
        except BaseException as error:
            self._over(purchase)
            if not isinstance(error, Lost):
                raise
            raise UsageError(
                f"a call of the id {purchase.id} was sent before, or is another's to send; "
                "it is not bought twice"
            ) from None

    def accepted(self, purchase: Purchase, pending: Pending) -> None:
        self._step(
            self.ledger.accepted,
            self._turn(purchase),
            id=purchase.id,
            pending=to_plain(pending),
            charged=str(pending.charged),
        )

    def answered(self, purchase: Purchase, result: Result, more: bool) -> None:
        if not self._keeps(purchase):
            self._pass_on(purchase, result, more)
            return
        before = self._keeper.known(purchase)
        rows, lost = self._keeper.rows(purchase, result, time.monotonic() + PATIENCE)
        outcome = None if more else outcome_of(result)

        def step(connection: Connection) -> None:
            self.ledger.pictures(connection, rows)
            if outcome is not None:
                self.ledger.answered(connection, purchase.id, result.request_id, outcome)

        self.write(step, turn=self._turn(purchase))
        if lost:
            raise lost[0]
        self._keeper.withdraw(purchase, before)

    def kept(self, purchase: Purchase, result: Result) -> None:
        try:
            if self._keeps(purchase):
                self._end(purchase, result)
            else:
                self._pass_on(purchase, result, more=False)
        finally:
            self._over(purchase)

    def left(self, purchase: Purchase, pending: Pending | None) -> None:
        turn = self._turn(purchase)
        self._over(purchase)
        told = {"wait": pending.wait, "longest": pending.longest} if pending else {}
        self._step(self.ledger.leave, turn, id=purchase.id, **told)

    def ended(self, purchase: Purchase, error: ImagekitError) -> None:
        if isinstance(error, JournalError) and not self._has_begun(purchase):
            return  # it was not let to be sent, and the row of its id is another call's
        turn = self._turn(purchase)
        self._over(purchase)
        told = {"id": purchase.id, "error": trouble_row(error)}
        again = self.repeats.get(purchase.id)
        if again is not None and (then := again.after(error)) is not None:
            wait, to = then
            self._step(self.ledger.queued, turn, **told, due=self.ledger.now() + wait, to=to)
        elif error.charged is Charged.MAYBE and not _is_end_of_job(error):
            self._step(self.ledger.unknown, turn, **told, due=self.ledger.now())
        else:
            self._step(self.ledger.failed, turn, **told, charged=str(error.charged))

    def on_behalf(self, id: str, caller: Caller) -> AbstractContextManager[Behalf]:
        """While it lasts, the request of this id is a caller's, when this process makes it::

            with store.on_behalf("a1", Caller("ada", limits=Limits(rpm=60))) as behalf:
                client.generate("a heron", model=..., id="a1")
            print(behalf.standing.remaining)

        Its first paid call is the one that counts. Where the caller has asked for the same
        before (`Caller.idem`), or a limit leaves no room, nothing is sent: the client raises its
        `imagekit.JournalError`, charged no, whose ``__cause__`` is `AskedAlready`,
        `AskedOtherwise` or `imagekit.LimitReached`.

        Raises:
            UsageError: another caller's request has this id, at this moment and in this process.
        """
        return self._behalves.during(id, caller)

    # --- what they share -------------------------------------------------------------------

    def _has_begun(self, purchase: Purchase) -> bool:
        """Whether it is this very call that goes on here: another of its id may, too."""
        begun = self._begun.get(purchase.id)
        return begun is not None and begun.purchase is purchase

    def _turn(self, purchase: Purchase) -> str:
        begun = self._begun.get(purchase.id)
        return begun.caller.key if begun else ""

    def _over(self, purchase: Purchase) -> None:
        if self._has_begun(purchase):
            del self._begun[purchase.id]
            self.ledger.in_hand.remove(purchase.id)
        self._keeper.over(purchase)
        self._passed_on.pop(purchase.id, None)

    def _step(self, step: Callable[..., Any], turn: str, **values: Any) -> None:
        self.write(partial(step, **values), turn=turn)

    def _keeps(self, purchase: Purchase) -> bool:
        """Whether the pictures of a call are kept. Of one that another process has begun, or that
        was left since, its request says it: to one who waits, as for steps that tell of money."""
        begun = self._begun.get(purchase.id)
        if begun is not None:
            return begun.caller.keep
        return self.write(partial(self.ledger.keeps, request=request_of(purchase.id)))

    def _pass_on(self, purchase: Purchase, result: Result, more: bool) -> None:
        """Nothing of it is kept, so that it is over when it is answered. What came of it since,
        such as a note, is added; mostly there is nothing."""
        rows = failure_rows(purchase, result)
        rows += [passed_row(purchase, image) for image in result.images]
        told = rows, result.notes
        if self._passed_on.get(purchase.id) == told:
            return
        outcome = None if more else outcome_of(result)

        def step(connection: Connection) -> None:
            ledger, id = self.ledger, purchase.id
            ledger.pictures(connection, rows)
            if outcome and not ledger.stored(connection, id, result.request_id, outcome):
                ledger.note(connection, id, notes=outcome["notes"])

        self.write(step, turn=self._turn(purchase))
        if not more:
            self._passed_on[purchase.id] = told

    def _end(self, purchase: Purchase, result: Result) -> None:
        """All of it is kept now, or the rest is left to others."""
        before = self._keeper.known(purchase)  # which `answered` has withdrawn
        rows, lost = self._keeper.rows(purchase, result)
        whole = not lost and all(image.is_here for image in result.images)
        soon = not any(image.error for image in result.images)  # links that were left alone
        outcome = outcome_of(result)

        def step(connection: Connection) -> None:
            ledger, id = self.ledger, purchase.id
            ledger.pictures(connection, rows)
            if whole:
                ledger.stored(connection, id, result.request_id, outcome)
            else:
                due = ledger.now() + (0.0 if soon else SHORT)
                ledger.short(connection, id, due, outcome)

        self.write(step, turn=self._turn(purchase))
        self._keeper.withdraw(purchase, before)
        if lost:
            raise lost[0]


def _is_end_of_job(error: ImagekitError) -> bool:
    """Whether the host has said what came of it, which is nothing, though not what that cost."""
    return isinstance(error, HostError) and error.final
