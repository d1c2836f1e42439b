"""Whom a worker asks, and whom after a call that was certainly free."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import Row

from imagekit import Client, Plan, Way

__all__ = ["Moving"]


class Moving:
    """Whom a worker asks for one request, as things stand when it is first asked.

    Args:
        asked: as `imagekit.Client.generate` takes it.
    """

    def __init__(self, client: Client, asked: Mapping[str, Any]) -> None:
        self._client, self._asked = client, {**asked}

    def first_plan(self, id: str) -> tuple[Plan, Plan]:
        """What is sent of a request that nobody has begun: to the host that a client would ask
        now, by who rests, who is busy, and which budget has room; and what would be if nothing of
        it counted.

        Raises:
            ImagekitError: it can't be sent.
        """
        meant = self._client.plan(**self._asked, id=id)
        ways = self._ways if self._client.config.shares_anything else ()
        plans = (way.plan for way in ways if way.plan and _shares(way.plan) == _shares(meant))
        return next(plans, meant), meant

    def next_host(self, row: Row[Any], host: str, model: str) -> tuple[str, str] | None:
        """Who is asked after this host, and what for: the next that takes the very same request,
        in the same paid calls, and has not been asked. None where that is nobody.

        Args:
            row: of the call, which says of those before.
        """
        here = next((way for way in self._ways if (way.host, way.model) == (host, model)), None)
        if here is None or not here.fails_over:
            return None
        before = {(host, model), *_asked_before(row.evidence)}
        others = (way for way in self._ways if (way.host, way.model) not in before)
        alike = (way for way in others if _shares(way.plan) == _shares(here.plan))
        return next(((way.host, way.model) for way in alike), None)

    @cached_property
    def _ways(self) -> list[Way]:
        """Those that the request may take, each of which has an address; who would be asked now
        comes first."""
        ways = self._client.ways(**self._asked)
        return [way for way in ways if way.may_be_taken and way.address]


def _asked_before(evidence: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    while evidence is not None:
        if evidence.get("by") == "failover":
            yield str(evidence.get("host")), str(evidence.get("model"))
        evidence = evidence.get("before")


def _shares(plan: Plan | None) -> list[tuple[object, object]] | None:
    """Which pictures of the request each of its calls makes: the same here as there, or a call
    can't go on there."""
    return None if plan is None else [(one.places, one.n) for one in plan.calls]
