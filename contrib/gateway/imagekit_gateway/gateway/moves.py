"""Requests that go on at another host, in the log: whoever has asked is told no more than whom."""

from __future__ import annotations

import json
import logging
from typing import Any

from imagekit import HostError, ImagekitError, events

__all__ = ["moved"]

audit = logging.getLogger("imagekit.gateway.audit")


def moved(event: events.Event) -> None:
    """An observer: a line of JSON for each host that failed, with the id of the request."""
    if isinstance(event, events.FailedOver) and audit.isEnabledFor(logging.INFO):
        told = {"id": event.call, "failed": event.route, "asked": event.to, **_why(event.error)}
        audit.info("%s", json.dumps(told))


def _why(error: ImagekitError) -> dict[str, Any]:
    """All that is known of it, but for words of a host, which may repeat the prompt."""
    told: dict[str, Any] = {"error": type(error).__name__}
    for name in ("status", "code", "request_id", "limit"):
        if value := getattr(error, name, None):
            told[name] = value if isinstance(value, int) else str(value)[:100]
    return told if isinstance(error, HostError) else {**told, "message": str(error)[:1000]}
