"""The money of a batch: a caller of the store, whose budget every process counts together.

Its row is among those of the keys, where budgets are counted, by a name that no key can have; and
nobody has its secret, for there is none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from secrets import token_hex

from attrs import evolve, frozen
from sqlalchemy import Connection, exists, func, insert, or_, select
from sqlalchemy.exc import IntegrityError

from imagekit import Charged, Cost, Plan, UsageError
from imagekit_store.keys import BATCHES
from imagekit_store.ledger.ledger import microseconds
from imagekit_store.limits.dearest_way import NoPrice, dearest
from imagekit_store.schema.states import RequestState, State
from imagekit_store.schema.tables import ATTEMPTS, KEYS, REQUESTS
from imagekit_store.store import Store
from imagekit_store.values.callers import MOST, Caller, Limits

__all__ = ["Account", "Asked", "key_of"]

A, K, R = ATTEMPTS.c, KEYS.c, REQUESTS.c
NOTHING = Decimal(0)


def key_of(batch: str) -> str:
    """For whom the requests of a batch are: its name as far as that can be read, and a digest."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", batch.rpartition("/")[2]).strip("-")[:40]
    return f"{BATCHES}{words}-{hashlib.sha256(batch.encode()).hexdigest()[:12]}"


@frozen
class Asked:
    """What the store has of a line.

    Attributes:
        id: of its request.
        digest: of what it asked for.
        is_free: whether nothing of it was charged.
    """

    id: str
    digest: str
    state: RequestState
    is_free: bool


@frozen
class Account:
    """
    Attributes:
        key: for whom its requests are.
        limits: its budget; beyond all that is counted where there is none.
        unknown_price: what a picture counts whose price nobody knows.
    """

    store: Store
    key: str
    limits: Limits
    unknown_price: Cost | None = None

    # --- its budget -------------------------------------------------------------------------

    @property
    def has_budget(self) -> bool:
        return self.limits.budget is not None and self.limits.budget < MOST

    def open(self) -> Account:
        """Write it down, if it is new. Without a budget it is counted in the currency that it has.

        Raises:
            UsageError: its money is counted in another currency than the budget's.
        """
        with suppress(IntegrityError):  # somebody else adds it at this moment
            self.store.write(self._add)
        currency = self._row()[1]
        if self.has_budget and currency != self.limits.currency:
            raise UsageError(
                f"the money of this batch is counted in {currency}, since it has begun so; "
                f"say its budget in {currency}"
            )
        return evolve(self, limits=evolve(self.limits, currency=currency))

    def _add(self, connection: Connection) -> None:
        if connection.scalar(select(K.name).where(K.name == self.key)) is not None:
            return
        row = {
            "name": self.key,
            "hash": f"none-{token_hex(32)}",
            "hint": "",
            "created": microseconds(),
            "settings": {},
            "budget": None,
            "currency": self.limits.currency,
            "period": "total",
            "period_began": 0,
            "spent": NOTHING,
            "next": 0,
        }
        connection.execute(insert(KEYS), row)

    def _row(self) -> tuple[Decimal, str]:
        named = select(K.spent, K.currency).where(K.name == self.key)
        row = self.store.read(lambda rows: rows.execute(named).one_or_none())
        return (NOTHING, self.limits.currency) if row is None else (row.spent, row.currency)

    @property
    def spent(self) -> Decimal:
        """What counts against its budget: spent, or set aside for what is under way."""
        return self._row()[0]

    def counted(self, plans: Sequence[Plan]) -> Cost:
        """What a request counts before its cost is known, which may go any of these ways. Where
        nobody knows, nothing, unless there is a budget.

        Raises:
            NoPrice: there is a budget, and nobody knows.
        """
        try:
            return dearest(plans, self.limits.currency, self.unknown_price)
        except NoPrice:
            if self.has_budget:
                raise
            return Cost(NOTHING, self.limits.currency)

    def caller(self, name: str, digest: str, estimate: Cost) -> Caller:
        """For whom a line is asked for."""
        return Caller(self.key, idem=name, digest=digest, limits=self.limits, estimate=estimate)

    # --- its requests -------------------------------------------------------------------------

    def asked(self, names: Iterable[str]) -> dict[str, Asked]:
        """What the store has of the lines of these names."""
        charged = exists().where(A.request == R.id, A.charged != Charged.NO)
        wanted = select(R.idem, R.id, R.digest, R.state, charged).where(
            R.key == self.key, R.idem.in_([*names])
        )
        rows = self.store.read(lambda connection: connection.execute(wanted).all())
        return {
            idem: Asked(id, digest, RequestState(state), not paid)
            for idem, id, digest, state, paid in rows
        }

    def states(self, ids: Iterable[str]) -> dict[str, RequestState]:
        """Where these requests stand."""
        wanted = select(R.id, R.state).where(R.id.in_([*ids]))
        rows = self.store.read(lambda connection: connection.execute(wanted).all())
        return {id: RequestState(state) for id, state in rows}

    def is_moving(self, ids: Iterable[str]) -> bool:
        """Whether a call of these requests is unknown, and being settled now or at once."""
        ledger = self.store.ledger
        moving = or_(A.holder.is_not(None), A.due <= ledger.now())
        some = select(A.id).where(A.request.in_([*ids]), A.state == State.UNKNOWN, moving)
        return self.store.read(lambda rows: rows.scalar(some.limit(1))) is not None

    def counts(self) -> Mapping[str, int]:
        """How many of its requests stand where; those that were asked anew count once."""
        wanted = select(R.state, func.count()).where(R.key == self.key, R.idem.is_not(None))
        rows = self.store.read(
            lambda connection: connection.execute(wanted.group_by(R.state)).all()
        )
        return dict(map(tuple, rows))
