"""What stands on spans, in the words of OpenTelemetry's conventions for generative AI.

Nothing here can hold a secret: no key, no prompt, no path or query of an address, no message of an
error. What hosts say in words of their own is cut short.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias
from urllib.parse import urlsplit

from imagekit import Cost, ImagekitError, Pending, Result, Usage
from imagekit.events import Event, Failed, PictureFailed, Retrying, Sending, Split, Waiting

__all__ = ["Attributes", "begun", "exchanged", "given_back", "made", "paid", "trouble"]

Attributes: TypeAlias = Mapping[str, str | int | float | bool]

#: One of the conventions' own words; no other fits pictures.
OPERATION = "generate_content"
#: Hosts for which the conventions have a name of their own.
PROVIDERS = {"gemini": "gcp.gemini"}
#: Characters of a host's own words.
LONGEST = 200
PORTS = {"http": 80, "https": 443}


def begun(event: Event) -> Attributes:
    """Of a call whose first event this is."""
    host, _, model = event.route.partition(":")
    return {
        "gen_ai.operation.name": OPERATION,
        "gen_ai.provider.name": PROVIDERS.get(host, host),
        "gen_ai.request.model": model,
        "gen_ai.output.type": "image",
        "imagekit.call": event.call,
        **({"imagekit.calls": len(event.calls)} if isinstance(event, Split) else {}),
        **_server(_address(event)),
    }


def exchanged(event: Sending) -> Attributes:
    """Of one request over HTTP."""
    return {"http.request.method": event.method, **_server(event.url)}


def made(result: Result) -> Attributes:
    """Of what came of a call."""
    usage = result.usage or Usage()
    return {
        **_known("gen_ai.response.model", result.served_model),
        **_known("gen_ai.response.id", result.request_id),
        **_known("gen_ai.usage.input_tokens", usage.input_tokens),
        **_known("gen_ai.usage.output_tokens", usage.output_tokens),
        "imagekit.pictures": len(result.images),
        "imagekit.failures": len(result.failures),
        "imagekit.charged": str(result.charged),
        **paid(result.cost),
    }


def paid(cost: Cost) -> Attributes:
    """What a call has cost; nothing where that is not known."""
    if cost.amount is None:
        return {}
    return {
        "imagekit.cost": float(cost.amount),
        **_known("imagekit.cost.currency", cost.currency),
        **_known("imagekit.cost.by", cost.by),
        "imagekit.cost.unverified": cost.unverified,
    }


def given_back(pending: Pending) -> Attributes:
    """Of a call that goes on as a job."""
    return {
        "imagekit.given_back": True,
        "imagekit.charged": str(pending.charged),
        **_known("imagekit.task", pending.task),
    }


def trouble(event: Event) -> Attributes:
    """Of what went wrong: its class, and whether it was paid for all the same."""
    if isinstance(event, PictureFailed):
        return {"error.type": event.failure.error.type if event.failure.error else "_OTHER"}
    if not isinstance(event, Failed | Retrying):
        return {"error.type": "_OTHER"}
    error = event.error
    result = getattr(error, "result", None)  # pictures that were made, and not stored
    return {
        "error.type": type(error).__name__,
        **(made(result) if isinstance(result, Result) else {}),
        **({"imagekit.charged": str(error.charged)} if isinstance(error, ImagekitError) else {}),
    }


def _address(event: Event) -> str:
    if isinstance(event, Waiting):
        return event.pending.request.url
    return event.url if isinstance(event, Sending) else ""


def _server(url: str) -> Attributes:
    """Whom an address leads to, and nothing else of it: a path may be as secret as a query."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return {}
    return {**_known("server.address", host), **_known("server.port", port if host else None)}


def _known(name: str, value: str | int | None) -> Attributes:
    if value is None or value == "":
        return {}
    return {name: value[:LONGEST] if isinstance(value, str) else value}
