"""What is unknown is settled by evidence alone, which stands on the row afterwards.

A paid request is never repeated to find out. Three things tell what became of one: pictures of it
that are here already, the job of the name that we gave it, and the host's own records. What none
of them tells of is left to a person.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Row

from imagekit import Client, HostError, ImagekitError, Pending, from_plain, to_plain
from imagekit_store.ledger.ledger import evidence
from imagekit_store.ledger.rows import trouble_row
from imagekit_store.store import Store
from imagekit_store.workers.adopting import adopt
from imagekit_store.workers.own_records import claim_record, keeps_records

__all__ = ["GRACE", "settle"]

#: Seconds after which a call that its host knows nothing of has not arrived there. The core waits
#: 600 s for an answer, so that nothing of it is on its way any more.
GRACE = 900.0
#: And how often it was asked by then, should our clock have jumped.
LOOKS = 5
#: Seconds until the host's records are looked at once more, each time half as many again.
PAUSE = 10.0


def settle(store: Store, client: Client, row: Row[Any], grace: float = GRACE) -> None:
    """Look for evidence of what became of an attempt, which this process holds.

    Raises:
        ImagekitError: what kept us from looking, or how its job ended; the journal was told.
    """
    if adopt(store, row):
        return
    if row.lookup:
        _by_name(store, client, row, grace)
    elif keeps_records(client, row.host):
        _by_record(store, client, row, grace)
    else:
        _leave_to_a_person(store, row)


def _by_name(store: Store, client: Client, row: Row[Any], grace: float) -> None:
    """Ask for the job by the name that the call gave it."""
    ledger, found = store.ledger, evidence("name", name=row.name)
    try:
        outcome = client.look(from_plain(row.lookup, Pending))
    except ImagekitError as error:
        if _is_of_nobody(error) and _age(row) >= grace and row.tries >= LOOKS:
            told = trouble_row(error)
            never = evidence("name", name=row.name, found="no job of this name", after=_age(row))
            store.write(lambda rows: ledger.failed(rows, row.id, told, "no", never))
            return
        if error.pending is None:  # it is how the job ended, which the journal was told
            store.write(lambda rows: ledger.proved(rows, row.id, found))
        raise
    if isinstance(outcome, Pending):
        job, due = to_plain(outcome), ledger.now() + outcome.wait
        charged = str(outcome.charged)
        store.write(lambda rows: ledger.accepted(rows, row.id, job, charged, due))
    store.write(lambda rows: ledger.proved(rows, row.id, found))


def _by_record(store: Store, client: Client, row: Row[Any], grace: float) -> None:
    """Look for the record that its host keeps of it."""
    if claim_record(store, client, row, grace):
        return
    if _age(row) >= grace:
        _leave_to_a_person(store, row)
        return
    due = store.ledger.now() + PAUSE * 1.5 ** min(row.tries, 10)
    store.write(lambda rows: store.ledger.release(rows, row.id, due, tried=1))


def _leave_to_a_person(store: Store, row: Row[Any]) -> None:
    store.write(lambda rows: store.ledger.release(rows, row.id, None))


def _is_of_nobody(error: ImagekitError) -> bool:
    """Whether the host says, in its own words, that it has no such job. A page of a proxy between
    us, which has no code of the host's, says nothing."""
    return isinstance(error, HostError) and error.status in (404, 410) and bool(error.code)


def _age(row: Row[Any]) -> float:
    """Seconds since it was sent."""
    return time.time() - (row.began or 0) / 1e6
