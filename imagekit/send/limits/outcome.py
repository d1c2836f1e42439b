"""What the end of a paid call means to those who share its host and its budgets."""

from __future__ import annotations

from imagekit.errors import (
    AuthenticationError,
    BillingError,
    HostUnavailable,
    ImagekitError,
    NotSent,
    RateLimited,
)
from imagekit.values import Charged, Cost, Pending, Result

__all__ = ["NOTHING", "cost_after", "rest_after"]

#: Nothing is nothing in any currency.
NOTHING = Cost(0)
#: Seconds for which a host is left alone: one that is in trouble, one whose key does not do, and
#: at most, whatever the host says itself.
TROUBLED, LOCKED, LONGEST = 30.0, 300.0, 3600.0


def cost_after(outcome: Result | Pending | BaseException) -> Cost | None:
    """What a call counts from now on; None: what it should have cost."""
    if isinstance(outcome, Result):
        return outcome.cost
    result = getattr(outcome, "result", None)
    if isinstance(result, Result):  # its pictures are here, and something went wrong after that
        return result.cost
    is_free = isinstance(outcome, ImagekitError) and outcome.charged is Charged.NO
    return NOTHING if is_free and getattr(outcome, "pending", None) is None else None


def rest_after(error: BaseException) -> float | None:
    """For how many seconds the host is to be left alone for it, if at all. That a key may not do
    this one thing says nothing of the others, nor a proxy's own 401 anything of keys."""
    asked: float | None = getattr(error, "retry_after", None)
    told = isinstance(error, ImagekitError) and error.charged is Charged.NO
    if isinstance(error, BillingError | AuthenticationError) and told:
        return LOCKED
    if isinstance(error, RateLimited) or (isinstance(error, HostUnavailable) and told):
        return TROUBLED if asked is None else min(asked, LONGEST)
    return TROUBLED if isinstance(error, NotSent) and error.retryable else None
