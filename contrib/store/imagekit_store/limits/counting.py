"""What a request counts against the budget of its key: its estimate, and then what it cost.

The row of the request says it, and the row of the key has the sum of one period. Both change in
the transaction in which a call of it comes to an end: so nothing is to be released when a process
is killed, and what it left behind counts until others have found out what became of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from attrs import frozen
from sqlalchemy import BindParameter, Connection, bindparam, select, update

from imagekit import Charged
from imagekit_store.schema.prepared import Prepared
from imagekit_store.schema.states import RequestState, State, summary
from imagekit_store.schema.tables import ATTEMPTS, KEYS, REQUESTS, Money

__all__ = ["Call", "count", "counts", "worth"]

A, K, R = ATTEMPTS.c, KEYS.c, REQUESTS.c
NOTHING = Decimal(0)
#: Of which a picture has come, or none ever will.
OVER = (State.ANSWERED, State.STORED, State.FAILED)

_ID: BindParameter[str] = bindparam("request")
#: In one statement, and so of one moment: what changes meanwhile is counted by who changes it.
CALLS = Prepared(
    select(A.state, A.charged, A.cost, A.currency, A.share, R.estimate, R.counted, K.currency)
    .select_from(ATTEMPTS.join(REQUESTS, R.id == A.request).join(KEYS, K.name == R.key))
    .where(A.request == _ID)
)
#: Whoever counts the same request waits, and so does who lets in another of its key.
HELD = Prepared(
    select(R.key, R.period)
    .select_from(REQUESTS.join(KEYS, K.name == R.key))
    .where(R.id == _ID)
    .with_for_update()
)
_more = bindparam("more", type_=Money)
COUNT = Prepared(update(REQUESTS).where(R.id == _ID).values(counted=R.counted + _more))
SPEND = Prepared(
    update(KEYS)
    .where(K.name == bindparam("of"), K.period_began == bindparam("in"))
    .values(spent=K.spent + _more)
)


@frozen
class Call:
    """What is looked at of a call.

    Attributes:
        share: what it should cost, by itself.
    """

    state: str
    charged: str
    cost: Decimal | None
    currency: str | None
    share: Decimal


def count(connection: Connection, request: str) -> None:
    """Let a request count what its calls are worth now, and its key as much more or less, if that
    is in the period in which it was made."""
    if not _difference(connection, request):
        return
    ((key, period),) = HELD.all(connection, {"request": request})
    more = _difference(connection, request)
    COUNT.count(connection, {"request": request, "more": more})
    SPEND.count(connection, {"of": key, "in": period, "more": more})


def _difference(connection: Connection, request: str) -> Decimal:
    """Between what it is to count and what it counts."""
    rows = CALLS.all(connection, {"request": request})
    estimate, counted, currency = rows[0][5:]
    calls = [Call(*row[:5]) for row in rows]
    difference: Decimal = counts(calls, estimate, currency) - counted
    return difference


def counts(calls: Sequence[Call], estimate: Decimal, currency: str) -> Decimal:
    """What a request counts: of each call what it cost, or its share of the estimate as long as
    nobody knows that; and the rest of the estimate as long as more calls may follow."""
    known = sum((worth(call, currency) for call in calls), NOTHING)
    state = summary([State(call.state) for call in calls])
    if state not in (RequestState.QUEUED, RequestState.RUNNING):
        return known
    return known + max(NOTHING, estimate - sum((call.share for call in calls), NOTHING))


def worth(call: Call, currency: str) -> Decimal:
    """What a call counts in this currency: what it cost, or what it should, as long as nobody
    knows that. Nothing is nothing in any."""
    if call.charged == Charged.NO and call.state in OVER:
        return NOTHING
    if call.cost is not None and (call.currency == currency or not call.cost):
        return call.cost
    return call.share
