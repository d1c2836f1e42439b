"""The sums of budgets, as one transaction changes them: read once, and written once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import asdict, define, evolve, field, frozen
from sqlalchemy import Connection, and_, bindparam, delete, exists, or_, select

from imagekit import Budget, Full, Spending
from imagekit_store.schema.prepared import Prepared, in_words_of_each
from imagekit_store.schema.statements import in_states
from imagekit_store.schema.states import OPEN
from imagekit_store.schema.tables import ATTEMPTS, BUDGETS, SPENDINGS

__all__ = ["Counted", "Sums", "clear", "counted", "leave", "spent"]

A, B, S = ATTEMPTS.c, BUDGETS.c, SPENDINGS.c
NOTHING = Decimal(0)
#: Databases count billionths, with room for sums: what is more than this is never spent.
MOST = Decimal(4_000_000_000)

#: What names a sum: the budget, its currency and period, and when that began.
Sum = tuple[str, str, str, int]


@frozen
class Counted:
    """What a call counts against a budget, as its row has it.

    Attributes:
        amount: what it should cost.
        counted: that, until it is known what it did cost.
        claimed: when, in microseconds.
        released: whether the call is over: claimed again, it counts once more.
    """

    call: str
    budget: str
    currency: str
    period: str
    began: int
    amount: Decimal
    counted: Decimal
    claimed: int
    released: bool = False

    @property
    def sum(self) -> Sum:
        return self.budget, self.currency, self.period, self.began


def _added(insert: Any) -> Any:
    new = insert(BUDGETS)
    return new.on_conflict_do_update(
        index_elements=[*BUDGETS.primary_key], set_={"spent": B.spent + new.excluded.spent}
    )


def _replaced(insert: Any) -> Any:
    new = insert(SPENDINGS)
    key = [*SPENDINGS.primary_key]
    others = {one.name: new.excluded[one.name] for one in S if one not in key}
    return new.on_conflict_do_update(index_elements=key, set_=others)


ADD, REPLACE = in_words_of_each(_added), in_words_of_each(_replaced)
REMOVE = Prepared(delete(SPENDINGS).where(S.call == bindparam("of"), S.budget == bindparam("name")))
LEAVE = Prepared(delete(SPENDINGS).where(S.call == bindparam("of"), S.released))


def counted(connection: Connection, calls: Collection[str]) -> list[Counted]:
    """What these calls count."""
    if not calls:
        return []
    rows = connection.execute(select(SPENDINGS).where(S.call.in_(calls)))
    return [Counted(**row._mapping) for row in rows]


def leave(connection: Connection, call: str) -> None:
    """A call that was over is sent anew, perhaps elsewhere: what it has counted so far stays as it
    is, whatever it costs now."""
    LEAVE.count(connection, {"of": call})


def spent(connection: Connection, budgets: Mapping[str, Budget], now: int) -> dict[str, Decimal]:
    """What counts against each of these budgets, by its name, now in microseconds."""
    sums = {name: _sum(name, budget, now) for name, budget in budgets.items()}
    known = _spent(connection, sums.values())
    return {name: known.get(one, NOTHING).normalize() for name, one in sums.items()}


def clear(connection: Connection, before: int, most: int) -> int:
    """Remove what calls count that were claimed before that moment and have ended, at most of so
    many; the sums stay. Gives how many there were."""
    is_open = exists().where(A.id == S.call, in_states(OPEN))
    old = select(S.call).where(S.claimed < before, ~is_open).order_by(S.claimed).limit(most)
    return connection.execute(delete(SPENDINGS).where(S.call.in_(old))).rowcount


@define(eq=False)
class Sums:
    """What calls count, and what is spent of budgets, while nobody else changes that.

    Attributes:
        now: in microseconds since 1970.
    """

    now: int
    _counted: dict[tuple[str, str], Counted]
    _spent: dict[Sum, Decimal]
    _changed: dict[tuple[str, str], Counted] = field(factory=dict, init=False)
    _more: dict[Sum, Decimal] = field(factory=lambda: defaultdict(Decimal), init=False)
    _left: set[tuple[str, str]] = field(factory=set, init=False)

    @classmethod
    def read(
        cls, connection: Connection, calls: Collection[str], spending: Iterable[Spending], now: int
    ) -> Sums:
        """Those that these calls count in, and that these claims would."""
        sums = {_sum(one.name, one.budget, now) for one in spending}
        known = {(one.call, one.budget): one for one in counted(connection, calls)}
        return cls(now, known, _spent(connection, sums))

    def settle(self, call: str, worth: Callable[[Counted], Decimal]) -> None:
        """A call is over, and counts what it is worth."""
        for (of, _), one in list(self._counted.items()):
            if of == call:
                self._count(evolve(one, released=True), worth(one))

    def full(self, call: str, spending: Iterable[Spending]) -> Full | None:
        """Why a budget has no room for a call."""
        for one in spending:
            if not self._is_claimed(call, one) and (why := self._beyond(one)):
                return why
        return None

    def take(self, call: str, spending: Sequence[Spending]) -> None:
        if spending:
            self._leave(call, {one.name for one in spending})
        for one in spending:
            if not self._is_claimed(call, one):
                of = _sum(one.name, one.budget, self.now)
                self._count(Counted(call, *of, one.amount, NOTHING, self.now), one.amount)

    def _leave(self, call: str, budgets: Collection[str]) -> None:
        """Those that it counted against before it was claimed anew, elsewhere: what it costs now
        is nothing to them."""
        for which, one in list(self._counted.items()):
            if one.call == call and one.budget not in budgets:
                if not one.released:
                    self._count(one, NOTHING)
                del self._counted[which]
                self._changed.pop(which, None)
                self._left.add(which)

    def write(self, connection: Connection) -> None:
        REMOVE.many(connection, [{"of": call, "name": name} for call, name in self._left])
        REPLACE.many(connection, [asdict(one) for one in self._changed.values()])
        more = [(*of, amount) for of, amount in self._more.items() if amount]
        ADD.many(connection, [dict(zip(B.keys(), one, strict=True)) for one in more])

    def _is_claimed(self, call: str, spending: Spending) -> bool:
        """By whoever was killed before it was over: that counts already."""
        known = self._counted.get((call, spending.name))
        return known is not None and not known.released

    def _count(self, one: Counted, worth: Decimal) -> None:
        which = one.call, one.budget
        self._more[one.sum] += worth - one.counted
        self._counted[which] = self._changed[which] = evolve(one, counted=worth)

    def _beyond(self, spending: Spending) -> Full | None:
        """What costs nothing has room."""
        of = _sum(spending.name, spending.budget, self.now)
        spent = self._spent.get(of, NOTHING) + self._more[of]
        most = min(spending.budget.amount, MOST)
        if not spending.amount or spent + spending.amount <= most:
            return None
        return Full.of_budget(spending, spent.normalize(), self.now / 1e6)


def _sum(name: str, budget: Budget, now: int) -> Sum:
    began = int(budget.began(now / 1e6)) * 1_000_000
    return name, budget.currency, budget.period, began


def _spent(connection: Connection, sums: Collection[Sum]) -> dict[Sum, Decimal]:
    if not sums:
        return {}
    wanted = (
        and_(B.name == name, B.currency == currency, B.period == period, B.began == began)
        for name, currency, period, began in sums
    )
    rows = connection.execute(select(BUDGETS).where(or_(*wanted)))
    return {(row.name, row.currency, row.period, row.began): row.spent for row in rows}
