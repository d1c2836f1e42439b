"""``{error: {code, message, status, details: [...]}}``: a refusal in Google's envelope.

``details`` are messages of google.rpc (https://google.aip.dev/193, 2026-11-21). The HTTP
status says little here: a wrong key is a 400, and a 429 may be over in seconds or last a day.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit import HostError
from imagekit.wires import Refusal, error_in, refuse
from imagekit_nano_banana.messages import Object, objects, read, text

if TYPE_CHECKING:
    from imagekit import Call, Response

__all__ = ["refused"]

#: A duration in JSON (https://protobuf.dev/programming-guides/json, 2026-11-21): ``34.4s``.
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)s")


def refused(call: Call, response: Response, document: Object) -> HostError:
    """The error for it, by the host's table: see `_words` for what that can match."""
    error = error_in(document)
    if not isinstance(error, dict):
        said = text(document, "message") or str(error or "no reason given")
        return refuse(call, response, Refusal(said, own=False))
    message = str(error.get("message") or "no reason given")
    code, kind = _words(error)
    return refuse(call, response, Refusal(message, code, kind, retry_after=_delay(error)))


def _words(error: Object) -> tuple[str | None, str | None]:
    """Two words: the reason of an ``ErrorInfo`` (``API_KEY_INVALID``), or without one the
    status; and the status (``RESOURCE_EXHAUSTED``), as ``RESOURCE_EXHAUSTED.PerDay`` when
    the quota that is used up is one of a day.
    """
    status = text(error, "status")
    reasons = (text(one, "reason") for one in _details(error, "ErrorInfo"))
    code = next(filter(None, reasons), status)
    return code, f"{status}.PerDay" if _is_for_the_day(error) else status


def _is_for_the_day(error: Object) -> bool:
    """Of several quotas that are used up, the longest counts."""
    violations = [
        one for failure in _details(error, "QuotaFailure") for one in objects(failure, "violations")
    ]
    return any("PerDay" in str(read(one, "quotaId")) for one in violations)


def _delay(error: Object) -> float | None:
    """How long to wait; no ``Retry-After`` header has been seen."""
    for one in _details(error, "RetryInfo"):
        found = _SECONDS.fullmatch(str(read(one, "retryDelay")))
        if found:
            return float(found[1])
    return None


def _details(error: Object, kind: str) -> list[Object]:
    return [
        one for one in objects(error, "details") if str(one.get("@type")).endswith(f".rpc.{kind}")
    ]
