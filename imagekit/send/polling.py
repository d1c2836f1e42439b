"""Waiting for a job: looks that get rarer, trouble that passes, and nothing given up for lost."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from imagekit.basics.classes import evolve, frozen
from imagekit.errors import (
    HostError,
    HostUnavailable,
    ImagekitError,
    RateLimited,
    TransportError,
    UnreadableAnswer,
)
from imagekit.plan.call import Call
from imagekit.send.deadline import Deadline
from imagekit.send.exchange import Arrived, Exchange
from imagekit.send.journal.entry import Entry
from imagekit.send.resumable import resumable
from imagekit.values import Charged, Pending, Result

if TYPE_CHECKING:
    from imagekit.values import Provenance

__all__ = ["Job"]

log = logging.getLogger("imagekit")

#: How long a job is polled for, in seconds, when the caller sets no deadline: it is given
#: up as pending, and can be resumed.
LONGEST_JOB = 3600.0
#: Seconds before a deadline at which a job is looked at once more.
LAST_LOOK = 1.0
#: Looks in a row that end in trouble, such as a proxy's page, before the caller is told; each is
#: sent as often as the retry policy has it.
TROUBLED_LOOKS = 5
_TROUBLE = (HostUnavailable, RateLimited, TransportError, UnreadableAnswer)


@frozen(eq=False)
class Job:
    """A job that a host does for a call: how it is asked for.

    Attributes:
        call, deadline: of whom, and how long.
        provenance: of the request that made it, so that it can be gone on with elsewhere.
        entry: where it is written down.
        arrived: takes its pictures.
    """

    exchange: Exchange
    call: Call
    deadline: Deadline
    provenance: Provenance | None
    entry: Entry
    arrived: Arrived

    def wait(self, pending: Pending) -> Result:
        """Ask until it is done.

        Raises:
            DeadlineExceeded: it was not done in time; its ``pending`` can be resumed.
            ImagekitError: how it ended, or what kept us from asking; that has its ``pending``.
        """
        exchange, deadline = self.exchange, self.deadline
        if deadline.at is None:
            deadline.at = exchange.monotonic() + LONGEST_JOB
        watched = exchange.watched(self.call.route.name, self.call.id, self.call.alias)
        wait, troubled = 0.0, 0
        while True:
            wait = _next_wait(wait, pending)
            pending = deadline.pending = self.resumable(evolve(pending, wait=wait))
            log.info("%s: asking for the job again in %.1f s", self.call.route.name, wait)
            if watched:
                watched.waiting(pending)
            exchange.wait(_within(deadline, wait))
            try:
                outcome = self.look(pending)
            except ImagekitError as error:
                troubled += 1
                if not _passes(error) or troubled == TROUBLED_LOOKS:
                    raise
                continue
            if isinstance(outcome, Result):
                return outcome
            pending, troubled = outcome, 0

    def look(self, pending: Pending) -> Result | Pending:
        """Ask once.

        Raises:
            ImagekitError: as `wait`.
        """
        self.deadline.pending = pending
        call = evolve(self.call, state=pending.state)
        try:
            outcome = self.exchange.ask(call, pending.request, self.deadline, self.arrived)
        except ImagekitError as error:
            _mark_pending(error, pending)
            raise
        if isinstance(outcome, Result):
            return outcome
        following = self.resumable(outcome)
        if (following.request, following.state) != (pending.request, pending.state):
            self.entry.accepted(following)
        return following

    def resumable(self, pending: Pending) -> Pending:
        return resumable(self.call, pending, self.provenance)


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


def _ends(error: ImagekitError) -> bool:
    """Whether the wire says that it is how the job ended. Nothing else is: neither a status nor
    an error inside of an HTTP 200, which may be about the question and not about the job.
    """
    return isinstance(error, HostError) and error.final


def _passes(error: ImagekitError) -> bool:
    """Whether it is trouble that may be over at the next look. A key that is refused, or a job
    that is not found, is for the caller to look into.
    """
    return not _ends(error) and (isinstance(error, _TROUBLE) or type(error) is HostError)


def _mark_pending(error: ImagekitError, pending: Pending) -> None:
    """An error while a job runs: it can be resumed, and what it costs is the job's. Of the end
    of a job the wire has already said what that costs."""
    if _ends(error):
        return
    error.with_details(pending=pending)
    if error.charged is not Charged.YES:  # a picture is there, and something else went wrong
        error.with_details(charged=pending.charged)
