"""What may be spent by this process, claimed before anything is sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from attrs import define, field

from imagekit import Budget, Charged, Cost, ImagekitError, LimitReached, Plan, Result

__all__ = ["Purse"]

FREE = Cost(Decimal(0))


@define
class Purse:
    """A budget, and what has been claimed of it. Thread-safe.

    Attributes:
        budget: None: only what costs nothing may be made.
    """

    budget: Budget | None
    _spent: dict[float, Decimal] = field(factory=dict, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    @property
    def left(self) -> str | None:
        """What may still be spent; None where there is no budget."""
        return f"{self._left():f} {self.budget.currency}" if self.budget else None

    @contextmanager
    def paying(self, plan: Plan) -> Iterator[list[Result]]:
        """What the plan should cost is claimed meanwhile. What the result costs, that is put in
        the list, counts in its place afterwards; nothing does when nothing was charged.

        Raises:
            LimitReached: there is not enough left, or nobody knows what it costs.
        """
        # One with problems is refused, and the caller hears why: it costs nothing.
        period, amount = self._claim(FREE if plan.problems else plan.estimate)
        made: list[Result] = []
        spent = amount
        try:
            yield made
            spent = self._counted(made[0].cost, amount) if made else amount
        except ImagekitError as error:
            spent = Decimal(0) if error.charged is Charged.NO else amount
            raise
        finally:
            with self._lock:
                self._spent[period] += spent - amount

    def _claim(self, estimate: Cost) -> tuple[float, Decimal]:
        if estimate.is_known and not estimate.amount:
            return self._claimed(Decimal(0))
        if self.budget is None:
            raise _refused("without a budget only what is free is made: sandbox:MODEL")
        if estimate.amount is None or estimate.currency != self.budget.currency:
            raise _refused(f"it costs {estimate}, which can't be counted in {self.budget.currency}")
        with self._lock:
            if estimate.amount > self._left():
                raise _refused(f"it costs {estimate}, and of {self.budget} {self.left} is left")
            return self._claimed(estimate.amount)

    def _claimed(self, amount: Decimal) -> tuple[float, Decimal]:
        period = self.budget.began(time.time()) if self.budget else 0.0
        self._spent[period] = self._spent.get(period, Decimal(0)) + amount
        return period, amount

    def _counted(self, cost: Cost, amount: Decimal) -> Decimal:
        known = cost.amount if self.budget and cost.currency == self.budget.currency else None
        return amount if known is None else known

    def _left(self) -> Decimal:
        assert self.budget is not None
        spent = self._spent.get(self.budget.began(time.time()), Decimal(0))
        return max(self.budget.amount - spent, Decimal(0))


def _refused(why: str) -> LimitReached:
    return LimitReached(f"nothing was sent: {why}", limit="budget")
