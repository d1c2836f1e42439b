"""Calls that no living process carries out, for ``imagekit resume``: what is open, and its end.

It is a worker's work, but for what would buy something: requests that wait to be sent are left to
workers.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from attrs import evolve
from sqlalchemy import Connection, Row, select

from imagekit import (
    Client,
    Image,
    ImagekitError,
    Left,
    OutcomeUnknown,
    Pending,
    Provenance,
    Purchase,
    Result,
    Unkept,
    UsageError,
    errors,
    from_plain,
)
from imagekit_store.ledger.ledger import request_of
from imagekit_store.reading.history import NoSuchRequest
from imagekit_store.schema.states import State
from imagekit_store.schema.tables import ATTEMPTS
from imagekit_store.store import Store
from imagekit_store.values.entries import Attempt, Entry
from imagekit_store.workers.fetching import fetch
from imagekit_store.workers.settling import settle

__all__ = ["left_open", "recover"]

A = ATTEMPTS.c
#: Of which a request has left, and whose end is not known.
BEGUN = (State.SENDING, State.ACCEPTED, State.ANSWERED, State.UNKNOWN)


def left_open(store: Store) -> list[Left]:
    """The calls that were begun, have not ended, and that nobody carries out now."""
    free = store.ledger.is_free()
    wanted = select(ATTEMPTS).where(A.state.in_(BEGUN), free).order_by(A.began)
    rows = store.read(lambda connection: connection.execute(wanted).all())
    return [_left(store.request(row.request), row) for row in rows]


def _left(entry: Entry, row: Row[Any]) -> Left:
    asked = dict(entry.asked or {})
    policy = str(asked.pop("on_unsupported", "error"))
    asked.pop("model", None)
    began = (row.began or 0) / 1e6
    date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began))
    purchase = Purchase(
        row.id,
        row.model,
        row.host,
        row.name,
        row.body,
        tuple(row.places or ()),
        lookup=_job(row.lookup),
        provenance=Provenance(date, row.model, row.host, asked, policy),
    )
    pictures = {
        one.place: Unkept(one.place, one.url)
        for one in entry.pictures
        if one.attempt == row.id and one.url
    }
    return Left(purchase, began, {}, _job(row.pending), pictures, row.state == State.ANSWERED)


def _job(plain: Any) -> Pending | None:
    return from_plain(plain, Pending) if plain else None


def recover(store: Store, id: str, client: Client, deadline: float | None = None) -> Result | None:
    """See `imagekit.Recovers`."""
    claim = partial(store.ledger.claim, most=1, attempt=id)
    for row in store.write(claim):
        with store.ledger.holding(id):
            result = _step(store, client, row, deadline)
        if result is not None:
            return result
    return _outcome(store, id)


def _step(store: Store, client: Client, row: Row[Any], deadline: float | None) -> Result | None:
    """What a worker would do, but that one waits for a job here, and hears what is in the way."""
    try:
        if row.state == State.UNKNOWN:
            settle(store, client, row)
            row = store.read(partial(_row, id=row.id))
        if row.state == State.ACCEPTED:
            return client.resume(
                evolve(from_plain(row.pending, Pending), wait=0.0), deadline=deadline
            )
        if row.state == State.ANSWERED:
            fetch(store, client, row)
        return None
    finally:
        store.write(lambda rows: store.ledger.release(rows, row.id, store.ledger.now()))


def _outcome(store: Store, id: str) -> Result:
    """What the rows say of it.

    Raises:
        ImagekitError: why it has no pictures.
    """
    entry = store.request(request_of(id))
    attempt = next((one for one in entry.attempts if one.id == id), None)
    if attempt is None:
        raise NoSuchRequest(f"there is no call {id!r:.60} in this store")
    if attempt.state in (State.STORED, State.ANSWERED):
        return _result(store, entry, attempt)
    if attempt.state is State.UNKNOWN:
        raise _unknown(attempt)
    if attempt.state is State.FAILED:
        raise _error(attempt)
    raise UsageError(f"{id} is carried out by another process; it is {attempt.state}")


def _row(connection: Connection, id: str) -> Row[Any]:
    return connection.execute(select(ATTEMPTS).where(A.id == id)).one()


def _result(store: Store, entry: Entry, attempt: Attempt) -> Result:
    images = [
        store.picture(entry.id, one.place)
        if one.is_kept
        else Image(one.place, one.url, host=attempt.host)
        for one in entry.pictures
        if one.attempt == attempt.id
    ]
    return Result(tuple(images), model=attempt.model, host=attempt.host, notes=tuple(attempt.notes))


def _unknown(attempt: Attempt) -> OutcomeUnknown:
    """What is left to a person."""
    return OutcomeUnknown(
        f"{attempt.id}: sent to {attempt.host}:{attempt.model}, and its answer was lost; look at "
        f"that host's bill, and say what it has: `imagekit history settle {attempt.id} "
        "--charged no`, or yes"
    )


def _error(attempt: Attempt) -> ImagekitError:
    """As it was told, of its own kind; of a call that a person has settled perhaps nothing was."""
    told = attempt.error or {}
    kind = getattr(errors, str(told.get("type", "OutcomeUnknown")), ImagekitError)
    if not (isinstance(kind, type) and issubclass(kind, ImagekitError)):
        kind = ImagekitError
    return kind(str(told.get("message", "no picture came of it")), charged=attempt.charged)
