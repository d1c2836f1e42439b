"""What is spent of each budget in the period that is now."""

from __future__ import annotations

import time
from collections.abc import Iterator

from sqlalchemy import Connection, and_, or_, select

from imagekit import Budget, Check, Config
from imagekit_store.schema.tables import BUDGETS
from imagekit_store.values.callers import PERIODS

__all__ = ["spent"]

B = BUDGETS.c


def spent(connection: Connection, config: Config) -> Iterator[Check]:
    """Of those that calls have counted against; how much may be is told where it is configured."""
    most = config.budgets
    now = time.time()
    periods = {period: Budget(0, "USD", period) for period in PERIODS}
    current = (
        and_(B.period == period, B.began == int(one.began(now)) * 1_000_000)
        for period, one in periods.items()
    )
    rows = select(BUDGETS).where(or_(*current)).order_by(B.name, B.currency, B.period)
    for row in connection.execute(rows):
        budget = most.get(row.name)
        is_it = budget and (budget.currency, budget.period) == (row.currency, row.period)
        of = f" of {budget}" if is_it else ""
        found = f"{row.spent.normalize():f} {row.currency} {periods[row.period].when}{of}"
        yield Check("budgets", row.name, "ok", f"spent or promised: {found}")
