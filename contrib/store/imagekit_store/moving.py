"""Where a call of a worker goes on that was certainly free, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from imagekit import Charged, Client, ImagekitError, Way, may_fail_over

__all__ = ["Again", "moves_of", "next_host", "routed"]


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


def next_host(
    client: Client, asked: Mapping[str, Any], host: str, model: str
) -> tuple[str, str] | None:
    """Who is asked after this host, and what for: the next that takes the very same request, in
    the same paid calls. None where that is nobody."""
    ways = [way for way in client.ways(**asked) if way.takes_it]
    hosts = [(way.host, way.model) for way in ways]
    if (host, model) not in hosts:
        return None
    at = hosts.index((host, model))
    following = ways[at + 1 : at + 2]
    if not following or not ways[at].fails_over or not _are_alike(ways[at], following[0]):
        return None
    return hosts[at + 1]


def _are_alike(way: Way, other: Way) -> bool:
    """Whether each call makes the same pictures of the request here as there."""
    if way.plan is None or other.plan is None:
        return False
    calls, others = way.plan.calls, other.plan.calls
    return [(one.places, one.n) for one in calls] == [(one.places, one.n) for one in others]


# --- as notes and receipts of a client have it ----------------------------------------------------


def moves_of(evidence: Mapping[str, Any] | None) -> tuple[str, ...]:
    """A note on each host that was asked before, oldest first; not in the words of that host.

    Args:
        evidence: as `Ledger.queued` leaves it on the row.
    """
    if evidence is None or evidence.get("by") != "failover":
        return ()
    where = f"{evidence.get('host')}:{evidence.get('model')}"
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
