"""What HTTP itself says with a status: which kind of error it is, and nothing of money.

A status may be that of a proxy on the way, long after the host has done its work. So what it
was, and whether sending again is free, only the host's own envelope says: see `ErrorRow`.
Source: RFC 9110 (2022-06), section 15: a status that one does not know counts as the first of
its hundred; RFC 8470 (425), RFC 6585 (429); 499 and 520 to 530 are what proxies in wide use add.
"""

from __future__ import annotations

from imagekit import errors
from imagekit.errors import HostError

__all__ = ["error_of", "is_status"]

_KNOWN: dict[int, type[HostError]] = {
    401: errors.AuthenticationError,
    402: errors.BillingError,
    403: errors.PermissionDenied,
    404: errors.ModelUnavailable,
    # Somebody on the way did not get to the end of it: the request itself is fine.
    408: errors.HostUnavailable,
    410: errors.ModelUnavailable,
    425: errors.HostUnavailable,
    429: errors.RateLimited,
    499: errors.HostUnavailable,
}
#: By their first digit; a redirect is not followed, so the request went to the wrong address.
_HUNDREDS: dict[int, type[HostError]] = {
    3: errors.RejectedRequest,
    4: errors.RejectedRequest,
    5: errors.HostUnavailable,
}


def error_of(status: int, code: str | None = None) -> type[HostError]:
    """The kind of error that a refusal is.

    Args:
        code: of the envelope; inside an HTTP 200 some hosts write the status there.
    """
    if status < 300 and is_status(code):
        status = int(code or 0)
    return _KNOWN.get(status) or _HUNDREDS.get(status // 100, HostError)


def is_status(code: str | None) -> bool:
    """Whether a code is no more than an HTTP status of a refusal."""
    return code is not None and code.isdecimal() and 300 <= int(code) < 600
