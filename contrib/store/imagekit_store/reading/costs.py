"""What calls have cost, in sums that the database makes: exact, and nothing unknown taken for 0."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from attrs import frozen
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    func,
    literal_column,
    select,
)

from imagekit import Charged, UsageError
from imagekit_store.reading.history import moment
from imagekit_store.schema.states import State
from imagekit_store.schema.tables import ATTEMPTS, PICTURES, REQUESTS

__all__ = ["Amount", "Costs", "Spent", "costs"]

A, P, R = ATTEMPTS.c, PICTURES.c, REQUESTS.c
NOTHING = Decimal(0)
DAY = literal_column(str(24 * 60 * 60 * 1_000_000), BigInteger)  # in microseconds
#: What the sums may be made for, each.
GROUPS: dict[str, ColumnElement[Any]] = {
    "day": A.began // DAY,
    "host": A.host,
    "model": A.model,
    "key": R.key,
}
CALLS = ATTEMPTS.join(REQUESTS, R.id == A.request)
KEPT = CALLS.join(PICTURES, and_(P.request == A.request, P.attempt == A.id, P.sha256.is_not(None)))


@frozen
class Amount:
    """What calls have cost in one currency, as far as that is known.

    Attributes:
        currency: such as ``USD``; None where nobody names it.
        cost: in all.
        by_host: how much of it is the host's own word.
        by_person: how much a person has said; the rest is reckoned from price lists.
        expected: what those of the calls should have cost for which a price list foretold it.
        compared: what these did cost, to be compared with that.
    """

    currency: str | None
    cost: Decimal
    by_host: Decimal
    by_person: Decimal
    expected: Decimal
    compared: Decimal

    @property
    def by_list(self) -> Decimal:
        """How much of it is reckoned from price lists."""
        return self.cost - self.by_host - self.by_person


@frozen
class Spent:
    """What some calls have cost.

    Attributes:
        name: which they are: of a day such as ``2026-11-29``, a host, a model, a key.
        calls: how many were sent.
        free: how many of these were certainly not charged.
        unknown: how many of these have a cost that nobody knows, and that is in no amount.
        pictures: how many of theirs are kept now.
        amounts: by currency.
    """

    name: str
    calls: int
    free: int
    unknown: int
    pictures: int
    amounts: tuple[Amount, ...]


@frozen
class Costs:
    """What was spent.

    Attributes:
        by: what the groups are: ``day``, ``host``, ``model`` or ``key``.
        groups: in the order of their names.
        total: of all of them.
    """

    by: str
    groups: tuple[Spent, ...]
    total: Spent


def costs(
    connection: Connection,
    by: str,
    *,
    since: datetime | str | None,
    until: datetime | str | None,
    host: str | None,
    model: str | None,
    key: str | None,
) -> Costs:
    """See `imagekit_store.Store.costs`.

    Raises:
        UsageError: there are no such groups, or no such time.
    """
    if by not in GROUPS:
        raise UsageError(f"costs are by {', '.join(GROUPS)}, not by {by!r:.40}")
    which = [*_since(since, until), *_of(host, model, key)]
    rows = connection.execute(_sums(GROUPS[by]).where(*which)).all()
    kept = {row.group: row.pictures for row in connection.execute(_kept(GROUPS[by]).where(*which))}
    groups = [
        _spent(_name(by, group), [row for row in rows if row.group == group], kept.get(group, 0))
        for group in sorted({row.group for row in rows})
    ]
    return Costs(by, tuple(groups), _spent("total", rows, sum(kept.values())))


# --- the questions ------------------------------------------------------------------------------


def _since(since: datetime | str | None, until: datetime | str | None) -> Iterator[Any]:
    first, last = moment(since, "since"), moment(until, "until")
    # Of what was certainly free and waits to be sent again, nothing has been sent so far.
    yield and_(A.state != State.QUEUED, A.began.is_not(None))
    if first is not None:
        yield A.began >= first
    if last is not None:
        yield A.began < last


def _of(host: str | None, model: str | None, key: str | None) -> Iterator[Any]:
    for column, value in ((A.host, host), (A.model, model), (R.key, key)):
        if value is not None:
            yield column == value


def _sums(group: ColumnElement[Any]) -> Select[Any]:
    """A row for each group and currency."""
    paid = A.charged != Charged.NO
    known = and_(paid, A.cost.is_not(None))
    foretold = and_(known, A.expected.is_not(None), A.expected_currency == A.currency)
    return (
        select(
            group.label("group"),
            A.currency,
            func.count().label("calls"),
            _count(~paid).label("free"),
            _count(and_(paid, A.cost.is_(None))).label("unknown"),
            func.sum(case((known, A.cost))).label("cost"),
            func.sum(case((and_(known, A.priced == "host"), A.cost))).label("by_host"),
            func.sum(case((and_(known, A.priced == "person"), A.cost))).label("by_person"),
            func.sum(case((foretold, A.expected))).label("expected"),
            func.sum(case((foretold, A.cost))).label("compared"),
        )
        .select_from(CALLS)
        .group_by(group, A.currency)
    )


def _kept(group: ColumnElement[Any]) -> Select[Any]:
    """How many pictures are kept of each group."""
    counted = select(group.label("group"), func.count().label("pictures"))
    return counted.select_from(KEPT).group_by(group)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


# --- the answers --------------------------------------------------------------------------------


def _name(by: str, group: Any) -> str:
    if by != "day":
        return str(group)
    return (date(1970, 1, 1) + timedelta(days=int(group))).isoformat()


def _spent(name: str, rows: Sequence[Row[Any]], pictures: int) -> Spent:
    known = [row for row in rows if row.cost is not None]
    currencies = sorted({row.currency for row in known}, key=lambda name: name or "")
    return Spent(
        name,
        sum(row.calls for row in rows),
        sum(row.free for row in rows),
        sum(row.unknown for row in rows),
        pictures,
        tuple(
            _amount(currency, [row for row in known if row.currency == currency])
            for currency in currencies
        ),
    )


def _amount(currency: str | None, rows: Sequence[Row[Any]]) -> Amount:
    return Amount(
        currency,
        sum((row.cost for row in rows), NOTHING),
        sum((row.by_host or NOTHING for row in rows), NOTHING),
        sum((row.by_person or NOTHING for row in rows), NOTHING),
        sum((row.expected or NOTHING for row in rows), NOTHING),
        sum((row.compared or NOTHING for row in rows), NOTHING),
    )
