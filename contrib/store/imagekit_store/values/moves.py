"""Who was asked before, as notes and receipts of a client have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["MOVES", "moves_of", "routed"]

#: Evidence of these says which hosts were asked before, or passed over; it settles nothing.
MOVES = ("choice", "failover")


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
