"""The state machine of an attempt, which is one paid call.

::

    queued ──written──> sending ──POST──> answered ──bytes kept──> stored
      ^                  │  │  └──> accepted ──look*──> answered | failed
      └─certainly free───┘  │
                            └──> failed     certainly free, and nobody tries again
                            └──> unknown    answer lost | process died | lease passed meanwhile

    unknown ──evidence: its own name, a record, its late answer──> accepted | answered | failed
    unknown ──a person: settle──> failed, or on with what has come of it: stored | answered
    failed ──its late job, its late answer, its pictures──> accepted | answered | stored

Nothing leads from *unknown* to *queued*: what may have been paid for is never sent again. And
*failed* is the last word only as long as nothing better comes: what a person has said of a call,
or another process, gives way to the picture itself.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

__all__ = ["CALLS", "OPEN", "STEPS", "RequestState", "State", "after_lapse", "before", "summary"]


class State(StrEnum):
    """Where an attempt stands."""

    QUEUED = "queued"  # nothing has been sent
    SENDING = "sending"  # written down; the request may be under way
    ACCEPTED = "accepted"  # the host has made a job of it
    ANSWERED = "answered"  # its pictures are known, and not all of them are kept
    STORED = "stored"  # kept, measured, found again
    FAILED = "failed"  # no picture comes of it; `charged` says whether it was paid for
    UNKNOWN = "unknown"  # it may have been paid for, and nobody has seen what came of it


class RequestState(StrEnum):
    """Where a request stands, which is one attempt or several."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


#: From which state which others may follow.
STEPS: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SENDING, State.FAILED}),
    State.SENDING: frozenset(
        {State.QUEUED, State.ACCEPTED, State.ANSWERED, State.STORED, State.FAILED, State.UNKNOWN}
    ),
    State.ACCEPTED: frozenset(
        {State.ACCEPTED, State.ANSWERED, State.STORED, State.FAILED, State.UNKNOWN}
    ),
    State.ANSWERED: frozenset({State.ANSWERED, State.STORED, State.FAILED}),
    State.UNKNOWN: frozenset({State.ACCEPTED, State.ANSWERED, State.STORED, State.FAILED}),
    State.STORED: frozenset(),
    State.FAILED: frozenset({State.ACCEPTED, State.ANSWERED, State.STORED}),
}
#: Those of which more is to be done.
OPEN = frozenset(State) - {State.STORED, State.FAILED}
#: Those of which a request may have left.
CALLS = frozenset(State) - {State.QUEUED}


def before(after: State) -> frozenset[State]:
    """The states from which this one may follow."""
    return frozenset(state for state, following in STEPS.items() if after in following)


def after_lapse(state: State) -> State:
    """What an attempt is when nobody has held it for as long as a lease lasts: the process that
    did is gone, or cut off. What may have been sent is not sent again."""
    return State.UNKNOWN if state is State.SENDING else state


def summary(attempts: Collection[State]) -> RequestState:
    """Where a request stands whose attempts stand here."""
    if not attempts or all(state is State.QUEUED for state in attempts):
        return RequestState.QUEUED
    if any(state in _MOVING for state in attempts):
        return RequestState.RUNNING
    if State.UNKNOWN in attempts:
        return RequestState.UNKNOWN
    return RequestState.DONE if State.STORED in attempts else RequestState.FAILED


_MOVING = OPEN - {State.UNKNOWN}
