"""How hosts and budgets stand at one moment: read, and nothing taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from attrs import field

from imagekit.basics.classes import frozen
from imagekit.plan.call import Call
from imagekit.send.limits.spending import Budgets
from imagekit.sharing import Standing

__all__ = ["Outlook"]


@frozen(eq=False)
class Outlook:
    """
    Attributes:
        hosts: in the order in which they would be asked.
        now: in Unix seconds.
        spent: what counts against each budget, by its name.
    """

    hosts: tuple[str, ...]
    now: float
    standing: Mapping[str, Standing] = field(factory=dict)
    spent: Mapping[str, Decimal] = field(factory=dict)
    _budgets: Budgets = field(factory=Budgets)

    def no_room(self, calls: Sequence[Call]) -> str:
        """Why a budget would refuse these calls of one request; empty where none would."""
        return self._budgets.no_room(calls, self.spent, self.now)
