"""What has been spent of each budget in its period, and by which calls."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from attrs import field

from imagekit.basics.classes import define
from imagekit.sharing import BELIEVED, Claim, Full, Spending
from imagekit.values import Cost
from imagekit.values.budget import Budget
from imagekit.values.cost import EXACT

__all__ = ["Ledger"]

#: Calls that are over and may still be told a cost, such as jobs that somebody resumes.
MOST_OVER = 10_000

#: Name, currency and period: budgets that differ in their amounts alone are one sum.
_Sort: TypeAlias = tuple[str, str, str]


@define(eq=False)
class _Sum:
    """Of one period; when that is over, nobody asks for it any more."""

    began: float
    spent: Decimal = Decimal(0)


@define(eq=False)
class _Part:
    """What a call counts against one budget."""

    sort: _Sort
    began: float
    amount: Decimal


@define(eq=False)
class Ledger:
    """Exact sums, and for calls that are under way, or were lately, what they count in them."""

    _sums: dict[_Sort, _Sum] = field(factory=dict)
    _under_way: dict[str, list[_Part]] = field(factory=dict)
    _over: dict[str, list[_Part]] = field(factory=dict)

    def beyond(self, claim: Claim, now: float) -> Full | None:
        """Why a budget has no room for a call; None: they all have. What costs nothing has room."""
        for spending in claim.spending:
            spent = self._sum(spending, now).spent
            if not spending.fits(spent):
                return Full.of_budget(spending, spent, now)
        return None

    def spent(self, name: str, budget: Budget, now: float) -> Decimal:
        """What counts against a budget in its period."""
        found = self._sums.get((name, budget.currency, budget.period))
        if found is None or found.began < budget.began(now):
            return Decimal(0)
        return found.spent

    def count(self, claim: Claim, now: float) -> None:
        """What a call should cost counts from now on."""
        parts: list[_Part] = []
        for spending in claim.spending:
            period, amount = self._sum(spending, now), spending.amount
            period.spent = EXACT.add(period.spent, amount)
            parts.append(_Part(_sort(spending), period.began, amount))
        if parts:
            self._under_way[claim.call] = parts

    def settle(self, call: str, cost: Cost | None) -> None:
        """The call is over, and counts what it cost: the last that is known of what is said."""
        parts = self._under_way.pop(call, None)
        if parts is None:
            parts = self._over.get(call, [])
        elif len(self._over) >= MOST_OVER:
            self._over.pop(next(iter(self._over)))
        for part in parts:
            self._recount(part, _amount(cost, part))
        if parts:
            self._over[call] = parts

    def _recount(self, part: _Part, amount: Decimal) -> None:
        period = self._sums[part.sort]
        if period.began == part.began:  # else nobody asks for that period any more
            period.spent = EXACT.add(EXACT.subtract(period.spent, part.amount), amount)
        part.amount = amount

    def _sum(self, spending: Spending, now: float) -> _Sum:
        """Of the period that is now; where the clock was set back, of the later one."""
        sort, began = _sort(spending), spending.budget.began(now)
        found = self._sums.get(sort)
        if found is None or found.began < began:
            found = self._sums[sort] = _Sum(began)
        return found


def _sort(spending: Spending) -> _Sort:
    return spending.name, spending.budget.currency, spending.budget.period


def _amount(cost: Cost | None, part: _Part) -> Decimal:
    """What it cost in this budget's currency, of which nothing is nothing; what it counted before
    where nobody knows, or nobody believes it."""
    amount = None if cost is None else cost.amount_in(part.sort[1])
    return part.amount if amount is None or amount > BELIEVED else amount
