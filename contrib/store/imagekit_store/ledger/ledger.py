"""The rows and how they change. Every step that writes stands here, or in `admitting` and
`counting`, which are asked here; but for those of `forgetting` and `keys`.

Each method is a step of a transaction. What begins a purchase names who holds it, and finds one
row or stops: that is why nothing is bought twice. What comes after it is evidence, such as a job
or a picture, and is taken from whoever has it, also from a process whose lease has passed: that
is why nothing paid for is lost.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from attrs import asdict, define, field
from sqlalchemy import Connection, Row, and_, exists, func, insert, literal, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from imagekit import ImagekitError
from imagekit_store.database.database import Database
from imagekit_store.limits.admitting import Admission, admit, beyond_budget
from imagekit_store.limits.counting import count
from imagekit_store.limits.sharing.agreeing import Agreeing
from imagekit_store.limits.sharing.budgets import leave
from imagekit_store.limits.sharing.places import Here
from imagekit_store.pictures import Kept
from imagekit_store.schema.statements import (
    BEGIN,
    MEASURED,
    NEW_ATTEMPT,
    NEW_PICTURE,
    NEW_SECRET,
    OUTCOME,
    STATES,
    STEPS,
    SUMMARY,
    in_states,
)
from imagekit_store.schema.states import OPEN, RequestState, State, after_lapse, before, summary
from imagekit_store.schema.tables import ATTEMPTS, INPUTS, PICTURES, REQUESTS, SECRETS
from imagekit_store.values.callers import AskedAlready, Caller
from imagekit_store.values.moves import MOVES

__all__ = ["Ledger", "Lost", "evidence", "microseconds", "picture_of", "request_of"]

A, P, R = ATTEMPTS.c, PICTURES.c, REQUESTS.c
#: Nobody holds a call that is over, or looks for it.
OVER: dict[str, None] = dict.fromkeys(("holder", "due", "pending", "lookup"))
GONE = {
    "type": "OutcomeUnknown",
    "message": "the process that sent it is gone, and its answer with it",
    "charged": "maybe",
}
#: Nothing rests for longer, in seconds: what would is left from before a clock was set back.
LONGEST_REST = 6 * 3600.0
LOST = {
    "type": "OSError",
    "message": "its pictures came with the answer, and could not be kept",
    "charged": "yes",
}
LEFT = {
    "type": "OutcomeUnknown",
    "message": "its program stopped waiting for the answer",
    "charged": "maybe",
}


class Lost(Exception):
    """Somebody else has gone on with the attempt, or it has come to its end."""


def evidence(by: str, **told: Any) -> dict[str, Any]:
    """How an attempt was settled, as its row has it: by what, when, and what that said."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"by": by, "at": at, **{name: value for name, value in told.items() if value}}


def request_of(call: str) -> str:
    """The id of the request that a call is of: calls of several are numbered after a hyphen."""
    return call.partition("-")[0]


def picture_of(call: str, place: int, kept: Kept | None = None, **told: Any) -> dict[str, Any]:
    """The row of a picture of a call: what was measured of it, if it is kept, and what is told:
    ``url``, ``error``, ``metadata``."""
    measured = {name: getattr(kept, name, None) for name in MEASURED}
    about = {"url": None, "error": None, "metadata": None, **told}
    return {"request": request_of(call), "place": place, "attempt": call, **measured, **about}


def microseconds() -> int:
    """Now, as rows have it."""
    return time.time_ns() // 1000


#: Steps after which a request goes on, wherever its other calls stand.
_GOING = frozenset({"accepted", "answered", "short"})


@define(eq=False)
class Ledger:
    """The rows of one database, as one process holds them.

    Attributes:
        holder: this process; never the name of a machine.
        lease: seconds for which it holds what it carries out, unless it renews them.
        in_hand: the ids of what its threads carry out at this moment, which alone is renewed: what
            a thread has lost, such as an answer to its claim, is taken up again like that of a
            process that is gone.
        places: likewise the ids of the calls that hold a place at their host.
        over: those of them whose end has been counted, and that nobody has released yet.
        agreeing: what is counted at the end of the transaction that is under way.
    """

    database: Database
    holder: str
    lease: float
    in_hand: list[str] = field(factory=list, init=False)
    places: set[str] = field(factory=set, init=False)
    over: set[str] = field(factory=set, init=False)
    agreeing: Agreeing = field(factory=Agreeing, init=False)
    _ahead: float = field(factory=lambda: time.time() - time.monotonic(), init=False)

    def after_fork(self) -> None:
        """In a child: what the parent holds is the parent's."""
        self.holder = uuid4().hex
        for theirs in (self.in_hand, self.places, self.over):
            theirs.clear()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """What its steps tell of money and places is counted at its end."""
        self.agreeing.begin()
        with self.database.transaction() as connection:
            yield connection
            over = self.agreeing.count(connection, self.here(), self.places)
        self.over |= over
        self.places -= over

    def here(self) -> Here:
        """This process, now."""
        return Here(self.holder, self._microseconds(), int(self.lease * 1_000_000))

    # --- time ------------------------------------------------------------------------------

    def now(self) -> float:
        """Unix seconds by the database's clock, which is one for all who use it."""
        return time.monotonic() + self._ahead

    def _microseconds(self) -> int:
        """The same, as rows have it."""
        return int(self.now() * 1_000_000)

    def set_clock(self, connection: Connection) -> None:
        self._ahead = self.database.time(connection) - time.monotonic()

    def begin(self, connection: Connection) -> None:
        """What a process does first: it sees that rows can be written, before a call needs that."""
        connection.execute(update(ATTEMPTS).where(A.id == "").values(tries=A.tries))  # of nobody
        self.renew(connection)

    def renew(self, connection: Connection) -> None:
        """Hold what this process holds for another lease; and give up what nobody holds."""
        self.set_clock(connection)
        if mine := set(self.in_hand):
            held = update(ATTEMPTS).where(A.holder == self.holder, A.id.in_(mine), in_states(OPEN))
            connection.execute(held.values(due=self.now() + self.lease))
        self.agreeing.renewed.update(self.places)
        self.lapse(connection)

    @contextmanager
    def holding(self, id: str) -> Iterator[None]:
        """The lease of an attempt is renewed while this lasts."""
        self.in_hand.append(id)
        try:
            yield
        finally:
            self.in_hand.remove(id)

    def lapse(self, connection: Connection) -> None:
        """What was under way when its process died, or was cut off, is unknown from now on. What
        another process has locked is left to it: two that wait for each other get nowhere."""
        lapsed = select(ATTEMPTS).where(A.state == State.SENDING, self.is_left())
        free = lapsed.order_by(A.request).with_for_update(skip_locked=True)
        for row in connection.execute(free).all():
            self._lapse(connection, row, holder=None, due=self.now())

    # --- asked -----------------------------------------------------------------------------

    def ask(
        self,
        connection: Connection,
        again: bool,
        request: Mapping[str, Any],
        inputs: Sequence[Mapping[str, Any]],
        caller: Caller,
    ) -> str | ImagekitError:
        """A request that some worker is to answer; one attempt stands for all until it is planned.
        Gives its id, or that of the same request, which was asked for already; or why it is
        refused.

        Raises:
            Lost: there is another one of this id.
        """
        admission = admit(connection, request, caller, self._microseconds())
        if isinstance(admission.refusal, AskedAlready):
            return admission.refusal.id
        if admission.refusal is not None:
            return admission.refusal
        if not admission.is_new:
            return self._asked_already(connection, again, request)
        waiting = _attempt(request["id"], request, due=self.now(), share=request["estimate"])
        connection.execute(insert(ATTEMPTS), waiting)
        if inputs:
            connection.execute(insert(INPUTS), [dict(one) for one in inputs])
        return str(request["id"])

    def _asked_already(
        self, connection: Connection, again: bool, request: Mapping[str, Any]
    ) -> str:
        """A commit may have come through whose answer did not."""
        same = and_(R.id == request["id"], R.created == request["created"])
        if not again or connection.scalar(select(R.id).where(same)) is None:
            raise Lost(request["id"])
        return str(request["id"])

    def split(
        self,
        connection: Connection,
        again: bool,
        id: str,
        request: str,
        calls: int,
        host: str,
        model: str,
        passed_over: tuple[str, str] | None = None,
    ) -> str:
        """Make a row of each paid call that the request takes; gives the id of the first.

        Args:
            passed_over: host and model that are asked first when nothing stands in the way there.

        Raises:
            Lost: somebody else has planned it.
        """
        ids = [request] if calls == 1 else [f"{request}-{number}" for number in range(1, calls + 1)]
        named = {"host": host, "model": model}
        mine = update(ATTEMPTS).where(A.id == id, A.holder == self.holder, A.state == State.QUEUED)
        said = passed_over and evidence("choice", host=passed_over[0], model=passed_over[1])
        mine = mine.values(id=ids[0], evidence=said, **named).returning(A.share)
        found = connection.execute(mine).one_or_none()
        if found is None:
            if again and self._has(connection, ids[0], State.QUEUED):
                return ids[0]
            raise Lost(id)
        connection.execute(update(REQUESTS).where(R.id == request).values(**named))
        share = None if found.share is None else found.share / calls
        if calls > 1 and share is not None:
            self.note(connection, ids[0], share=share)
        for number, other in enumerate(ids[1:], 2):
            row = _attempt(request, named, due=self.now(), share=share)
            row |= {"id": other, "number": number, "evidence": said}
            connection.execute(insert(ATTEMPTS), row)
        return ids[0]

    def not_begun(
        self,
        connection: Connection,
        id: str,
        error: Any,
        due: float | None,
        tried: int = 1,
        to: tuple[str, str] | None = None,
    ) -> None:
        """If nothing was sent of it: sent at ``due``, perhaps by another worker, or to another
        host; None: never."""
        if not self._has(connection, id, State.QUEUED):
            return
        if due is None:
            self.failed(connection, id, error, "no")
            return
        self.note(connection, id, error=error)
        if to is not None:
            self._moved(connection, id, error, to)
        self.release(connection, id, due, tried)

    def released(self, connection: Connection, id: str) -> bool:
        """Whether a request that has failed, and was certainly free, has no `idem` any more."""
        charged = exists().where(A.request == id, A.charged != "no")
        free = update(REQUESTS).where(R.id == id, R.state == RequestState.FAILED, ~charged)
        return bool(connection.execute(free.values(idem=None)).rowcount)

    def beyond_budget(self, connection: Connection, caller: Caller) -> ImagekitError | None:
        """Why the budget of its key would refuse a request now."""
        return beyond_budget(connection, caller, self._microseconds())

    def secret(self, connection: Connection, new: Mapping[str, str]) -> str:
        """What everybody has in common: whose came first."""
        NEW_SECRET.one(connection, new)
        named = select(SECRETS.c.value).where(SECRETS.c.name == new["name"])
        return str(connection.scalar(named))

    # --- the steps of a paid call ------------------------------------------------------------

    def sending(
        self,
        connection: Connection,
        again: bool,
        request: Mapping[str, Any],
        attempt: Mapping[str, Any],
        caller: Caller,
    ) -> Admission:
        """It is sent when this is committed, if its request is not refused.

        Raises:
            Lost: a call of this id has been sent, or is not this process's to send.
        """
        admission = admit(connection, request, caller, self._microseconds())
        if admission.refuses(request["id"]):
            return admission
        if not admission.is_new:
            self._refuse_twice(connection, attempt)
        due = self.now() + self.lease
        new = {**attempt, "state": State.SENDING, "holder": self.holder, "due": due}
        if NEW_ATTEMPT.one(connection, new):
            if not admission.is_new:  # of several calls the next one, perhaps after all others
                self._is_at(connection, request["id"], attempt["host"], attempt["model"])
                self._sum_up(connection, request["id"])
            return admission
        values = {f"new_{name}": attempt[name] for name in BEGIN} | {"new_due": due}
        which = {"which": attempt["id"], "me": self.holder}
        if STEPS["sending"].count(connection, {**values, **which}):
            leave(connection, attempt["id"])
            self._sum_up(connection, request["id"])
        elif not (again and self._has(connection, attempt["id"], State.SENDING)):
            raise Lost(attempt["id"])
        return admission

    def _is_at(self, connection: Connection, request: str, host: str, model: str) -> None:
        """A request is where its newest call is: it may have failed over."""
        elsewhere = or_(R.host != host, R.model != model)
        mine = update(REQUESTS).where(R.id == request, elsewhere)
        connection.execute(mine.values(host=host, model=model))

    def _refuse_twice(self, connection: Connection, attempt: Mapping[str, Any]) -> None:
        """Where several hosts may be asked, each call of one request has an id of its own.

        Raises:
            Lost: another call makes the same pictures, or may have made them.
        """
        others = and_(A.request == attempt["request"], A.id != attempt["id"])
        free = and_(A.state == State.FAILED, A.charged == "no")
        taken = select(A.places).where(others, A.state != State.QUEUED, ~free)
        mine = {*(attempt["places"] or ())}
        for places in connection.scalars(taken):
            if not mine or not places or mine & {*places}:
                raise Lost(attempt["id"])

    def accepted(
        self, connection: Connection, id: str, pending: Any, charged: str, due: float | None = None
    ) -> bool:
        """The host has made a job of it; ``due``: nobody here waits for it until then."""
        return self._take(
            connection,
            "accepted",
            id,
            pending=pending,
            charged=charged,
            due=self.now() + self.lease if due is None else due,
            holder=self.holder if due is None else None,
        )

    def pictures(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """What has come. A place that another call has taken is left to it."""
        for row in rows:
            if not NEW_PICTURE.one(connection, row):
                highest = select(func.max(P.place)).where(P.request == row["request"])
                place = (connection.scalar(highest) or 0) + 1
                connection.execute(insert(PICTURES), {**row, "place": place})

    def answered(
        self, connection: Connection, id: str, host_request: str | None, outcome: Mapping[str, Any]
    ) -> bool:
        """Whoever has the answer carries it on, also where somebody else had given the call up."""
        held = {"holder": self.holder, "due": self.now() + self.lease}
        return self._take(connection, "answered", id, host_request=host_request, **held, **outcome)

    def short(
        self, connection: Connection, id: str, due: float, outcome: Mapping[str, Any]
    ) -> bool:
        """Not all of its pictures could be fetched; somebody tries again at ``due``."""
        return self._take(connection, "short", id, due=due, holder=None, **outcome)

    def stored(
        self, connection: Connection, id: str, host_request: str | None, outcome: Mapping[str, Any]
    ) -> bool:
        ended = {"error": None, "ended": microseconds(), "host_request": host_request}
        return self._take(connection, "stored", id, **ended, **OVER, **outcome)

    def failed(
        self, connection: Connection, id: str, error: Any, charged: str, evidence: Any = None
    ) -> bool:
        told = {"error": error, "charged": charged, "ended": microseconds()}
        taken = self._take(connection, "failed", id, **told, **OVER)
        if taken and evidence:
            self.proved(connection, id, evidence)
        return taken

    def unknown(
        self, connection: Connection, id: str, error: Any, due: float | None = None
    ) -> bool:
        """Its answer is lost. It is taken up again at ``due``, to be settled by evidence."""
        return self._take(
            connection, "unknown", id, error=error, charged="maybe", holder=None, due=due
        )

    def settled(self, connection: Connection, id: str, told: Mapping[str, Any]) -> bool:
        """A person says what became of a call of which nobody knew. Nobody looks for it any more;
        but what has come of it counts, and what its links bring is fetched.

        Args:
            told: columns: ``charged``, ``evidence``, and what it cost.
        """
        came = self._came(connection, id)
        if any(picture.keep and picture.url and not picture.sha256 for picture in came):
            values = {"state": State.ANSWERED, "holder": None, "due": self.now()}
        else:
            state = State.STORED if any(map(_is_good, came)) else State.FAILED
            values = {"state": state, "ended": microseconds(), **OVER}
        told = {**told, "evidence": self._after_moves(connection, id, told["evidence"])}
        unknown = update(ATTEMPTS).where(A.id == id, A.state == State.UNKNOWN)
        if not connection.execute(unknown.values(**values, **told)).rowcount:
            return False
        self._end(connection, id)
        return True

    def _came(self, connection: Connection, id: str) -> Sequence[Row[Any]]:
        """What has come of a call: pictures that are here, and links."""
        mine = (P.request == request_of(id), P.attempt == id)
        pictures = select(PICTURES, R.keep).join(REQUESTS, R.id == P.request)
        return connection.execute(pictures.where(*mine)).all()

    def keep(self, connection: Connection, request: str, place: int, kept: Kept) -> None:
        """A picture is here now, so that its link is not needed any more."""
        here = update(PICTURES).where(P.request == request, P.place == place)
        connection.execute(here.values(**asdict(kept), url=None, error=None))

    def adopted(self, connection: Connection, id: str, place: int, kept: Kept) -> None:
        """A picture is here whose row was never written."""
        self.pictures(connection, [picture_of(id, place, kept)])

    def recorded(
        self, connection: Connection, id: str, record: str, place: int, evidence: Any
    ) -> bool:
        """The host has a record of it, which has its first picture."""
        untold = {**dict.fromkeys(OUTCOME), "charged": "yes"}
        if not self.answered(connection, id, None, untold):
            return False
        self.pictures(connection, [picture_of(id, place)])
        self.proved(connection, id, evidence, record=record, error=None)
        self.release(connection, id, self.now())
        return True

    def dead(self, connection: Connection, request: str, place: int, error: Any) -> None:
        """A picture could not be fetched."""
        there = update(PICTURES).where(P.request == request, P.place == place, P.sha256.is_(None))
        connection.execute(there.values(error=error))

    def brought(self, connection: Connection, id: str, error: Any) -> None:
        """Nothing more is to be brought: it ends as stored if any picture of it is here, or came
        and is not to be kept."""
        if not any(map(_is_good, self._came(connection, id))):
            charged = connection.scalar(select(A.charged).where(A.id == id))
            self.failed(connection, id, error or LOST, str(charged))
            return
        over = update(ATTEMPTS).where(A.id == id, in_states(before(State.STORED)))
        values = {"state": State.STORED, "ended": microseconds(), "error": error, **OVER}
        connection.execute(over.values(**values))
        self._end(connection, id)

    def leave(
        self, connection: Connection, id: str, wait: float = 0.0, longest: float | None = None
    ) -> None:
        """Nobody here waits for it any more. Whoever looks for its job does so in ``wait``
        seconds, each time in half as many again, up to ``longest``; of what was only sent the
        answer is lost."""
        mine = select(A.state, A.tries).where(A.id == id, A.holder == self.holder)
        row = connection.execute(mine).one_or_none()
        if row is None:
            return
        if row.state == State.SENDING:
            self.unknown(connection, id, LEFT, self.now())
            return
        if longest is not None:
            wait = max(wait, min(longest, wait * 1.5 ** min(row.tries, 20)))
        self.release(connection, id, self.now() + wait, tried=1)

    def queued(
        self,
        connection: Connection,
        id: str,
        error: Any,
        due: float,
        to: tuple[str, str] | None = None,
    ) -> bool:
        """It was certainly free, and is sent again at ``due``; perhaps to another host, which
        calls the model so."""
        self.note(connection, id, tries=A.tries + 1)
        free = {"error": error, "charged": "no"}
        taken = self._take(connection, "queued", id, **free, holder=None, due=due)
        if taken and to is not None:
            self._moved(connection, id, error, to)
        return taken

    def _moved(self, connection: Connection, id: str, error: Any, to: tuple[str, str]) -> None:
        """Another host is asked from now on. What befell it at those before stays on its row."""
        was = connection.execute(select(A.host, A.model, A.evidence).where(A.id == id)).one()
        said = evidence(
            "failover", host=was.host, model=was.model, error=error, before=was.evidence
        )
        there = {"host": to[0], "model": to[1]}
        self.note(connection, id, **there, evidence=said)
        self._is_at(connection, request_of(id), **there)

    def release(self, connection: Connection, id: str, due: float | None, tried: int = 0) -> None:
        """Leave it to whoever takes it up at ``due``; to nobody but a person where that is None."""
        mine = update(ATTEMPTS).where(A.id == id, A.holder == self.holder, in_states(OPEN))
        values = {"holder": None, "due": self._near(due), "tries": A.tries + tried}
        connection.execute(mine.values(**values))

    def again(self, connection: Connection, id: str, due: float, tries: int) -> None:
        """What has been answered is fetched at ``due``, whoever holds it now: fetching it twice
        costs nothing."""
        answered = update(ATTEMPTS).where(A.id == id, A.state == State.ANSWERED)
        connection.execute(answered.values(holder=None, due=due, tries=tries))

    def note(self, connection: Connection, id: str, **values: Any) -> None:
        """More about an attempt, whatever its state."""
        connection.execute(update(ATTEMPTS).where(A.id == id).values(**values))

    def proved(
        self, connection: Connection, id: str, evidence: Mapping[str, Any], **values: Any
    ) -> None:
        """How it was settled, and more about it."""
        said = self._after_moves(connection, id, evidence)
        self.note(connection, id, evidence=said, **values)

    def _after_moves(
        self, connection: Connection, id: str, evidence: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The evidence, with what befell the call at the hosts before, which stays."""
        was = connection.scalar(select(A.evidence).where(A.id == id)) or {}
        moves = was if was.get("by") in MOVES else was.get("before")
        return {**evidence, "before": moves} if moves else {**evidence}

    # --- who takes it up ---------------------------------------------------------------------

    def claim(
        self,
        connection: Connection,
        most: int,
        horizon: float | None = None,
        request: str | None = None,
        attempt: str | None = None,
        key: str | None = None,
        full: Collection[str] = (),
    ) -> list[Row[Any]]:
        """At most so many attempts that are due, which this process holds from now on. ``was`` of
        each is when it was due.

        Args:
            horizon: what rests until then is due as well, in Unix seconds.
            request: only attempts of this one.
            attempt: only this one, whenever it is due, if it has been begun.
            key: only those of requests of this one.
            full: hosts of which nothing new is to be begun.
        """
        now = self.now()
        until = now if horizon is None else horizon
        rests = and_(A.holder.is_(None), or_(A.due <= until, A.due > now + LONGEST_REST + 1))
        due = select(ATTEMPTS).where(or_(rests, self.is_left()))
        if request is not None:
            due = due.where(A.request == request)
        if key is not None:
            due = due.where(exists().where(R.id == A.request, R.key == key))
        if full:
            due = due.where(or_(A.state != State.QUEUED, A.host.not_in(sorted(full))))
        if attempt is not None:
            begun = in_states(OPEN - {State.QUEUED})
            due = select(ATTEMPTS).where(A.id == attempt, self.is_free(), begun)
        due = due.order_by(A.due).limit(most).with_for_update(skip_locked=True)
        return [self._claimed(connection, row, now) for row in connection.execute(due).all()]

    def is_free(self) -> ColumnElement[bool]:
        """Held by nobody, or by nobody who lives."""
        return or_(A.holder.is_(None), self.is_left())

    def is_left(self) -> ColumnElement[bool]:
        """Held by nobody who lives; also where the lease lies in a future that no process of now
        can have given it, since a clock was set back."""
        now = self.now()
        return and_(A.holder.is_not(None), or_(A.due <= now, A.due > now + 10 * self.lease))

    def keeps(self, connection: Connection, request: str) -> bool:
        """Whether the pictures of a request are kept."""
        return connection.scalar(select(R.keep).where(R.id == request)) is not False

    def waiting(self, connection: Connection) -> bool:
        """Whether anything is held, or rests until it is due."""
        return connection.scalar(select(A.id).where(A.due.is_not(None)).limit(1)) is not None

    def _claimed(self, connection: Connection, row: Row[Any], now: float) -> Row[Any]:
        until = now + self.lease
        if after_lapse(State(row.state)) is State.UNKNOWN and row.state != State.UNKNOWN:
            self._lapse(connection, row, self.holder, until)
        else:
            mine = update(ATTEMPTS).where(A.id == row.id).values(holder=self.holder, due=until)
            connection.execute(mine)
        claimed = select(ATTEMPTS, literal(row.due).label("was")).where(A.id == row.id)
        return connection.execute(claimed).one()

    def _lapse(self, connection: Connection, row: Row[Any], holder: str | None, due: float) -> None:
        values = {"state": State.UNKNOWN, "error": GONE, "charged": "maybe"}
        same = and_(A.id == row.id, A.state == State.SENDING, A.holder == row.holder)
        connection.execute(update(ATTEMPTS).where(same).values(holder=holder, due=due, **values))
        self._sum_up(connection, row.request)

    # --- the request -------------------------------------------------------------------------

    def _take(self, connection: Connection, step: str, id: str, **values: Any) -> bool:
        """Whether the attempt has taken this step now; it may have come further already."""
        if "due" in values:
            values["due"] = self._near(values["due"])
        named = {f"new_{name}": value for name, value in values.items()}
        if not STEPS[step].count(connection, {**named, "which": id}):
            return False
        if step in _GOING:
            self._stands(connection, request_of(id), RequestState.RUNNING)
        else:
            self._end(connection, id)
        return True

    def _end(self, connection: Connection, id: str) -> None:
        """An attempt goes on no more, for now: what it is worth counts."""
        self.agreeing.ended.append(id)
        self._sum_up(connection, request_of(id))

    def _near(self, due: float | None) -> float | None:
        """Not so late that it would look like a time from before a clock was set back."""
        return None if due is None else min(due, self.now() + LONGEST_REST)

    def _has(self, connection: Connection, id: str, state: State) -> bool:
        """Whether this process holds an attempt that stands so."""
        mine = select(A.id).where(A.id == id, A.holder == self.holder, A.state == state)
        return connection.scalar(mine) is not None

    def _sum_up(self, connection: Connection, request: str) -> None:
        """The state of a request, which is that of its attempts; and what it counts against the
        budget of its key."""
        calls = STATES.all(connection, {"request": request})
        self._stands(connection, request, summary([State(state) for state, _ in calls]))
        if any(share is not None for _, share in calls):
            count(connection, request)

    def _stands(self, connection: Connection, request: str, state: RequestState) -> None:
        over = state not in (RequestState.QUEUED, RequestState.RUNNING)
        finished = microseconds() if over else None
        SUMMARY.count(connection, {"which": request, "is": state, "at": finished})


def _is_good(picture: Row[Any]) -> bool:
    """Whether it is here; or was, and is not to be kept."""
    return picture.sha256 is not None or not (picture.keep or picture.error)


def _attempt(
    request: str, about: Mapping[str, Any], due: float, share: Decimal | None
) -> dict[str, Any]:
    """The row of an attempt that waits."""
    return {
        "id": request,
        "request": request,
        "number": 1,
        "host": about["host"],
        "model": about["model"],
        "state": State.QUEUED,
        "body": "",
        "due": due,
        "share": share,
        "tries": 0,
        "charged": "no",
    }
