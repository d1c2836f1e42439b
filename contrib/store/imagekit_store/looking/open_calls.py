"""Calls that have not come to their end, and what settles them."""

from __future__ import annotations

import time
from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from imagekit import Check
from imagekit_store.schema.statements import in_states
from imagekit_store.schema.states import OPEN, State
from imagekit_store.schema.tables import ATTEMPTS

__all__ = ["open_calls"]

A = ATTEMPTS.c
SETTLES = (
    "imagekit resume, or imagekit work; of what stays unknown say what your host's bill has: "
    "imagekit history --state unknown, then imagekit history settle ID --charged yes or no"
)


def open_calls(connection: Connection) -> Iterator[Check]:
    """What is under way is nothing wrong; what nobody holds any more is somebody's to take up."""
    which = select(A.state, func.count()).where(in_states(OPEN)).group_by(A.state)
    by_state = dict(map(tuple, connection.execute(which)))
    unknown = by_state.pop(State.UNKNOWN, 0)
    if unknown:
        why = f"what came of {unknown:,} is unknown; they may have been paid for"
        yield Check("calls", "unknown", "warning", why, SETTLES)
    if left := _left(connection):
        why = f"{left:,} were left by processes that are gone"
        yield Check("calls", "left", "warning", why, "imagekit resume, or imagekit work")
    told = ", ".join(f"{count:,} {state}" for state, count in sorted(by_state.items()))
    yield Check("calls", "", "ok", f"under way: {told or 'none'}")


def _left(connection: Connection) -> int:
    """Whose lease has passed."""
    open_ = in_states(OPEN - {State.UNKNOWN})
    gone = A.holder.is_not(None) & (A.due <= time.time())
    return connection.scalar(select(func.count()).where(open_, gone)) or 0
