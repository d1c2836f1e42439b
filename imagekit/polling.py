"""Waiting for a job: looks that get rarer, trouble that passes, and nothing given up for lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from imagekit.deadline import Deadline
from imagekit.errors import (
    HostError,
    HostUnavailable,
    ImagekitError,
    RateLimited,
    TransportError,
    UnreadableAnswer,
)
from imagekit.exchange import Exchange
from imagekit.provenance import portable
from imagekit.references import stored
from imagekit.spelling import Call
from imagekit.values import Pending, Result

if TYPE_CHECKING:
    from imagekit.values import Provenance

__all__ = ["await_job"]

#: How long a job is polled for, in seconds, when the caller sets no deadline: it is given
#: up as pending, and can be resumed.
LONGEST_JOB = 3600.0
#: Seconds before a deadline at which a job is looked at once more.
LAST_LOOK = 1.0
#: Looks in a row that end in trouble, such as a proxy's page, before the caller is told; each is
#: sent as often as the retry policy has it.
TROUBLED_LOOKS = 5
_PASSING = (HostUnavailable, RateLimited, TransportError, UnreadableAnswer)


def await_job(
    exchange: Exchange,
    call: Call,
    pending: Pending,
    deadline: Deadline,
    provenance: Provenance | None,
) -> Result:
    """Ask for a job until it is done.

    Raises:
        DeadlineExceeded: it was not done in time; its ``pending`` can be resumed.
        ImagekitError: how it ended, or what kept us from asking; that has its ``pending``.
    """
    if deadline.at is None:
        deadline.at = exchange.monotonic() + LONGEST_JOB
    wait, troubled = 0.0, 0
    while True:
        wait = _next_wait(wait, pending)
        pending = deadline.pending = _resumable(call, evolve(pending, wait=wait), provenance)
        if exchange.observers:
            exchange.observers.waiting(call.route, pending)
        exchange.wait(_within(deadline, wait))
        try:
            outcome = exchange.ask(call, pending.request, deadline)
        except ImagekitError as error:
            _mark_pending(error, pending)
            troubled += 1
            if not isinstance(error, _PASSING) or not error.pending or troubled == TROUBLED_LOOKS:
                raise
            continue
        if isinstance(outcome, Result):
            return outcome
        pending, troubled = outcome, 0


def _next_wait(last: float, pending: Pending) -> float:
    if pending.longest is None:
        return pending.wait
    return max(pending.wait, min(pending.longest, last * 1.5))


def _within(deadline: Deadline, wait: float) -> float:
    """The wait, or a shorter one that leaves time for a last look."""
    if deadline.allows(wait):
        return wait
    left = deadline.left() or 0.0
    if left <= LAST_LOOK:
        raise deadline.exceeded()
    return left - LAST_LOOK


def _resumable(call: Call, pending: Pending, provenance: Provenance | None) -> Pending:
    """The job with what it takes to go on with it in another process."""
    return evolve(
        pending,
        model=call.route.model.name,
        host=call.route.host.name,
        given=stored(call.given),
        on_unsupported=call.on_unsupported,
        authors=call.authors,
        provenance=provenance and portable(provenance),
    )


def _mark_pending(error: ImagekitError, pending: Pending) -> None:
    """An error while a job runs: it can be resumed, and what it costs is the job's.

    What the host says about the job itself (HTTP 200, "failed") is the job's end, and
    the wire has already said what that costs.
    """
    readable = isinstance(error, HostError) and not isinstance(error, UnreadableAnswer)
    if readable and (getattr(error, "status", None) or 0) < 400:
        return
    error.pending = pending
    error.charged = pending.charged
