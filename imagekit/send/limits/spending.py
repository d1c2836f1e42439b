"""What a call counts against each of its budgets, before it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from attrs import field

from imagekit.basics.classes import evolve, frozen
from imagekit.errors import LimitReached
from imagekit.plan.call import Call
from imagekit.plan.costs import estimate_of, most_pictures
from imagekit.settings.config import Config
from imagekit.sharing import Full, Spending
from imagekit.values import Cost
from imagekit.values.budget import Budget
from imagekit.values.cost import EXACT
from imagekit.values.plain.places import dotted

__all__ = ["Budgets"]


@frozen(eq=False)
class Budgets:
    """Those that calls count against.

    Attributes:
        named: each by its name.
        unknown_price: what a picture counts of which nobody knows the price.
    """

    named: Mapping[str, Budget] = field(factory=dict)
    unknown_price: Cost | None = None

    @classmethod
    def of(cls, config: Config) -> Budgets:
        return cls(config.budgets, config.unknown_price)

    def spending(self, call: Call) -> tuple[Spending, ...]:
        """What a call counts against each of its own.

        Raises:
            LimitReached: one counts it, and nobody knows what it costs.
        """
        budgets = [*self._counting(call)] if self.named and call.route.host.real else []
        if not budgets:
            return ()
        cost = estimate_of(call)
        return tuple(
            Spending(name, one, _amount(call, cost, name, one, self.unknown_price))
            for name, one in budgets
        )

    def no_room(self, calls: Sequence[Call], spent: Mapping[str, Decimal], now: float) -> str:
        """Why these calls of one request would be refused; empty where all have room.

        Args:
            spent: what counts against each budget, by its name.
            now: in Unix seconds.
        """
        wanted: dict[str, Spending] = {}
        try:
            for one in (one for call in calls for one in self.spending(call)):
                before = wanted[one.name].amount if one.name in wanted else Decimal(0)
                wanted[one.name] = evolve(one, amount=EXACT.add(before, one.amount))
        except LimitReached as error:
            return error.message
        for name, one in wanted.items():
            if not one.fits(spent[name]):
                return Full.of_budget(one, spent[name], now).why
        return ""

    def _counting(self, call: Call) -> Iterator[tuple[str, Budget]]:
        models = (dotted(("models", name)) for name in call.aliases)
        for name in ("budget", "client", dotted(("hosts", call.route.host.name)), *models):
            if name in self.named:
                yield name, self.named[name]


def _amount(
    call: Call, cost: Cost, name: str, budget: Budget, unknown_price: Cost | None
) -> Decimal:
    if (amount := cost.amount_in(budget.currency)) is not None:
        return amount
    if unknown_price is None or unknown_price.currency != budget.currency:
        raise _no_price(call, cost, name, budget)
    assert unknown_price.amount is not None, "checked with the configuration"
    return unknown_price.amount * most_pictures(call)


def _no_price(call: Call, cost: Cost, name: str, budget: Budget) -> LimitReached:
    key = "budget" if name == "budget" else f"{name}.budget"
    known = f"it should cost {cost}" if cost.is_known else f"its price is {cost}"
    return LimitReached(
        f'{call.route.name} counts against {key} = "{budget}", and {known}; say what a picture '
        f'counts then, in {budget.currency}: unknown_price = "0.05 {budget.currency}"',
        limit="budget",
    )
