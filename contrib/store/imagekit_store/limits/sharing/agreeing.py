"""What all processes agree on, counted at the end of a transaction.

Group commit takes claims, releases and ends of calls together, so they are counted together as
well, in a few statements however many there are. Who counts holds a lock of the whole store from
there until the transaction ends: nobody else changes a sum meanwhile, and since it is the last
that a transaction takes, no two wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from attrs import define, field
from sqlalchemy import Connection, select, text

from imagekit import Claim, Cost, Full, UsageError
from imagekit_store.limits.counting import Call, worth
from imagekit_store.limits.sharing.budgets import Counted, Sums, counted
from imagekit_store.limits.sharing.places import Here, Places, free, renew
from imagekit_store.schema.states import State
from imagekit_store.schema.tables import ATTEMPTS

__all__ = ["Agreeing", "Asked"]

A = ATTEMPTS.c
#: A call that stands so is over, for whoever waits for it.
FINAL = (State.STORED, State.FAILED)
#: What one call can cost, as in `rows`.
BELIEVED = Decimal(10_000_000)
#: A lock of PostgreSQL's for whoever counts: any number that nobody else uses.
COUNTING = int.from_bytes(b"counting")


@define(eq=False)
class Asked:
    """A claim, and what it is told."""

    claim: Claim
    told: Full | UsageError | None = None


@define(eq=False)
class Agreeing:
    """What is to be counted at the end of a transaction.

    Attributes:
        renewed: calls whose places are held for another lease.
        released: and what they cost.
        ended: calls whose rows say by now what they cost.
    """

    claims: list[Asked] = field(factory=list, init=False)
    renewed: set[str] = field(factory=set, init=False)
    released: dict[str, Cost | None] = field(factory=dict, init=False)
    ended: list[str] = field(factory=list, init=False)

    def begin(self) -> None:
        """Of a transaction that was given up, nothing is to be counted in the next."""
        for one in (self.claims, self.renewed, self.released, self.ended):
            one.clear()

    def count(self, connection: Connection, here: Here, held: Collection[str]) -> set[str]:
        """Free what is released, let calls count what they cost; and then see for whom there is
        room.

        Args:
            held: the calls that hold a place of this process.

        Returns:
            those of them whose end is counted, and whose place is free.
        """
        if self._is_nothing(connection):
            return set()
        _lock(connection)
        if self.renewed:
            renew(connection, self.renewed, here)
        ends = self._ends(connection)
        over = {end.id for end in ends if end.state in FINAL and end.id in held}
        free(connection, [*self.released, *over], here)
        claims = [asked.claim for asked in self.claims]
        calls = {*self.released, *self.ended, *(claim.call for claim in claims)}
        spending = [one for claim in claims for one in claim.spending]
        sums = Sums.read(connection, calls, spending, here.now)
        self._settle(ends, sums)
        if claims:
            self._let_in(Places.read(connection, claims, here), sums, connection)
        sums.write(connection)
        return over

    def _is_nothing(self, connection: Connection) -> bool:
        """Mostly, where nobody has a budget: then nobody waits for a lock."""
        if self.claims or self.renewed or self.released:
            return False
        return not counted(connection, self.ended)

    def _let_in(self, places: Places, sums: Sums, connection: Connection) -> None:
        for asked in self.claims:
            asked.told = _told(asked.claim, places, sums)
        places.write(connection)

    def _ends(self, connection: Connection) -> Sequence[Any]:
        """What the rows of the calls say that have ended."""
        if not self.ended:
            return ()
        told = select(A.id, A.state, A.charged, A.cost, A.currency)
        return connection.execute(told.where(A.id.in_(self.ended))).all()

    def _settle(self, ends: Sequence[Any], sums: Sums) -> None:
        for call, cost in self.released.items():
            sums.settle(call, partial(_said, cost))
        for row in ends:
            sums.settle(row.id, partial(_written, row))


def _lock(connection: Connection) -> None:
    """In SQLite, one at a time writes anything."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": COUNTING})


def _told(claim: Claim, places: Places, sums: Sums) -> Full | UsageError | None:
    """Money is claimed under the id of a call by whoever goes on with it; a place by who sends it
    alone."""
    holder = places.holder(claim.call) if claim.host else None
    if holder == places.here.holder:
        return None
    if holder is not None:
        return UsageError(f"a call of the id {claim.call} is another process's to send")
    full = sums.full(claim.call, claim.spending) or places.full(claim)
    if full is None:
        if claim.host:
            places.take(claim)
        sums.take(claim.call, claim.spending)
    return full


def _said(cost: Cost | None, of: Counted) -> Decimal:
    """What a call counts that has cost so much; as before, where nobody knows it in this currency.
    Nothing is nothing in any."""
    amount = None if cost is None else cost.amount_in(of.currency)
    return of.counted if amount is None or amount > BELIEVED else amount


def _written(row: Any, of: Counted) -> Decimal:
    """What the row of a call says that it is worth."""
    return worth(Call(row.state, row.charged, row.cost, row.currency, of.amount), of.currency)
