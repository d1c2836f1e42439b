"""Whom a worker asks, and whom after a call that was certainly free."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Row

from imagekit import Client, Plan, Way

__all__ = ["first_plan", "next_host"]


def first_plan(client: Client, asked: Mapping[str, Any], id: str) -> tuple[Plan, Plan]:
    """What is sent of a request that nobody has begun: to the host that a client would ask now, by
    who rests, who is busy, and which budget has room; and what would be if nothing of it counted.

    Raises:
        ImagekitError: it can't be sent.
    """
    meant = client.plan(**asked, id=id)
    ways = _ways(client, asked) if client.config.shares_anything else ()
    plans = (way.plan for way in ways if way.plan and _shares(way.plan) == _shares(meant))
    return next(plans, meant), meant


def next_host(
    client: Client, asked: Mapping[str, Any], row: Row[Any], host: str, model: str
) -> tuple[str, str] | None:
    """Who is asked after this host, and what for: the next that takes the very same request, in
    the same paid calls, and has not been asked. None where that is nobody.

    Args:
        row: of the call, which says of those before.
    """
    ways = _ways(client, asked)
    here = next((way for way in ways if (way.host, way.model) == (host, model)), None)
    if here is None or not here.fails_over:
        return None
    before = {(host, model), *_asked_before(row.evidence)}
    others = (way for way in ways if (way.host, way.model) not in before)
    alike = (way for way in others if _shares(way.plan) == _shares(here.plan))
    return next(((way.host, way.model) for way in alike), None)


def _ways(client: Client, asked: Mapping[str, Any]) -> list[Way]:
    """Those that the request may take, each of which has an address; who would be asked now comes
    first."""
    ways = client.ways(**asked)
    return [way for way in ways if way.takes_it and way.may_be_taken and way.address]


def _asked_before(evidence: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    while evidence is not None:
        if evidence.get("by") == "failover":
            yield str(evidence.get("host")), str(evidence.get("model"))
        evidence = evidence.get("before")


def _shares(plan: Plan | None) -> list[tuple[object, object]] | None:
    """Which pictures of the request each of its calls makes: the same here as there, or a call
    can't go on there."""
    return None if plan is None else [(one.places, one.n) for one in plan.calls]
