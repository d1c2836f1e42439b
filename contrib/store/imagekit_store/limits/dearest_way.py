"""What a request counts against a budget before its cost is known: of all ways that it may go, the
one that costs most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from imagekit import Client, Cost, Plan, UsageError

__all__ = ["NoPrice", "dearest", "plans_of"]


class NoPrice(UsageError):
    """A budget counts a request, and nobody says in its currency what that costs."""


def plans_of(client: Client, asked: Mapping[str, Any]) -> Sequence[Plan]:
    """What would be sent on each way that a request may go, first on the one that it would go now.
    Of a request that can go none of them, the plan that says what is wrong with it.

    Args:
        asked: ``prompt``, ``model`` and parameters, as `imagekit.Client.generate` takes them.

    Raises:
        ImagekitError: as of `imagekit.Client.plan`.
    """
    plans: Sequence[Plan] = ()
    if len(client.routes(asked["model"])) > 1:
        plans = [way.plan for way in client.ways(**asked) if way.may_be_taken and way.plan]
    return plans or [client.plan(**asked)]


def dearest(plans: Sequence[Plan], currency: str, unknown_price: Cost | None) -> Cost:
    """What counts of these plans, of which one will be carried out.

    Args:
        currency: of the budget.
        unknown_price: what a picture counts of which nobody knows the price; None: it is refused.

    Raises:
        NoPrice: nobody knows what one of them costs, or it costs another currency, and
            ``unknown_price`` says nothing in this one.
    """
    return Cost(max(_counted(plan, currency, unknown_price) for plan in plans), currency)


def _counted(plan: Plan, currency: str, unknown_price: Cost | None) -> Decimal:
    if (amount := plan.estimate.amount_in(currency)) is not None:
        return amount
    if unknown_price and unknown_price.currency == currency and unknown_price.amount is not None:
        return unknown_price.amount * plan.most_pictures
    name = f"{plan.host}:{plan.model}"
    told = f"nobody knows what {name} costs"
    if plan.estimate.is_known:
        told = f"{name} costs {plan.estimate.currency or 'a currency that nobody names'}"
    raise NoPrice(f"{told}, and the budget is in {currency}")
