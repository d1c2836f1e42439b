"""Letting a request in: once for each `Caller.idem`, and within the limits of its key.

The row of the key is changed first, in one statement that finds it only as long as there is room.
That locks it until the transaction ends: so processes on several machines agree, and of those
that come at the same moment as many are let in as there is room for. What is refused has changed
nothing. Refusals are given back, and not raised: a step that raises makes all others of its
transaction be taken again, one by one.

`rpm` is kept as one time, `next`: when a request would be due if they came at a steady rate. It
may be ahead of now by a minute at most, which is a burst of `rpm` requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen
from sqlalchemy import (
    BigInteger,
    Connection,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    update,
)

from imagekit import Cost, ImagekitError, LimitReached, UsageError
from imagekit_store.schema.prepared import Prepared
from imagekit_store.schema.statements import NEW_REQUEST
from imagekit_store.schema.states import RequestState
from imagekit_store.schema.tables import KEYS, REQUESTS, Money
from imagekit_store.values.callers import (
    MOST,
    AskedAlready,
    AskedOtherwise,
    Caller,
    Limits,
    Standing,
    began,
    next_begins,
)

__all__ = ["Admission", "admit", "beyond_budget"]

K, R = KEYS.c, REQUESTS.c
MINUTE = 60_000_000  # microseconds
NOTHING = Decimal(0)
#: More than any budget is; and in the place of one that nobody has set, what no sum comes to.
BEYOND, BOUNDLESS = 2 * Decimal(MOST), 9 * Decimal(MOST)

_now = bindparam("now", type_=BigInteger)
_step = bindparam("step", type_=BigInteger)
_estimate = bindparam("estimate", type_=Money)
_begins = bindparam("begins", type_=BigInteger)
# What is further ahead is left from before a clock was set back.
_next = case((K.next.between(_now, _now + 2 * MINUTE), K.next), else_=_now) + _step
_spent = case((K.period_began < _begins, literal(NOTHING, Money)), else_=K.spent) + _estimate
_OF_KEY = K.name == bindparam("of")
TAKE = Prepared(
    update(KEYS)
    .where(
        _OF_KEY,
        _next <= _now + bindparam("burst", type_=BigInteger),
        _spent <= bindparam("most", type_=Money),
    )
    .values(
        next=_next,
        spent=_spent,
        period_began=case((K.period_began < _begins, _begins), else_=K.period_began),
    )
    .returning(K.next, K.spent, K.period_began)
)
GIVE_BACK = Prepared(
    update(KEYS).where(_OF_KEY).values(next=K.next - _step, spent=K.spent - _estimate)
)
TAKEN = Prepared(select(K.next, K.spent, K.period_began).where(_OF_KEY))
UNDER_WAY = Prepared(
    select(func.count()).where(
        R.key == bindparam("key"),
        or_(R.state == RequestState.QUEUED, R.state == RequestState.RUNNING),
    )
)
IS_THERE = Prepared(select(R.id).where(R.id == bindparam("id")))
SAME = Prepared(
    select(R.id, R.digest).where(R.key == bindparam("key"), R.idem == bindparam("idem"))
)


@frozen
class _Key:
    """What the row of a key counts."""

    next: int
    spent: Decimal
    period_began: int


@frozen
class Admission:
    """Whether a request may go on.

    Attributes:
        is_new: it has its row since now.
        refusal: why it may not; or that it is there already, perhaps as this very one.
        standing: what its key has left, where that has limits.
    """

    is_new: bool = False
    refusal: ImagekitError | None = None
    standing: Standing | None = None

    def refuses(self, id: str) -> bool:
        """Whether the request of this id may not go on. It may if it is the same as itself."""
        is_itself = isinstance(self.refusal, AskedAlready) and self.refusal.id == id
        return self.refusal is not None and not is_itself


def admit(
    connection: Connection, request: Mapping[str, Any], caller: Caller, now: int
) -> Admission:
    """Write the row of a request, if there is none of its id or of the same `Caller.idem`.

    Args:
        now: in microseconds since 1970, by the clock of the database.
    """
    taken = None if caller.limits.are_none else _taken(connection, caller, now)
    if isinstance(taken, ImagekitError):
        return _there(connection, request) or Admission(refusal=taken)
    row = dict(request)
    if taken and caller.limits.budget is not None:
        row["period"] = taken.period_began
    if NEW_REQUEST.one(connection, row):
        standing = _standing(caller.limits, taken, now) if taken else None
        return Admission(is_new=True, standing=standing)
    if taken:
        _give_back(connection, caller)
    return Admission(refusal=_same(connection, request))


def _there(connection: Connection, request: Mapping[str, Any]) -> Admission | None:
    """What is there already takes nothing, whatever its key has left."""
    if same := _same(connection, request):
        return Admission(refusal=same)
    is_there = IS_THERE.one(connection, {"id": request["id"]}) is not None
    return Admission() if is_there else None


def _same(
    connection: Connection, request: Mapping[str, Any]
) -> AskedAlready | AskedOtherwise | None:
    """The request that its key has asked for under the same `Caller.idem`; perhaps this one."""
    key, idem, digest = (request[name] for name in ("key", "idem", "digest"))
    if idem is None:
        return None
    row = SAME.one(connection, {"key": key, "idem": idem})
    if row is None:
        return None
    id, of = row
    if None not in (of, digest) and of != digest:
        return AskedOtherwise(f"under {idem!r:.60} something else was asked for before")
    return AskedAlready(f"this was asked for before: it is the request {id}", id)


# --- limits -----------------------------------------------------------------------------------


def _taken(connection: Connection, caller: Caller, now: int) -> _Key | ImagekitError:
    """The row of the key after this request; or why that can't be let in."""
    limits = caller.limits
    if unknown := _without_price(caller):
        return unknown
    taking = {
        **_given(caller),
        "now": now,
        "burst": _burst_of(limits),
        "most": BOUNDLESS if limits.budget is None else limits.budget,
        "begins": 0 if limits.budget is None else began(limits.period, now),
    }
    row = TAKE.one(connection, taking)
    if row is None:
        return _refusal(connection, caller, now)
    if limits.at_once is not None and _under_way(connection, caller.key) >= limits.at_once:
        _give_back(connection, caller)
        return LimitReached(
            f"the key {caller.key!r} has {limits.at_once} requests queued or running, "
            "and may have no more at once",
            limit="at_once",
        )
    return _Key(*row)


def _standing(limits: Limits, row: _Key, now: int) -> Standing:
    remaining = (now + _burst_of(limits) - row.next) // _step_of(limits) if limits.rpm else None
    return Standing(remaining, None if limits.budget is None else row.spent)


def _give_back(connection: Connection, caller: Caller) -> None:
    GIVE_BACK.count(connection, _given(caller))


def _given(caller: Caller) -> dict[str, Any]:
    """What is taken, and may be given back. Of an estimate not more than databases count, which
    no budget has room for."""
    amount = caller.estimate.amount if caller.limits.budget is not None else None
    estimate = NOTHING if amount is None else min(amount, BEYOND)
    return {"of": caller.key, "step": _step_of(caller.limits), "estimate": estimate}


def _step_of(limits: Limits) -> int:
    """Microseconds from one request to the next, at a steady rate."""
    return MINUTE // limits.rpm if limits.rpm else 0


def _burst_of(limits: Limits) -> int:
    """How far ahead `next` may be."""
    return _step_of(limits) * limits.rpm if limits.rpm else 2 * MINUTE


def _under_way(connection: Connection, key: str) -> int:
    ((under_way,),) = UNDER_WAY.all(connection, {"key": key})
    return int(under_way)


# --- why not ----------------------------------------------------------------------------------


def _without_price(caller: Caller) -> LimitReached | None:
    """Of what nobody knows what it costs, nobody knows whether a budget has room for it."""
    budget, estimate = caller.limits.budget, caller.estimate
    if budget is None or (estimate.amount is not None and _is_in(caller.limits, estimate)):
        return None
    why = f"this request should cost {estimate}, and the budget of {caller.key!r} is in "
    return LimitReached(f"{why}{caller.limits.currency}", limit="budget")


def _is_in(limits: Limits, estimate: Cost) -> bool:
    """Nothing is nothing in any currency."""
    return estimate.currency == limits.currency or estimate.amount == 0


def _refusal(connection: Connection, caller: Caller, now: int) -> ImagekitError:
    limits, key = caller.limits, caller.key
    found = TAKEN.one(connection, {"of": key})
    if found is None:
        return _no_key(key)
    row = _Key(*found)
    ahead = row.next if now <= row.next <= now + 2 * MINUTE else now
    step = _step_of(limits)
    if limits.rpm and (wait := ahead + step - now - _burst_of(limits)) > 0:
        seconds = wait / 1e6
        return LimitReached(
            f"the key {key!r} may make {limits.rpm} requests a minute; "
            f"the next one in {seconds:.1f} s",
            limit="rpm",
            retry_after=seconds,
        )
    return _beyond(caller, row, now)


def beyond_budget(connection: Connection, caller: Caller, now: int) -> ImagekitError | None:
    """Why the budget of its key has no room for a request, which counts nothing yet.

    Args:
        now: in microseconds since 1970, by the clock of the database.
    """
    limits = caller.limits
    if limits.budget is None:
        return None
    if unknown := _without_price(caller):
        return unknown
    found = TAKEN.one(connection, {"of": caller.key})
    if found is None:
        return _no_key(caller.key)
    row = _Key(*found)
    assert caller.estimate.amount is not None
    is_beyond = _spent_of(row, limits, now) + caller.estimate.amount > limits.budget
    return _beyond(caller, row, now) if is_beyond else None


def _no_key(key: str) -> UsageError:
    return UsageError(f"no key {key!r:.80} is in this store, so nothing counts its limits")


def _spent_of(row: _Key, limits: Limits, now: int) -> Decimal:
    """In this period."""
    return row.spent if row.period_began >= began(limits.period, now) else NOTHING


def _beyond(caller: Caller, row: _Key, now: int) -> LimitReached:
    limits, key = caller.limits, caller.key
    assert limits.budget is not None
    assert caller.estimate.amount is not None
    estimate = _shown(caller.estimate.amount)
    again = next_begins(limits.period, now)
    spent = _spent_of(row, limits, now)
    period = "in all" if again is None else f"a {limits.period}"
    return LimitReached(
        f"the key {key!r} may spend {_shown(limits.budget)} {limits.currency} {period}, of "
        f"which {_shown(spent)} are spent or set aside; this request should cost {estimate}",
        limit="budget",
        retry_after=None if again is None else (again - now) / 1e6,
    )


def _shown(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
