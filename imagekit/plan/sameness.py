"""Whether a request is the very same on another route: what failover and sharing out rest on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from imagekit.plan.call import Call
from imagekit.plan.routes.route import Route
from imagekit.values.reference import PICTURES

__all__ = ["differences"]

#: Of a request that is several calls these differ from call to call.
_SHARED_OUT = ("n", "seed")
#: Which way it is carried is no part of what was asked.
_CARRIAGE = ("model", "stream", "response_format")


def differences(calls: Sequence[Call], others: Sequence[Call]) -> Iterator[str]:
    """What would be another request on the route of ``others``, in words; nothing where it is the
    very same: parameters, pictures, sizes, seeds, numbers, and the caller's own fields.

    Both are ready to be sent, after every plugin has had its say.
    """
    first, other = calls[0], others[0]
    values, theirs = _values(first), _values(other)
    for name in dict.fromkeys((*values, *theirs)):
        if values.get(name) != theirs.get(name):
            yield _changed(name, values.get(name), theirs.get(name))
    if first.native and _kind(first.route) != _kind(other.route):
        fields = ", ".join(first.native)
        yield f"the native fields {fields} are words of {_kind(first.route)} alone"
    if None not in (first.pixels, other.pixels) and first.pixels != other.pixels:
        yield _changed("size", _pixels(first), _pixels(other))
    if _number(calls) != _number(others):
        yield _changed("n", _number(calls), _number(others))
    elif _seeds(calls) != _seeds(others):
        yield "the seed would count on from call to call otherwise"


def _changed(name: str, value: Any, other: Any) -> str:
    if other is None:
        return f"{name} would be left out"
    if value is None:
        return f"{name}={other!r:.60} would be added"
    if name in PICTURES:
        return f"{name} would be changed to fit"
    return f"{name} would be {other!r:.60} in place of {value!r:.60}"


def _values(call: Call) -> Mapping[str, Any]:
    left_out = (*_CARRIAGE, *_SHARED_OUT, call.route.offer.name_field)
    return {name: value for name, value in call.values.items() if name not in left_out}


def _kind(route: Route) -> str:
    """The host whose instance it is: that has the same words."""
    return route.host.kind or route.host.name


def _pixels(call: Call) -> str:
    width, height = call.pixels or (0, 0)
    return f"{width}x{height}"


def _number(calls: Sequence[Call]) -> int:
    return sum(int(call.values.get("n") or 1) for call in calls)


def _seeds(calls: Sequence[Call]) -> list[tuple[Any, Any]] | None:
    """Of each call its seed and how many pictures it makes of that; None where nobody cares."""
    if "seed" not in calls[0].values:
        return None
    return [(call.values.get("seed"), call.values.get("n") or 1) for call in calls]
