"""Pages of other origins that may ask: none, unless the configuration names them."""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.wrappers import Request, Response

__all__ = ["allow", "preflight"]

METHODS = "GET, POST, DELETE, OPTIONS"
#: Clients bring headers of their own; of all, this one alone has to be named.
HEADERS = "Authorization, *"
SHOWN = (
    "X-Request-Id, Location, Retry-After, x-should-retry, x-ratelimit-limit-requests, "
    "x-ratelimit-remaining-requests, Preference-Applied, Idempotent-Replayed, Imagekit-Record, "
    "Imagekit-Host, Imagekit-Charged, Imagekit-Cost, Imagekit-Dropped"
)


def allow(origins: Sequence[str], request: Request, response: Response) -> None:
    """Let the page read the answer, if it is of one of these origins."""
    origin = request.headers.get("Origin")
    response.headers.add("Vary", "Origin")
    if origin and (origin in origins or "*" in origins):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = SHOWN


def preflight(origins: Sequence[str], request: Request) -> Response:
    """The answer to OPTIONS. A page of no such origin reads nothing in it, and asks no more."""
    response = Response(status=204, headers={"Allow": METHODS})
    if origins:
        response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Allow-Headers"] = HEADERS
        response.headers["Access-Control-Max-Age"] = "600"
    return response
