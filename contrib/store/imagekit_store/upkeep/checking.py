"""Whether a store is as it should be: its database, its place for pictures, and both together.

Nothing is mended here: what is wrong is a person's to look at.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from heapq import merge
from typing import Any

from attrs import field, frozen
from sqlalchemy import Connection, Row, Select, Table, func, select

from imagekit_store.ledger.journal import Journaling
from imagekit_store.ledger.writing import BEFORE
from imagekit_store.pictures import GRACE, Gone, reason, unneeded
from imagekit_store.schema.states import OPEN
from imagekit_store.schema.tables import ATTEMPTS, INPUTS, PICTURES, REQUESTS
from imagekit_store.upkeep.forgetting import due, needed
from imagekit_store.upkeep.removing import ended_before
from imagekit_store.values.errors import StoreUnavailable

__all__ = ["Checked", "Damaged", "check"]

A = ATTEMPTS.c
#: Rows that are read at once.
AT_ONCE = 1000


@frozen
class Damaged:
    """A picture or reference that is not what its rows say.

    Attributes:
        why: such as ``is not there``.
        requests: whose it is.
    """

    sha256: str
    why: str
    requests: tuple[str, ...]


@frozen(kw_only=True)
class Checked:
    """What was found.

    Attributes:
        database, place: where the rows and the pictures are, without a password.
        version: of the database's tables.
        trouble: what is wrong with either: sentences.
        pictures, bytes: of all that is kept, references too.
        free: bytes that still fit there; None where nobody knows, as in a bucket.
        damaged: what a row needs, and is not there or not the same any more.
        unneeded, unneeded_bytes: what no row needs; a sweep removes it.
        calls: state -> how many calls that have not come to their end.
        left: how many of them a process holds that is gone; others take them up.
        overdue: requests that a sweep would forget.
    """

    database: str
    place: str
    version: str
    trouble: tuple[str, ...] = ()
    pictures: int = 0
    bytes: int = 0
    free: int | None = None
    damaged: tuple[Damaged, ...] = ()
    unneeded: int = 0
    unneeded_bytes: int = 0
    calls: dict[str, int] = field(factory=dict)
    left: int = 0
    overdue: int = 0

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong. Calls that are open or unknown are nothing wrong."""
        return not (self.trouble or self.damaged)


def check(store: Journaling, whole: bool) -> Checked:
    """See `Store.check`."""
    trouble = [*_unwritable(store), *store.ledger.database.damage()]
    about: dict[str, Any] = {
        "database": store.ledger.database.name,
        "place": store.keeping.place.url,
        "version": store.ledger.database.version(),
        **store.read(partial(_counted, store)),
    }
    try:
        about |= {"free": store.keeping.check(), **_pictures(store, whole)}
    except OSError as error:
        trouble.append(f"no picture can be kept or read: {reason(error)}")
    return Checked(**about, trouble=tuple(trouble))


def _unwritable(store: Journaling) -> Iterator[str]:
    try:
        store.write(store.ledger.begin, BEFORE)
    except StoreUnavailable as error:
        yield str(error)


def _counted(store: Journaling, connection: Connection) -> dict[str, Any]:
    by_state = (
        select(A.state, func.count().label("calls"))
        .where(A.state.in_(sorted(OPEN)))
        .group_by(A.state)
    )
    left = select(func.count()).where(store.ledger.is_left())
    overdue = select(func.count()).select_from(REQUESTS).where(due(ended_before(store)))
    return {
        "calls": {row.state: row.calls for row in connection.execute(by_state)},
        "left": connection.scalar(left),
        "overdue": connection.scalar(overdue),
    }


def _pictures(store: Journaling, whole: bool) -> dict[str, Any]:
    """What there is, and what of it is wrong or needless.

    Raises:
        OSError: the place can't be read.
    """
    there = {bytes.fromhex(sha256): size for sha256, size, _ in store.keeping.every()}
    damaged = []
    for sha256, size in _known(store):
        if whole or there.get(bytes.fromhex(sha256)) != size:
            why = _wrong(store, sha256, size, whole)
            requests = store.read(partial(_whose, sha256=sha256)) if why else ()
            if requests:  # else it was forgotten meanwhile
                damaged.append(Damaged(sha256, why, requests))
    ask = partial(_needed, store)
    free = list(unneeded(store.keeping, ask, time.time() - GRACE))
    return {
        "pictures": len(there),
        "bytes": sum(there.values()),
        "damaged": tuple(damaged),
        "unneeded": sum(map(len, free)),
        "unneeded_bytes": sum(sum(sizes.values()) for sizes in free),
    }


def _needed(store: Journaling, digests: Any) -> set[str]:
    return store.read(partial(needed, digests=digests))


def _known(store: Journaling) -> Iterator[tuple[str, int]]:
    """(digest, bytes) of all that rows need, each once."""
    last = None
    for sha256, size in merge(_of(store, PICTURES), _of(store, INPUTS)):
        if sha256 != last:
            yield sha256, size
        last = sha256


def _of(store: Journaling, table: Table) -> Iterator[tuple[str, int]]:
    """Those of one table, in order; some are read at a time, for nobody is to wait."""
    column, last = table.c.sha256, ""
    while True:
        some = select(column, table.c.bytes).where(column > last).distinct()
        rows = store.read(partial(_all, wanted=some.order_by(column).limit(AT_ONCE)))
        yield from ((row.sha256, row.bytes) for row in rows)
        if not rows:
            return
        last = rows[-1].sha256


def _all(connection: Connection, wanted: Select[Any]) -> Sequence[Row[Any]]:
    return connection.execute(wanted).all()


def _wrong(store: Journaling, sha256: str, size: int, whole: bool) -> str:
    """What is wrong with a picture; empty if nothing is.

    Raises:
        OSError: the place can't be read.
    """
    try:
        found = store.keeping.blob(sha256).size
        if found != size:
            return f"has {found:,} bytes, not {size:,}"
        if whole and not store.keeping.verify(sha256):
            return "has other bytes than those that were kept"
    except Gone:
        return "is not there"
    return ""


def _whose(connection: Connection, sha256: str) -> tuple[str, ...]:
    found: set[str] = set()
    for table in (PICTURES, INPUTS):
        found.update(connection.scalars(select(table.c.request).where(table.c.sha256 == sha256)))
    return tuple(sorted(found))
