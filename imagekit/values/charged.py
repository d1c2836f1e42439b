"""Whether something was paid for."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Charged"]


class Charged(StrEnum):
    """Was the request paid for?"""

    NO = "no"
    MAYBE = "maybe"
    YES = "yes"
