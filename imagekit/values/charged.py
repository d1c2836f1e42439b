"""Whether something was paid for."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

__all__ = ["Charged"]


class Charged(StrEnum):
    """Was the request paid for?"""

    NO = "no"
    MAYBE = "maybe"
    YES = "yes"

    @classmethod
    def dearest(cls, every: Iterable[Charged]) -> Charged:
        """Of several calls together: what is worst for who pays. ``NO`` of none."""
        order = (cls.NO, cls.MAYBE, cls.YES)
        return max(every, key=order.index, default=cls.NO)
