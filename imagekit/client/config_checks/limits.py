"""What is wrong with limits and budgets."""

from __future__ import annotations

from collections.abc import Iterator

from imagekit.client.config_checks.common import meant
from imagekit.settings.config import BALANCES, Config
from imagekit.values import Cost, Problem
from imagekit.values.budget import Budget
from imagekit.values.plain.places import dotted

__all__ = ["limit_problems"]


def limit_problems(config: Config) -> Iterator[Problem]:
    """Everything about ``rpm``, ``at_once``, ``balance``, ``failover`` and money."""
    for place, budget in _budgets(config):
        yield from _budget(place, budget)
    for name, settings in config.hosts.items():
        for key in ("rpm", "at_once"):
            yield from _count(dotted(("hosts", name, key)), getattr(settings, key))
    yield from _price(config.unknown_price)
    for name, alias in config.models.items():
        failover: object = alias.failover
        if not (failover is None or isinstance(failover, bool)):
            place = dotted(("models", name, "failover"))
            yield Problem(place, "must be true or false, or left out", failover)
        if alias.balance is not None and alias.balance not in BALANCES:
            message = f"must be one of {', '.join(BALANCES)}{meant(alias.balance, BALANCES)}"
            yield Problem(dotted(("models", name, "balance")), message, alias.balance)


def _count(place: str, given: object) -> Iterator[Problem]:
    if given is not None and (type(given) is not int or given < 1):
        yield Problem(place, "must be a whole number from 1; leave it out for no limit", given)


def _budget(place: str, budget: object) -> Iterator[Problem]:
    """One of 0 is a budget: what is free fits into it."""
    if budget is not None and not isinstance(budget, Budget):
        yield Problem(place, 'must be a Budget, such as Budget.parse("20 USD/month")')


def _price(given: object) -> Iterator[Problem]:
    if given is None or (isinstance(given, Cost) and given.is_known and given.currency):
        return
    yield Problem("unknown_price", 'must be an amount with its currency: Cost("0.05", "USD")')


def _budgets(config: Config) -> Iterator[tuple[str, object]]:
    """Every budget, with its place."""
    yield "budget", config.budget
    yield from ((dotted(("hosts", n, "budget")), own.budget) for n, own in config.hosts.items())
    yield from ((dotted(("models", n, "budget")), own.budget) for n, own in config.models.items())
