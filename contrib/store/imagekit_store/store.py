"""`Store`: the journal of a client, and what people and programs ask of what it has kept."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial
from secrets import token_hex
from typing import Any, NoReturn
from uuid import uuid4

from sqlalchemy import Connection, select

from imagekit import Charged, ConfigurationError, Cost, Image, ImagekitError, UsageError
from imagekit_store.database.database import Database
from imagekit_store.database.forks import begin_anew_in_child
from imagekit_store.database.writer import Writer
from imagekit_store.ledger.asked import arguments_of, written
from imagekit_store.ledger.behalf import Behalves
from imagekit_store.ledger.journal import Journaling
from imagekit_store.ledger.ledger import Ledger, Lost, evidence, microseconds, request_of
from imagekit_store.ledger.rows import caller_row, operation_of, searched, settled_cost
from imagekit_store.ledger.shared import Sharing
from imagekit_store.ledger.writing import BEFORE
from imagekit_store.limits.sharing.places import LEASE
from imagekit_store.pictures import pictures_at
from imagekit_store.reading import history
from imagekit_store.reading.costs import Costs, costs
from imagekit_store.reading.history import Filters, NoSuchRequest, NotUnknown
from imagekit_store.schema.states import RequestState
from imagekit_store.schema.tables import SECRETS
from imagekit_store.schema.words import is_readable, readable
from imagekit_store.upkeep import checking, removing
from imagekit_store.upkeep.checking import Checked
from imagekit_store.upkeep.removing import Removed
from imagekit_store.values.callers import Caller
from imagekit_store.values.entries import Attempt, Entry, Page, StoredPicture

__all__ = ["Store", "beside", "new_id"]

S = SECRETS.c
#: As of `imagekit.Client.generate`: no hyphen, which separates the numbers of its calls.
REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{0,99}")


class Store(Journaling, Sharing):
    """Every request, each of its paid calls, and every picture, durable.

    It is a journal, ``Client(journal=Store("sqlite:///store.db"))``, and counts limits and budgets
    for all who share it, ``Client(journal=store, sharing=store)``. Thread-safe; a process that is
    forked goes on with connections and a thread of its own. Close it, or use it as a context
    manager.

    Args:
        url: ``sqlite:///store.db``, ``sqlite:////home/me/store.db`` or
            ``postgresql://user:password@host/name``. An empty database is set up.
        pictures: where pictures are kept: a folder, or ``s3://bucket/prefix``. The folder
            ``NAME-pictures`` beside an SQLite file when not given.
        key: for whom the calls are that this process makes by itself.
        keep_days: requests that ended so long ago are forgotten by a `sweep`; None keeps all.
        lease: seconds after which the work of a process that is gone is taken up by others.

    Raises:
        ConfigurationError: it can't be used: with a sentence that says why.
    """

    def __init__(
        self,
        url: str,
        *,
        pictures: str | None = None,
        key: str = "",
        keep_days: float | None = None,
        lease: float = LEASE,
    ) -> None:
        _refuse_no_span("lease", lease, "seconds")
        if keep_days is not None:
            _refuse_no_span("keep_days", keep_days, "days")
        database = Database(url)
        keeping = pictures_at(pictures or beside(database))
        ledger = Ledger(database, uuid4().hex, lease)
        writer = Writer(ledger.transaction, ledger.renew, lease / 3)
        super().__init__(ledger, writer, keeping, key, keep_days)
        begin_anew_in_child(self)
        try:
            database.open()
            self.write(ledger.begin, BEFORE)
        except ConfigurationError:
            self.close()
            raise

    # --- requests that workers answer -----------------------------------------------------

    def ask(
        self,
        prompt: str,
        *,
        model: str,
        id: str | None = None,
        caller: Caller | None = None,
        **parameters: Any,
    ) -> str:
        """Write a request down, to be answered by whichever worker is free.

        Args:
            model: an address, as of `imagekit.Client.generate`; workers look up what it means.
            id: of the request; a random one when not given.
            caller: for whom it is; for the store's own key when not given.
            parameters: as of `imagekit.Client.generate`. References are read now, and kept.

        Returns:
            the id of the request, for `wait` and `request`: of the one that is there, where the
            caller has asked for the same before (`Caller.idem`).

        Raises:
            LimitReached: a limit of the caller's leaves no room for it.
            AskedOtherwise: the caller has asked for something else under the same ``idem``.
            UsageError: a reference can't be read; a parameter is nothing that can be written down;
                there is a request of this id.
            StoreUnavailable: the database does not take it.
        """
        if id is not None and not REQUEST_ID.fullmatch(id):
            raise UsageError(f"an id is 1 to 100 letters, digits and _, the first no _: {id!r:.60}")
        _refuse_no_text(prompt=prompt, model=model)
        if "part" in parameters:
            raise UsageError("part: a request is asked for as a whole; workers begin its calls")
        caller, id = caller or self._own, id or new_id()
        announced = f"input-{uuid4().hex}"
        given = {"prompt": prompt, "model": model, **parameters}
        asked, inputs = written(self.keeping, announced, given)
        row = {
            **caller_row(caller),
            "id": id,
            "state": RequestState.QUEUED,
            "operation": operation_of(asked),
            "model": model,
            "host": "",
            "asked": asked,
            "created": microseconds(),
            **searched(prompt),
        }
        rows = [{"request": id, **one} for one in inputs]
        ask = partial(self.ledger.ask, request=row, inputs=rows, caller=caller)
        try:
            asked_as = self.write_once(ask, BEFORE, caller.key)
        except Lost:
            raise UsageError(f"there is a request of the id {id} already") from None
        finally:
            self.keeping.withdraw(announced, [one["sha256"] for one in inputs])
        if isinstance(asked_as, ImagekitError):
            raise asked_as
        return asked_as

    def wait(self, id: str, timeout: float | None = None, key: str | None = None) -> Entry:
        """The request, once nothing more is to come of it.

        Raises:
            TimeoutError: that is not so after ``timeout`` seconds.
            NoSuchRequest: there is none of this id, or it is another key's.
        """
        end = None if timeout is None else time.monotonic() + timeout
        pause = 0.02
        while not (entry := self.request(id, key)).is_over:
            left = pause if end is None else min(pause, end - time.monotonic())
            if left <= 0:
                raise TimeoutError(f"the request {id} is {entry.state} after {timeout:g} s")
            time.sleep(left)
            pause = min(1.0, pause * 1.5)
        return entry

    # --- what is there --------------------------------------------------------------------

    def request(self, id: str, key: str | None = None) -> Entry:
        """One request, its calls and pictures.

        Raises:
            NoSuchRequest: there is none of this id, or it is another key's.
        """
        return self.read(partial(history.request, id=id, key=key))

    def same(self, key: str, idem: str, digest: str | None = None) -> Entry | None:
        """The request that this key has asked for under this `Caller.idem`.

        Raises:
            AskedOtherwise: that has another `Caller.digest`.
        """
        return self.read(partial(history.same, key=key, idem=idem, digest=digest))

    def release_idem(self, id: str) -> bool:
        """Let the same `Caller.idem` stand for another try, where a request has failed and was
        certainly free. Whether it was so."""
        return self.write(partial(self.ledger.released, id=id))

    def repeated(self, key: str, digest: str, within: timedelta | float) -> Entry | None:
        """The newest request of this key with this `Caller.digest`.

        Args:
            within: made so long ago at most, in seconds or as a span.
        """
        span = within.total_seconds() if isinstance(within, timedelta) else within
        since = microseconds() - int(span * 1_000_000)
        return self.read(partial(history.repeated, key=key, digest=digest, since=since))

    def beyond_budget(self, caller: Caller) -> ImagekitError | None:
        """What a request would be refused with for the budget of its key, if it were asked now;
        None: there is room for its `Caller.estimate`. Nothing is counted, and nothing set
        aside."""
        return self.read(partial(self.ledger.beyond_budget, caller=caller))

    def requests(
        self,
        *,
        key: str | None = None,
        model: str | None = None,
        host: str | None = None,
        state: str | Collection[str] | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        prompt: str | None = None,
        forgotten: bool | None = None,
        after: str | None = None,
        before: str | None = None,
        oldest_first: bool = False,
        limit: int = 20,
    ) -> Page:
        """Requests, newest first unless it is said otherwise.

        Args:
            key, model, host, state, since, until, prompt, forgotten: see `Filters`.
            after: the id of the last of the page before.
            before: the id of the first of the page after.
            limit: at most so many, 1 to 1000.

        Raises:
            UsageError: there is no such page.
        """
        filters = Filters(
            key=key,
            model=model,
            host=host,
            state=state,
            since=since,
            until=until,
            prompt=prompt,
            forgotten=forgotten,
        )
        pages = partial(history.page, after=after, before=before, oldest_first=oldest_first)
        return self.read(partial(pages, filters=filters, limit=limit))

    def costs(
        self,
        by: str = "day",
        *,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        host: str | None = None,
        model: str | None = None,
        key: str | None = None,
    ) -> Costs:
        """What was spent on the calls that were sent, in exact sums.

        Args:
            by: ``day`` (in UTC, of when a call was sent), ``host``, ``model`` or ``key``.
            since, until: sent at or after, and before; a date is its beginning, in UTC.
            host, model: by canonical name.
            key: for whom they were.

        Raises:
            UsageError: there are no such groups, or no such time.
        """
        sums = partial(costs, by=by, since=since, until=until, host=host, model=model, key=key)
        return self.read(sums)

    def picture(self, id: str, place: int = 0, key: str | None = None) -> Image:
        """A picture that is kept; its bytes are read where they are, when they are used.

        Raises:
            NoSuchRequest: there is no such request.
            LookupError: it has no such picture, or that is not kept.
        """
        entry, picture, sha256 = self._kept(id, place, key)
        blob = self.keeping.blob(sha256)
        return Image(place, metadata=dict(picture.metadata or {}), host=entry.host, blob=blob)

    def thumbnail(
        self, id: str, place: int = 0, longest: int = 256, key: str | None = None
    ) -> Image:
        """A small WebP of a picture that is kept: made when first asked for, and kept as well.

        Args:
            longest: pixels of the longer side: 128, 256, 512 or 1024.

        Raises:
            NoSuchRequest: there is no such request.
            LookupError: it has no such picture, or that is not kept.
            UsageError: thumbnails don't have this size.
            NoThumbnail: it is broken, far too large, or of a format that is not drawn.
            ModuleNotFoundError: Pillow is not installed.
        """
        _, _, sha256 = self._kept(id, place, key)
        return Image(place, blob=self.keeping.thumbnail(sha256, longest))

    def _kept(self, id: str, place: int, key: str | None) -> tuple[Entry, StoredPicture, str]:
        """A request, one of its pictures, and the digest of that.

        Raises:
            NoSuchRequest: there is no such request.
            LookupError: it has no such picture, or that is not kept.
        """
        entry = self.request(id, key)
        found = next((one for one in entry.pictures if one.place == place), None)
        if found is None or found.sha256 is None:
            raise LookupError(f"the request {id} has no picture {place} that is kept")
        return entry, found, found.sha256

    # --- what a person knows better ---------------------------------------------------------

    def settle(
        self,
        id: str,
        *,
        charged: Charged | str,
        cost: Cost | None = None,
        by: str = "person",
        note: str | None = None,
        key: str | None = None,
    ) -> tuple[Attempt, ...]:
        """Say of calls that are *unknown* whether they were paid for, as their host's bill has it.

        They are never sent again. Each is *failed* from then on, or what its pictures make of it
        where some have come. Should its answer turn up after all, that counts for more.

        Args:
            id: of a request, for all of its calls that are unknown; or of one of its calls.
            charged: ``yes`` or ``no``.
            cost: what it cost, where that is known and one call is meant. A key's budget counts
                it in place of the call's estimate.
            by: who says so; stands in the call's evidence, with the time and the note.
            note: how they know: the number of an invoice, an answer of the host's support.

        Returns:
            the calls that were settled, as they stand now.

        Raises:
            NoSuchRequest: there is none of this id, or it is another key's.
            NotUnknown: nothing of it is unknown.
            UsageError: it was charged neither yes nor no; or there is no such cost.
        """
        if charged not in (Charged.YES, Charged.NO):
            raise UsageError(f"charged: {charged!r:.40} is neither yes nor no")
        entry, calls = self._calls(id, key)
        paid = {} if cost is None else settled_cost(cost, Charged(charged), calls)
        said = evidence(readable(by), note=readable(note or ""))

        def step(connection: Connection) -> set[str]:
            told = {"charged": str(charged), "evidence": said, **paid}
            settled = partial(self.ledger.settled, told=told)
            return {call.id for call in calls if settled(connection, call.id)}

        settled = self.write(step)
        entry, calls = self._calls(id, key)
        if not settled:
            state = calls[0].state if len(calls) == 1 else entry.state
            raise NotUnknown(f"{id} is {state}: only what is unknown is settled by a person")
        return tuple(call for call in calls if call.id in settled)

    def _calls(self, id: str, key: str | None) -> tuple[Entry, list[Attempt]]:
        """The request, and those of its calls that are meant: all, or the one of this id.

        Raises:
            NoSuchRequest: there is none.
        """
        entry = self.request(request_of(id), key)
        calls = [call for call in entry.attempts if id in (entry.id, call.id)]
        if not calls:
            raise NoSuchRequest(f"the request {entry.id} has no call {id!r:.60}")
        return entry, calls

    # --- what is removed --------------------------------------------------------------------

    def forget(self, id: str, key: str | None = None) -> Removed:
        """Remove what a request asked for and what came of it. What it cost stays, and so do the
        names it has: its id, `idem`, and what hosts know its calls by. One that is queued is
        never sent. A picture that another request needs as well stays for that one. Forgotten
        twice is as good as once.

        Raises:
            NoSuchRequest: there is none of this id, or it is another key's.
            UsageError: it is under way, or nobody knows yet whether it was paid for; with what
                is to be done first.
            StoreUnavailable: the database does not take it.
        """
        return removing.forget(self, self.request(id, key).id)

    def sweep(self, *, rewrite: bool = False) -> Removed:
        """Forget what is older than `keep_days`, and remove pictures that no row needs and what
        processes that were killed have left behind. Others may go on keeping pictures meanwhile.

        Args:
            rewrite: on PostgreSQL, make its tables anew, so that its files have nothing any more
                of what was forgotten. Nobody else writes while that lasts.

        Raises:
            OSError: the place of the pictures does not take it.
            StoreUnavailable: the database does not.
        """
        return removing.sweep(self, rewrite=rewrite)

    def sweepable(self) -> Removed:
        """What `sweep` would remove now.

        Raises:
            OSError: the place of the pictures can't be read.
        """
        return removing.sweepable(self)

    def check(self, *, pictures: bool = False) -> Checked:
        """Look whether the database can be written and is whole, whether pictures can be kept,
        and whether each that a row needs is there. Nothing is mended.

        Args:
            pictures: read the bytes of each, and compare them with its digest.

        Raises:
            StoreUnavailable: the database can't be read.
        """
        return checking.check(self, whole=pictures)

    # --- for servers ------------------------------------------------------------------------

    def secret(self, name: str) -> bytes:
        """Random bytes that all processes of this store have in common, and nobody else."""
        found = self.read(lambda rows: rows.scalar(select(S.value).where(S.name == name)))
        if found is None:
            new = {"name": name, "value": token_hex(32)}
            found = self.write(partial(self.ledger.secret, new=new))
        return bytes.fromhex(found)

    # --- for workers ------------------------------------------------------------------------

    def arguments(self, entry: Entry) -> dict[str, Any]:
        """What `imagekit.Client.generate` is given to ask for a request, its references as they
        are kept here.

        Raises:
            LookupError: it was forgotten; a reference is not here, nor can it be had.
        """
        if entry.asked is None:
            raise LookupError(f"{entry.id} was forgotten, so nobody knows what it asked for")
        return arguments_of(self.keeping, entry.asked)

    def waiting(self) -> bool:
        """Whether anything is left that a worker may take up, now or later."""
        return bool(self.read(self.ledger.waiting))

    # --- the end ----------------------------------------------------------------------------

    def close(self) -> None:
        """Write what has queued up, and give the connections back."""
        self._writer.close()
        self.ledger.database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Store {self.ledger.database.name}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a store is not pickled: another process opens it by its URL")

    def after_fork(self) -> None:
        """In a child: what the parent holds is the parent's."""
        self.ledger.after_fork()
        for theirs in (self._begun, self._passed_on):
            theirs.clear()
        self._behalves = Behalves()
        self._keeper.begin_anew()
        self._writer.after_fork()


def _refuse_no_span(name: str, value: object, unit: str) -> None:
    """
    Raises:
        ConfigurationError: it is no time that passes. With 0 days a sweep would forget all.
    """
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < math.inf:
        raise ConfigurationError(f"{name}: {value!r:.40} is no number of {unit} greater than 0")


def _refuse_no_text(**given: Any) -> None:
    """
    Raises:
        UsageError: one of them is no text, or, but for a prompt, none that every database takes.
    """
    for name, text in given.items():
        if not isinstance(text, str) or not (name == "prompt" or is_readable(text)):
            raise UsageError(f"{name} is text without NUL and lone surrogates, not {text!r:.60}")


def new_id() -> str:
    """Random, after the time: rows that are read together then lie together, and a new one is
    written beside the last."""
    return f"{microseconds():014x}{token_hex(9)}"


def beside(database: Database) -> str:
    """Where pictures are kept when nobody says so.

    Raises:
        UsageError: somebody has to.
    """
    if database.is_sqlite:
        return str(database.path.with_name(f"{database.path.stem}-pictures"))
    raise UsageError("with PostgreSQL, say where pictures are kept: a folder, or s3://bucket")
