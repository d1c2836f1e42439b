"""An attempt whose answer is lost, found among the records that its host keeps of us.

A record has the model, the prompt and the time of a request, and no name that we gave it. So it
is an attempt's own only where nothing else is possible: exactly one record that nobody has
claimed matches, and no other attempt could have made it. A record that is missing proves nothing.
Programs that use the same key without this store are not known here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select
from sqlalchemy.exc import IntegrityError

from imagekit import Client, Record, UsageError
from imagekit_store.ledger.ledger import evidence
from imagekit_store.schema.states import State
from imagekit_store.schema.tables import ATTEMPTS, REQUESTS
from imagekit_store.schema.words import readable
from imagekit_store.store import Store

__all__ = ["claim_record", "keeps_records"]

A, R = ATTEMPTS.c, REQUESTS.c
#: Seconds by which the host's clock may be behind ours.
EARLY = 30.0
#: Records that are looked through, newest first.
MOST = 10_000
COMPLETED, FAILED = "completed", "failed"


def keeps_records(client: Client, host: str) -> bool:
    """Whether a host keeps any that can be read."""
    try:
        client.records(host)
    except UsageError:
        return False
    return True


def claim_record(store: Store, client: Client, row: Row[Any], longest: float) -> bool:
    """Take the one record that is this attempt's, if there is one; whether there was.

    Args:
        longest: seconds that a call may have taken.

    Raises:
        ImagekitError: the host could not be asked.
    """
    prompt = store.request(row.request).prompt
    model = client.route(f"{row.host}:{row.model}").remote_id
    began = (row.began or 0) / 1e6
    records = [
        record
        for record in _since(client, row.host, began - EARLY)
        if (record.model, readable(record.prompt)) == (model, prompt)
        and record.created_at is not None
        and began - EARLY <= record.created_at <= began + longest
    ]
    claim = partial(_claim, store=store, row=row, prompt=prompt, records=records, longest=longest)
    try:
        return bool(records) and store.write(claim)
    except IntegrityError:  # another process has claimed it at this moment
        return False


def _since(client: Client, host: str, since: float) -> Iterator[Record]:
    """The records of a host that were made after this, newest first."""
    for record in islice(client.records(host), MOST):
        if record.created_at is not None and record.created_at < since:
            return
        yield record


def _claim(
    connection: Connection,
    store: Store,
    row: Row[Any],
    prompt: str,
    records: list[Record],
    longest: float,
) -> bool:
    """Whether the attempt has a record now. Looked at and written in one transaction: what
    another attempt may claim is not claimed by two."""
    ids = [record.id for record in records]
    claimed = set(connection.scalars(select(A.record).where(A.host == row.host, A.record.in_(ids))))
    free = [record for record in records if record.id not in claimed]
    if len(free) != 1 or free[0].status not in (COMPLETED, FAILED):
        return False
    (record,) = free
    if _rivals(connection, row, prompt, record, longest):
        return False
    told = evidence("record", record=record.id, status=record.status, created=record.created_at)
    if record.status == FAILED:
        store.ledger.note(connection, row.id, record=record.id)
        return store.ledger.failed(connection, row.id, _why(row, record), "maybe", told)
    place = min(row.places or (0,))
    return store.ledger.recorded(connection, row.id, record.id, place, told)


def _rivals(
    connection: Connection, row: Row[Any], prompt: str, record: Record, longest: float
) -> bool:
    """Whether another attempt could have made this record: one that was sent then, of the same
    model, with the same prompt or one that was forgotten, and that has no record of its own. One
    that certainly was free has made none with a picture in it."""
    assert record.created_at is not None
    sent = A.began.between((record.created_at - longest) * 1e6, (record.created_at + EARLY) * 1e6)
    same = and_(A.host == row.host, A.model == row.model, A.id != row.id, A.record.is_(None), sent)
    free = and_(A.state.in_((State.FAILED, State.QUEUED)), A.charged == "no")
    rival = (
        select(A.id)
        .join(REQUESTS, R.id == A.request)
        .where(same, or_(R.prompt == prompt, R.forgotten.is_not(None)))
        .limit(1)
    )
    if record.status == COMPLETED:
        rival = rival.where(~free)
    return connection.scalar(rival) is not None


def _why(row: Row[Any], record: Record) -> dict[str, Any]:
    """Why it failed: a refusal that its host has answered says more than the record it keeps."""
    answered = dict(row.error or {})
    if answered.get("type") in ("Moderated", "RejectedRequest"):
        return answered
    message = record.error or "its record says that it failed"
    return {"type": "NoPictures", "message": message, "charged": "maybe"}
