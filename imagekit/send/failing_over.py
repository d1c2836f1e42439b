"""When a request that has failed at one host may be made at the next."""

from __future__ import annotations

from imagekit.errors import (
    AuthenticationError,
    BillingError,
    HostUnavailable,
    ImagekitError,
    LimitReached,
    MissingCredential,
    ModelUnavailable,
    NotSent,
    PermissionDenied,
    RateLimited,
)
from imagekit.values import Charged

__all__ = ["may_fail_over", "why_it_stays"]

#: What is about the host, or about a key there, and not about the request. A request that was
#: refused for what it is, above all for its content, is no other host's to judge.
_THE_HOSTS_OWN = (
    AuthenticationError,
    BillingError,
    HostUnavailable,
    LimitReached,
    MissingCredential,
    ModelUnavailable,
    NotSent,
    PermissionDenied,
    RateLimited,
)


def may_fail_over(error: BaseException) -> bool:
    """Whether the same request may be made at another host after this: it was certainly free, no
    job of it is there, and what went wrong is its host's own."""
    return not why_it_stays(error)


def why_it_stays(error: BaseException) -> str:
    """Why no other host is asked after this error, in words; empty where one may be."""
    if not isinstance(error, ImagekitError):
        return "the call was broken off"
    for one in (error, *error.others):
        if one.charged is not Charged.NO:
            return "it may have been charged" if one.charged is Charged.MAYBE else "it was charged"
        if one.pending is not None:
            return "its job goes on"
        if not isinstance(one, _THE_HOSTS_OWN):
            return f"{type(one).__name__} is about the request, and not about the host"
    return ""
