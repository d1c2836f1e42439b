"""A worker takes up what is due, and carries each attempt one step further.

::

    queued ──> begin      unknown ──> settle: by evidence, never by sending it again
    accepted ──> look     answered ──> fetch what is still a link

A job that runs is held by nobody: it rests until it is due, so a few threads serve thousands. Of
a host that is full by its ``rpm`` or ``at_once`` nothing is begun for a moment, so that calls of
other hosts are; one thread at most waits there for its turn, lest others always come first.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

from sqlalchemy import Row

from imagekit import (
    Client,
    ImagekitError,
    InvalidRequest,
    JournalError,
    LimitReached,
    Pending,
    Plan,
    UsageError,
    calling_for,
    from_plain,
    may_fail_over,
)
from imagekit_store.ledger.again import Again
from imagekit_store.ledger.ledger import Ledger, Lost
from imagekit_store.ledger.rows import trouble_row
from imagekit_store.pictures import reason
from imagekit_store.schema.states import State
from imagekit_store.store import Store
from imagekit_store.values.callers import Caller
from imagekit_store.values.entries import Entry
from imagekit_store.values.errors import StoreUnavailable
from imagekit_store.workers.fetching import fetch
from imagekit_store.workers.moving import Moving
from imagekit_store.workers.settling import GRACE, settle

__all__ = ["Worker"]

log = logging.getLogger("imagekit.store")

#: Seconds between two questions for work, when there is none; and the most of them.
IDLE, LONGEST_IDLE = 0.05, 1.0
#: How often a request that was certainly free is sent again, and after how many seconds.
TRIES, AGAIN = 5, 10.0
#: Seconds until another worker may try what this one can't.
ELSEWHERE = 30.0
#: Seconds for which a host counts as full where nobody says it, and at most.
FULL, LONGEST_FULL = 1.0, 30.0


class Worker:
    """Answers requests of a store. Several may share one store, here and elsewhere.

    Args:
        client: tells the store of each paid call: made with ``journal=store``.
        threads: how many attempts it carries out at once.
        grace: seconds after which a call has not arrived of which its host knows nothing: longer
            than an answer is waited for.
        told: is given each request that a step of this worker has brought to its end; one that
            was unknown again, when it is settled.
        key: whose requests it answers alone; None: everybody's.

    Raises:
        UsageError: the client does not tell the store.
    """

    def __init__(
        self,
        store: Store,
        client: Client,
        threads: int = 4,
        grace: float = GRACE,
        told: Callable[[Entry], object] | None = None,
        key: str | None = None,
    ) -> None:
        if store not in client.journals:
            raise UsageError("a worker's client tells its store: Client(journal=store)")
        self.store, self.client, self.threads = store, client, threads
        self.grace, self.told, self.key = grace, told, key
        self._more = threading.Condition()
        self._full: dict[str, float] = {}  # until when a host is left alone
        self._patient = threading.Lock()  # whose thread waits for its turn
        self._stuck = False  # and it was said that nothing can be written down

    def run(self, stop: threading.Event | None = None, until_idle: bool = False) -> None:
        """Work until ``stop`` is set; what is in hand is finished first.

        Args:
            until_idle: return when nothing is left but what waits for a person. A job that its
                host does not know is waited for, for as long as `grace` says.

        Raises:
            whatever ``told`` raises, which ends the work of all threads.
        """
        stop = stop or threading.Event()
        failures: list[BaseException] = []

        def serve() -> None:
            try:
                self._serve(stop, until_idle)
            except BaseException as error:
                failures.append(error)
                stop.set()

        others = [threading.Thread(target=serve, daemon=True) for _ in range(self.threads - 1)]
        for thread in others:
            thread.start()
        serve()
        for thread in others:
            thread.join()
        if failures:
            raise failures[0]

    def once(self, horizon: float | None = None, request: str | None = None) -> bool:
        """Take up one attempt that is due; whether there was one.

        Args:
            horizon: what rests until then is due as well, in Unix seconds.
            request: only of this one.
        """
        full = [host for host, until in self._full.copy().items() if until > self._ledger.now()]
        claim = partial(self._ledger.claim, most=1, key=self.key, full=full)
        rows = self.store.write(partial(claim, horizon=horizon, request=request))
        for row in rows:
            with self._ledger.holding(row.id):
                self._carry_on(row)
            self._tell(row)
        return bool(rows)

    def nudge(self) -> None:
        """There is something new to do: one thread that rests looks at once."""
        with self._more:
            self._more.notify()

    def _tell(self, row: Row[Any]) -> None:
        """Of a request that this step has brought to its end: one that is unknown is looked at
        many times, and stays what it was told to be."""
        if self.told is not None:
            entry = self.store.request(row.request)
            as_before = any((one.id, one.state) == (row.id, row.state) for one in entry.attempts)
            if entry.is_over and not as_before:
                self.told(entry)

    def _serve(self, stop: threading.Event, until_idle: bool) -> None:
        pause = IDLE
        while not stop.is_set():
            try:
                if self.once():
                    pause = IDLE
                    continue
                if until_idle and not self.store.waiting():
                    return
            except (OSError, StoreUnavailable) as error:  # disks and databases may come back
                log.warning("%s", error)
            with self._more:
                self._more.wait(pause)
            pause = min(LONGEST_IDLE, pause * 1.5)

    @property
    def _ledger(self) -> Ledger:
        return self.store.ledger

    # --- one attempt ------------------------------------------------------------------------

    def _carry_on(self, row: Row[Any]) -> None:
        """One step further. What stands in the way is waited for, or has ended it: then the
        journal was told, and the row is nobody's."""
        steps: dict[State, Callable[[Row[Any]], None]] = {
            State.QUEUED: self._begin,
            State.ACCEPTED: self._look,
            State.ANSWERED: partial(fetch, self.store, self.client),
            State.UNKNOWN: partial(settle, self.store, self.client, grace=self.grace),
        }
        try:
            steps[State(row.state)](row)
        except Lost:
            log.info("%s: another process goes on with it", row.id)
        except ImagekitError as error:
            log.info("%s: %s", row.id, error)
            self._put_off(row.id)
        except OSError:
            raise  # of a disk or a bucket, which stands in the way of all
        except Exception:  # of a plugin, or of a row that nobody understands: others wait
            log.exception("%s: this worker can't go on with it", row.id)
            self._put_off(row.id)

    def _put_off(self, id: str) -> None:
        """Later, perhaps elsewhere."""
        due = self._ledger.now() + ELSEWHERE
        self.store.write(lambda connection: self._ledger.release(connection, id, due, tried=1))

    def _begin(self, row: Row[Any]) -> None:
        """Send a call; of a request that nobody has planned, the first, once each has its row.

        Raises:
            Lost: somebody else does.
            ImagekitError: the journal has been told of it.
        """
        id, again = row.id, None
        try:
            entry = self.store.request(row.request)
            arguments = self.store.arguments(entry)
            host, model, moving = row.host, row.model, Moving(self.client, arguments)
            if not host:
                plan, meant = moving.first_plan(entry.id)
                host, model = plan.host, plan.model
                self._afford(plan, arguments, entry.id)
                id = self._split(row, plan, meant)
            if row.tries < TRIES:
                next = moving.next_host(row, host, model)
                again = self.store.repeats[id] = Again(AGAIN * 2**row.tries, next)
            arguments["model"] = self._at(host, arguments["model"])
            with self._for(entry), self._patience() as patience:
                self.client.begin(**arguments, id=entry.id, part=row.number, patience=patience)
            self._stuck = False
            self._full.pop(host, None)
        except (ImagekitError, LookupError) as error:
            log.info("%s: %s", id, error)
            if isinstance(error, LimitReached) and error.limit != "budget":
                self._put_back(id, host, row.was, error)
            else:
                self._not_begun(id, error, again)
        finally:
            self.store.repeats.pop(id, None)

    @contextmanager
    def _patience(self) -> Iterator[float | None]:
        """How long a call may wait for its turn: as long as it takes in one thread, as long as
        there are others, and else not at all."""
        waits = self.threads > 1 and self._patient.acquire(blocking=False)
        try:
            yield None if waits else 0.0
        finally:
            if waits:
                self._patient.release()

    def _put_back(self, id: str, host: str, due: float, error: LimitReached) -> None:
        """Its host is full. It keeps its place among those that are due."""
        wait = FULL if error.retry_after is None else min(error.retry_after, LONGEST_FULL)
        self._full[host] = self._ledger.now() + wait
        told = partial(self._ledger.not_begun, id=id, error=trouble_row(error), due=due, tried=0)
        self.store.write(told)

    @contextmanager
    def _for(self, entry: Entry) -> Iterator[None]:
        """Whose turn it is, where callers take turns. Limits of its key counted when it was asked
        for."""
        caller = calling_for(entry.key) if entry.key else nullcontext()
        with self.store.on_behalf(entry.id, Caller(entry.key, keep=entry.keep)), caller:
            yield

    def _at(self, host: str, address: str) -> str:
        """An address at this host alone: an alias keeps what it says besides."""
        named, model = self.client.registry.split(address)
        return address if named else f"{host}:{model}"

    def _afford(self, plan: Plan, arguments: dict[str, Any], id: str) -> None:
        """All of several calls, or none: each of them alone may find room for itself."""
        if len(plan.calls) > 1:
            address = self._at(plan.host, arguments["model"])
            self.client.reserve(**{**arguments, "model": address}, id=id)

    def _split(self, row: Row[Any], plan: Plan, meant: Plan) -> str:
        where, first = (plan.host, plan.model), (meant.host, meant.model)
        passed_over = None if where == first else first
        of = {"id": row.id, "request": row.request, "host": plan.host, "model": plan.model}
        split = partial(self._ledger.split, **of, passed_over=passed_over)
        return self.store.write_once(partial(split, calls=max(1, len(plan.calls))))

    def _not_begun(self, id: str, error: Exception, again: Again | None) -> None:
        """If nothing was sent: another worker may have what this one lacks, such as a key, or
        another host goes on with it, and it is tried no more some day; but that a store here is
        full is nothing that the request could do about. What is wrong with the request is so
        everywhere, and a budget is never waited for.

        Args:
            again: None: it was the last try.
        """
        if isinstance(error, LookupError):
            error = UsageError(str(error.args[0]))
        assert isinstance(error, ImagekitError)
        waits = isinstance(error, JournalError)
        if waits:
            self._tell_stuck(error.__cause__)
        final = isinstance(error, InvalidRequest | LimitReached) or type(error) is UsageError
        told = partial(self._ledger.not_begun, id=id, error=trouble_row(error))
        if again is not None and again.elsewhere and may_fail_over(error):
            told = partial(told, due=self._ledger.now(), to=again.elsewhere)
        elif final or (again is None and not waits):
            told = partial(told, due=None)
        else:
            told = partial(told, due=self._ledger.now() + ELSEWHERE, tried=0 if waits else 1)
        self.store.write(told)

    def _tell_stuck(self, why: BaseException | None) -> None:
        """That the store takes no call down, once until it takes one: all that wait meet it."""
        if not isinstance(why, OSError | StoreUnavailable):
            return
        with self._more:
            is_told, self._stuck = self._stuck, True
        if not is_told:
            told = reason(why) if isinstance(why, OSError) else why
            again = f"it is tried again every {ELSEWHERE:g} s, and goes on by itself"
            log.warning("nothing is sent for now: %s; %s", told, again)

    def _look(self, row: Row[Any]) -> None:
        self.client.look(from_plain(row.pending, Pending))
