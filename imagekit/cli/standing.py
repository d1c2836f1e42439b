"""How ways, hosts and budgets stand now, for people."""

from __future__ import annotations

import time
from decimal import Decimal

from imagekit import Budget, Client, ImagekitError, Standing, Way
from imagekit.basics.classes import frozen
from imagekit.cli import output

__all__ = ["Spent", "answer", "rests", "spent", "why"]


@frozen
class Spent:
    """What counts against one budget in its period.

    Attributes:
        of: the name of its table in the configuration; ``budget`` is the one of all.
    """

    of: str
    budget: Budget
    amount: Decimal

    def __str__(self) -> str:
        key = self.of if self.of == "budget" else f"{self.of}.budget"
        return f"{key}: {self.budget.so_far(self.amount)} is spent or promised"


def answer(way: Way) -> str:
    """Whether a request would go this way now."""
    if way.is_asked:
        return "asked"
    return "no" if way.why_not or way.no_room else "could be"


def why(way: Way) -> str:
    """What keeps a request from going this way, or would be otherwise there."""
    told = (way.why_not, way.no_room, rests(way.standing), *way.changes)
    return "; ".join(filter(None, told))


def rests(standing: Standing) -> str:
    """Until when a host is left alone; empty where it is not."""
    if standing.on_trial:
        return "has rested, and is tried by one call first"
    if not standing.rests:
        return ""
    return f"rests until {time.strftime('%H:%M:%S', time.localtime(time.time() + standing.rests))}"


def spent(client: Client) -> list[Spent]:
    """What counts against each budget; nothing where nobody can say, which is told."""
    try:
        sums = client.spent()
    except ImagekitError as error:
        output.note(f"what is spent of budgets is not known: {error}")
        return []
    budgets = client.config.budgets
    return [Spent(name, budgets[name], amount) for name, amount in sums.items()]
