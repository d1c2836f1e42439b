"""What a call counts against each of its budgets, before it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from imagekit.basics.classes import evolve
from imagekit.errors import LimitReached
from imagekit.plan.call import Call
from imagekit.plan.costs import estimate_of, most_pictures
from imagekit.settings.config import Config
from imagekit.sharing import Full, Spending
from imagekit.values import Cost
from imagekit.values.budget import Budget
from imagekit.values.cost import EXACT
from imagekit.values.plain.places import dotted

__all__ = ["no_room", "spending_of"]


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


def no_room(calls: Sequence[Call], config: Config, spent: Mapping[str, Decimal], now: float) -> str:
    """Why a budget would refuse these calls of one request; empty where all have room.

    Args:
        spent: what counts against each budget, by its name.
        now: in Unix seconds.
    """
    wanted: dict[str, Spending] = {}
    try:
        for one in (one for call in calls for one in spending_of(call, config)):
            before = wanted[one.name].amount if one.name in wanted else Decimal(0)
            wanted[one.name] = evolve(one, amount=EXACT.add(before, one.amount))
    except LimitReached as error:
        return error.message
    for name, one in wanted.items():
        if one.amount and EXACT.add(spent[name], one.amount) > one.budget.amount:
            return Full.of_budget(one, spent[name], now).why
    return ""


def _budgets(call: Call, config: Config) -> Iterator[tuple[str, Budget]]:
    """Those that a call counts against, by the names of their tables in the configuration."""
    every, models = config.budgets, (dotted(("models", name)) for name in call.aliases)
    for name in ("budget", "client", dotted(("hosts", call.route.host.name)), *models):
        if name in every:
            yield name, every[name]


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
