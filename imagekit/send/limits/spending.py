"""What a call counts against each of its budgets, before it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from imagekit.errors import LimitReached
from imagekit.plan.call import Call
from imagekit.plan.costs import estimate_of, most_pictures
from imagekit.settings.config import Config, HostSettings
from imagekit.sharing import Spending
from imagekit.values import Cost
from imagekit.values.budget import Budget
from imagekit.values.plain.places import dotted

__all__ = ["spending_of"]


def spending_of(call: Call, config: Config) -> tuple[Spending, ...]:
    """
    Raises:
        LimitReached: a budget counts it, and nobody knows what it costs.
    """
    budgets = list(_budgets(call, config)) if call.route.host.real else []
    if not budgets:
        return ()
    cost = estimate_of(call)
    return tuple(
        Spending(name, budget, _amount(call, cost, name, budget, config.unknown_price))
        for name, budget in budgets
    )


def _budgets(call: Call, config: Config) -> Iterator[tuple[str, Budget]]:
    """Those that a call counts against, by the names of their tables in the configuration."""
    if config.budget is not None:
        yield "budget", config.budget
    host = call.route.host.name
    own = config.hosts.get(host, HostSettings()).budget
    if own is not None:
        yield dotted(("hosts", host)), own
    for name in call.aliases:
        alias = config.models.get(name)
        if alias is not None and alias.budget is not None:
            yield dotted(("models", name)), alias.budget


def _amount(
    call: Call, cost: Cost, name: str, budget: Budget, unknown_price: Cost | None
) -> Decimal:
    if cost.amount is not None and (not cost.amount or cost.currency == budget.currency):
        return cost.amount
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
