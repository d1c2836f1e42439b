"""Where a call of a worker goes, and goes on when it was certainly free; what is told of that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import Row

from imagekit import Charged, Client, ImagekitError, Plan, Way, may_fail_over

__all__ = ["MOVES", "Again", "first_plan", "moves_of", "next_host", "routed"]

#: Evidence of these says which hosts were asked before, or passed over; it settles nothing.
MOVES = ("choice", "failover")


@frozen
class Again:
    """What becomes of a call that is sent again when it was certainly free.

    Attributes:
        wait: seconds until it is sent to the same host, where that may help.
        elsewhere: the host that is asked next where an alias says so, and what it calls the model.
    """

    wait: float
    elsewhere: tuple[str, str] | None = None

    def after(self, error: ImagekitError) -> tuple[float, tuple[str, str] | None] | None:
        """In how many seconds it is sent again, and to which other host; None: never."""
        if self.elsewhere is not None and may_fail_over(error):
            return 0.0, self.elsewhere
        is_free = error.charged is Charged.NO and error.retryable
        return (self.wait, None) if is_free else None


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


# --- as notes and receipts of a client have it ----------------------------------------------------


def moves_of(evidence: Mapping[str, Any] | None) -> tuple[str, ...]:
    """A note on each host that was asked before, or passed over, oldest first; not in the words
    of that host.

    Args:
        evidence: as `Ledger.split`, `Ledger.queued` and `Ledger.proved` leave it on the row.
    """
    if evidence is None:
        return ()
    if evidence.get("by") not in MOVES:  # it was settled since
        return moves_of(evidence.get("before"))
    where = f"{evidence.get('host')}:{evidence.get('model')}"
    if evidence["by"] == "choice":
        return (f"{where} rested, or had no room or more to do, so it was not asked first",)
    error = (evidence.get("error") or {}).get("type", "forgotten")
    befell = "was not asked" if error == "LimitReached" else "failed and was certainly free"
    return (*moves_of(evidence.get("before")), f"{where} {befell} ({error})")


def routed(receipt: Mapping[str, Any] | None, notes: Sequence[str]) -> Mapping[str, Any] | None:
    """The receipt, which says of the model why it was asked there."""
    if receipt is None:
        return None
    lines = [
        {**line, "note": "; ".join(filter(None, (*notes, line.get("note"))))}
        if line["parameter"] == "model"
        else line
        for line in receipt.get("lines", ())
    ]
    return {**receipt, "lines": lines}
