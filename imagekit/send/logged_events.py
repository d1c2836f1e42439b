"""Events as plain data for a log. Every field of every event is told, also of kinds that are
younger than this, as far as it is known what is in it: a value of another kind is left out."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import asdict, fields

from imagekit.errors import ImagekitError
from imagekit.events import Event, Failed, Finished, GivenBack, PartFinished
from imagekit.values import Charged, Cost, Failure, Image, Pending, Result, Usage
from imagekit.values.cost import exact

__all__ = ["Clock", "record_of"]

#: Calls that are followed at once; beyond that the oldest is given up, and has no ``seconds``.
MOST = 10_000
#: Characters of what somebody else may have made as long as they liked.
LONGEST = 300

_ENDS = (Finished, PartFinished, Failed, GivenBack)


class Clock:
    """How long calls take, from their first event to their last."""

    def __init__(self) -> None:
        self._began: OrderedDict[str, float] = OrderedDict()

    def seconds(self, event: Event) -> float | None:
        """Since the first event of its call, when this is the last; else None."""
        if isinstance(event, _ENDS):
            began = self._began.pop(event.call, None)
            return None if began is None else max(0.0, event.at - began)
        self._began.setdefault(event.call, event.at)
        while len(self._began) > MOST:
            self._began.popitem(last=False)
        return None


def record_of(event: Event, seconds: float | None = None) -> dict[str, Any]:
    """One event as a JSON object."""
    host, _, model = event.route.partition(":")
    return {
        "at": datetime.fromtimestamp(event.at, UTC).isoformat(timespec="milliseconds"),
        "event": _snake(type(event).__name__),
        "call": event.call,
        "host": host,
        "model": _short(model),
        **({"alias": _short(event.alias)} if event.alias else {}),
        "step": event.step,
        **_own_fields(event),
        **({} if seconds is None else {"seconds": round(seconds, 3)}),
    }


def _own_fields(event: Event) -> dict[str, Any]:
    """What this kind of event has beside what all have."""
    common = {attribute.name for attribute in fields(Event)}
    told: dict[str, Any] = {}
    for attribute in fields(type(event)):
        if attribute.name not in common:
            told |= _told(attribute.name, getattr(event, attribute.name))
    return told


def _told(name: str, value: Any) -> dict[str, Any]:
    """A field as it stands in a line; what has parts is told by these."""
    if value is None:
        return {}
    for kind, parts in _PARTS.items():
        if isinstance(value, kind):
            return {key: part for key, part in parts(value).items() if part not in (None, "")}
    if isinstance(value, bool | int | float):
        return {name: value}
    if isinstance(value, str):
        return {name: _short(value)}
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return {name: [_short(one) for one in value]}
    return {}


def _error(error: BaseException) -> dict[str, Any]:
    """Its class, and what is known of it but for words: a host's may repeat the prompt."""
    told: dict[str, Any] = {"error": type(error).__name__}
    if not isinstance(error, ImagekitError):
        return told
    told |= {"charged": str(error.charged), "retryable": error.retryable}
    for name in ("status", "code", "request_id", "retry_after", "limit"):
        told |= _told(name, getattr(error, name, None))
    result = getattr(error, "result", None)  # pictures that were made, and not stored
    made = _result(result) if isinstance(result, Result) else {}
    return made | told | (_pending(error.pending) if error.pending else {})


def _result(result: Result) -> dict[str, Any]:
    return {
        "charged": str(result.charged),
        **_cost(result.cost),
        "pictures": len(result.images),
        "failures": len(result.failures),
        **_told("request_id", result.request_id),
        **_told("served_model", result.served_model),
        **(_usage(result.usage) if result.usage else {}),
    }


def _cost(cost: Cost) -> dict[str, Any]:
    """Amounts as text, since they are exact; null where nobody knows, which is not 0."""
    amount = None if cost.amount is None else exact(cost.amount)
    known = {currency: exact(part) for currency, part in cost.known.items()}
    told = {"amount": amount, "currency": cost.currency, "by": cost.by or None}
    return {"cost": {**told, "unverified": cost.unverified, **({"known": known} if known else {})}}


def _usage(usage: Usage) -> dict[str, Any]:
    counted = asdict(usage, filter=lambda _, value: isinstance(value, int))
    return {"usage": counted} if counted else {}


def _image(image: Image) -> dict[str, Any]:
    """Nothing that would look at its bytes, which may be a link still: nor is that told."""
    return {"picture": image.index}


def _failure(failure: Failure) -> dict[str, Any]:
    error = failure.error.type if failure.error else None
    return {"picture": failure.index, "code": failure.code, "error": error}


def _pending(pending: Pending) -> dict[str, Any]:
    return {**_told("task", pending.task), "charged": str(pending.charged)}


#: Kinds of values -> what is told of one.
_PARTS: Mapping[type, Callable[[Any], dict[str, Any]]] = {
    BaseException: _error,
    Result: _result,
    Cost: _cost,
    Usage: _usage,
    Image: _image,
    Failure: _failure,
    Pending: _pending,
    Charged: lambda charged: {"charged": str(charged)},
}


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
