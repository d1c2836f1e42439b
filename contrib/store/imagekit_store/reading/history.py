"""Reading: one request, or a page of them. Keyset pages, for an offset reads all that it skips."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import frozen
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Text,
    any_,
    bindparam,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from imagekit import UsageError
from imagekit_store.schema.states import RequestState
from imagekit_store.schema.tables import ATTEMPTS, PICTURES, REQUESTS
from imagekit_store.schema.words import folded, is_readable
from imagekit_store.values.callers import AskedOtherwise
from imagekit_store.values.entries import (
    ATTEMPT,
    ENTRY,
    PICTURE,
    Attempt,
    Entry,
    Page,
    StoredPicture,
    attempt_of,
    entry_of,
)

__all__ = [
    "Filters",
    "NoSuchRequest",
    "NotUnknown",
    "moment",
    "page",
    "repeated",
    "request",
    "same",
]

A, P, R = ATTEMPTS.c, PICTURES.c, REQUESTS.c
MOST = 1000  # of one page
#: Characters that are looked for: SQLite takes patterns of 50,000 bytes, every % is two.
LONGEST = 5_000


def _among_ids(sqlite: bool, column: Column[str]) -> ColumnElement[bool]:
    """Whether it is one of `ids`: to PostgreSQL one value, since its driver takes statements of
    more than fifty values apart each time."""
    if sqlite:
        return column.in_(bindparam("ids", expanding=True))
    return column == any_(bindparam("ids", type_=ARRAY(Text)))


# Made once, for SQLite or not: to put them together takes as long as to ask.
_REQUESTS = select(*ENTRY)
_ATTEMPTS = {
    sqlite: select(A.request, *ATTEMPT)
    .where(_among_ids(sqlite, A.request))
    .order_by(A.request, A.number)
    for sqlite in (True, False)
}
_PICTURES = {
    sqlite: select(P.request, *PICTURE)
    .where(_among_ids(sqlite, P.request))
    .order_by(P.request, P.place)
    for sqlite in (True, False)
}


class NoSuchRequest(UsageError, LookupError):
    """There is no request of this id, or it is another key's."""


class NotUnknown(UsageError):
    """It is known what became of a request, or its end is still to come: no person settles it."""


@frozen(kw_only=True)
class Filters:
    """Which requests are meant; what is None is not looked at.

    Attributes:
        key: whose they are.
        model, host: by canonical name.
        state: one of `RequestState`, or several.
        since, until: made at or after, and before; a date is its beginning.
        prompt: a part of the prompt, in any case and script.
        forgotten: whether those that are forgotten, or those that are not.
    """

    key: str | None = None
    model: str | None = None
    host: str | None = None
    state: str | Collection[str] | None = None
    since: datetime | str | None = None
    until: datetime | str | None = None
    prompt: str | None = None
    forgotten: bool | None = None

    def of(self, wanted: Select[Any]) -> Select[Any]:
        """
        Raises:
            UsageError: there is no such state, or time; or no text that can be looked for.
        """
        for name in ("key", "model", "host", "prompt"):
            _refuse_no_text(name, getattr(self, name))
        for column, value in ((R.key, self.key), (R.model, self.model), (R.host, self.host)):
            if value is not None:
                wanted = wanted.where(column == value)
        if self.state is not None:
            wanted = wanted.where(_in_state(self.state))
        since, until = moment(self.since, "since"), moment(self.until, "until")
        if since is not None:
            wanted = wanted.where(R.created >= since)
        if until is not None:
            wanted = wanted.where(R.created < until)
        if self.forgotten is not None:
            is_forgotten = R.forgotten.is_not(None)
            wanted = wanted.where(is_forgotten if self.forgotten else ~is_forgotten)
        if self.prompt:
            wanted = wanted.where(R.folded.contains(folded(self.prompt), autoescape=True))
        return wanted


def request(connection: Connection, id: str, key: str | None = None) -> Entry:
    """One request with all there is to know of it.

    Raises:
        NoSuchRequest: there is none; or it is another key's, which nobody is told.
    """
    wanted = _REQUESTS.where(R.id == id)
    if key is not None:
        wanted = wanted.where(R.key == key)
    row = connection.execute(wanted).one_or_none() if _is_id(id) else None
    if row is None:
        raise NoSuchRequest(f"there is no request {id!r:.60} in this store")
    return _whole(connection, [row])[0]


def same(connection: Connection, key: str, idem: str, digest: str | None) -> Entry | None:
    """See `imagekit_store.Store.same`."""
    wanted = _REQUESTS.add_columns(R.digest).where(R.key == key, R.idem == idem)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        return None
    if None not in (digest, row.digest) and digest != row.digest:
        raise AskedOtherwise(f"under {idem!r:.60} something else was asked for before")
    return _whole(connection, [row[:-1]])[0]


def repeated(connection: Connection, key: str, digest: str, since: int) -> Entry | None:
    """See `imagekit_store.Store.repeated`."""
    wanted = _REQUESTS.where(R.key == key, R.digest == digest, R.created >= since)
    return _one(connection, wanted.order_by(R.created.desc()).limit(1))


def _one(connection: Connection, wanted: Select[Any]) -> Entry | None:
    row = connection.execute(wanted).one_or_none()
    return None if row is None else _whole(connection, [row])[0]


def page(
    connection: Connection,
    filters: Filters,
    after: str | None,
    limit: int,
    before: str | None = None,
    oldest_first: bool = False,
) -> Page:
    """
    Raises:
        UsageError: there are no such pages.
    """
    if type(limit) is not int or not 1 <= limit <= MOST:
        raise UsageError(f"limit: {limit!r} is not from 1 to {MOST}")
    wanted, place = filters.of(_REQUESTS), tuple_(R.created, R.id)
    for id, is_older in ((after, not oldest_first), (before, oldest_first)):
        if id is not None:
            edge = tuple_(*_place(connection, id, filters.key))
            wanted = wanted.where(place < edge if is_older else place > edge)
    # What comes before a request begins with the nearest, and is turned round in the end.
    nearest_first = before is not None and after is None
    rises = oldest_first is not nearest_first
    order = (R.created, R.id) if rises else (R.created.desc(), R.id.desc())
    rows = connection.execute(wanted.order_by(*order).limit(limit + 1)).all()
    entries = _whole(connection, rows[:limit])
    return Page(tuple(reversed(entries) if nearest_first else entries), len(rows) > limit)


def _place(connection: Connection, id: str, key: str | None) -> tuple[int, str]:
    """Where a request stands in the order of all.

    Raises:
        NoSuchRequest: there is none of this id, or it is another key's.
    """
    wanted = select(R.created, R.id).where(R.id == id)
    if key is not None:
        wanted = wanted.where(R.key == key)
    found: Any = connection.execute(wanted).one_or_none() if _is_id(id) else None
    if found is None:
        raise NoSuchRequest(f"there is no request {id!r:.60} to go on from")
    return found.created, found.id


def _whole(connection: Connection, rows: Sequence[Sequence[Any]]) -> list[Entry]:
    """The requests with their calls and pictures: three queries, however many there are."""
    ids, sqlite = [row[0] for row in rows], connection.dialect.name == "sqlite"
    calls: dict[str, list[Attempt]] = {id: [] for id in ids}
    made: dict[str, list[StoredPicture]] = {id: [] for id in ids}
    for request, *values in connection.execute(_ATTEMPTS[sqlite], {"ids": ids}).all():
        calls[request].append(attempt_of(values))
    for request, *values in connection.execute(_PICTURES[sqlite], {"ids": ids}).all():
        made[request].append(StoredPicture(*values))
    return [entry_of(row, calls[row[0]], made[row[0]]) for row in rows]


def _refuse_no_text(name: str, given: object) -> None:
    """
    Raises:
        UsageError: no database looks for that.
    """
    if given is None or (isinstance(given, str) and len(given) <= LONGEST and is_readable(given)):
        return
    raise UsageError(f"{name} is a text of at most {LONGEST:,} characters, not {given!r:.40}")


def _in_state(given: str | Collection[str]) -> ColumnElement[bool]:
    if isinstance(given, str):
        return R.state == _state(given)
    return R.state.in_([_state(one) for one in given])


def _state(word: str) -> RequestState:
    try:
        return RequestState(word)
    except ValueError:
        raise UsageError(f"state: {word!r:.40} is none of {', '.join(RequestState)}") from None


def _is_id(text: object) -> bool:
    """Whether a database takes it: whatever else there is none of."""
    return isinstance(text, str) and text.isascii() and text.isprintable() and len(text) <= 200


def moment(given: datetime | str | None, name: str) -> int | None:
    """A time as rows have it; a date is its beginning, and what has no zone is UTC.

    Raises:
        UsageError: it is no time.
    """
    if given is None:
        return None
    try:
        at = datetime.fromisoformat(given) if isinstance(given, str) else given
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return int(at.timestamp() * 1_000_000)
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise UsageError(
            f"{name} is a time such as 2026-11-29 or 2026-11-29T12:30, not {given!r:.40}"
        ) from None
