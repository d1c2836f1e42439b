"""One call from validation to result: policies, journals, polling and sinks come together here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from imagekit.basics.classes import evolve, frozen
from imagekit.journals import Journal
from imagekit.plan.call import Call, invalid
from imagekit.plan.costs import cost_of
from imagekit.plan.provenance import provenance_of
from imagekit.send.deadline import Deadline
from imagekit.send.exchange import Exchange
from imagekit.send.journal.entry import Entry
from imagekit.send.journal.purchase import purchase_of
from imagekit.send.links import download
from imagekit.send.paid_call import PaidCall
from imagekit.send.parallel_downloads import Fetching
from imagekit.send.polling import Job
from imagekit.values import Pending, Problem, Provenance, Request, Result

if TYPE_CHECKING:
    from imagekit.send.observers import Observers, Watched
    from imagekit.send.turns import Turns

__all__ = ["Admitted", "Engine"]

T = TypeVar("T", Result, Result | Pending)


@frozen(eq=False)
class Admitted:
    """A call that may be sent: every policy has had its say, and nothing is wrong with it.

    Attributes:
        call: what is sent.
        asked: the same as it was given, before any policy.
    """

    call: Call
    asked: Call

    def routed(self, *choice: str) -> Admitted:
        """The same with notes on how its route was chosen."""
        return evolve(self, call=self.call.routed(*choice), asked=self.asked.routed(*choice))


@frozen(eq=False)
class Engine:
    """Runs calls. Shared by all threads of a client; holds no state of a call.

    Attributes:
        exchange: how requests leave and answers come in.
        sinks, journals: as the hooks of these names describe.
        turns: what calls share, where they share anything.
        elsewhere: hosts that may be asked instead of one that rests when its turn comes.
    """

    exchange: Exchange
    sinks: tuple[Callable[[Result], object], ...] = ()
    journals: tuple[Journal, ...] = ()
    turns: Turns | None = None
    elsewhere: tuple[str, ...] = ()

    @property
    def observers(self) -> Observers | None:
        return self.exchange.observers

    def having(self, **parts: Any) -> Engine:
        """The same engine, its exchange with another clock, other observers, ..."""
        return evolve(self, exchange=evolve(self.exchange, **parts))

    # --- before anything is sent -----------------------------------------------------

    def prepare(self, call: Call) -> tuple[Call, list[Problem]]:
        """The call after every policy, and everything that is wrong with it."""
        hooks = self.exchange.hooks(call.route)
        call = hooks.prepare(call)
        problems = [*call.problems, *hooks.validate(call)]
        if advice := tuple(problem for problem in problems if problem.advice):
            call = evolve(call, notes=(*call.notes, *map(str, advice)), advice=advice)
        return call, [problem for problem in problems if not problem.advice]

    def shape(self, call: Call) -> Request:
        return self.exchange.hooks(call.route).shape(call)

    def admit(self, call: Call) -> Admitted:
        """The call after every policy, ready to be sent.

        Raises:
            InvalidRequest: with everything that is wrong with it.
        """
        prepared, problems = self.prepare(call)
        if problems:
            raise invalid(call.route, problems)
        return Admitted(prepared, call)

    # --- the call ------------------------------------------------------------------------

    def run(self, admitted: Admitted, deadline: Deadline, fetch: bool = True) -> Result:
        """Wait for its turn, send, wait, decode, fetch, and hand to every sink.

        A job that is not done at the deadline, or after `LONGEST_JOB` when there is none, is
        left to be resumed.

        Raises:
            ImagekitError: as the tree says; ``pending`` is set once a job was accepted.
        """
        paid = self._begin(admitted, deadline, fetch)
        return self._in_turn(paid, paid.made)

    def begin(self, admitted: Admitted, deadline: Deadline, fetch: bool = True) -> Result | Pending:
        """`run`, but for the waiting: a job that was made is given back at once."""
        paid = self._begin(admitted, deadline, fetch)
        return self._in_turn(paid, paid.begun)

    def resume(
        self, call: Call, pending: Pending, deadline: Deadline, fetch: bool = True
    ) -> Result:
        """Go on waiting for a job that an earlier call left behind."""
        paid = self._paid_call(call, pending.provenance, deadline, fetch)
        return self._settled(call, partial(paid.resumed, pending))

    def look(
        self, call: Call, pending: Pending, deadline: Deadline, fetch: bool = True
    ) -> Result | Pending:
        """Ask once for a job that an earlier call left behind."""
        paid = self._paid_call(call, pending.provenance, deadline, fetch)
        return self._settled(call, partial(paid.looked_at, pending))

    def _in_turn(self, paid: PaidCall, work: Callable[[], T]) -> T:
        if self.turns is None:
            return work()
        call, watched = paid.job.call, self.watched(paid.job.call)
        return self.turns.take(call, paid.job.deadline, watched, work, self.elsewhere)

    def _settled(self, call: Call, work: Callable[[], T]) -> T:
        return work() if self.turns is None else self.turns.settle(call, work)

    def watched(self, call: Call, id: str | None = None) -> Watched | None:
        """What tells the observers of a call, or of the request with that ``id`` which became
        several; None where nobody watches."""
        return self.exchange.watched(call.route.name, id or call.id, call.alias)

    def finished(self, call: Call, result: Result, id: str | None = None) -> None:
        """Tell the observers; ``id`` as of `watched`."""
        if watched := self.watched(call, id):
            watched.finished(result)

    def failed(
        self, call: Call, error: BaseException, step: str = "generate", id: str | None = None
    ) -> None:
        if watched := self.watched(call, id):
            watched.failed(step, error)

    def _begin(self, admitted: Admitted, deadline: Deadline, fetch: bool) -> PaidCall:
        call = named(admitted.call)
        request = self.shape(call)
        provenance = provenance_of(admitted.asked, request, self.exchange.now())
        return self._paid_call(call, provenance, deadline, fetch, request)

    def _paid_call(
        self,
        call: Call,
        provenance: Provenance | None,
        deadline: Deadline,
        fetch: bool,
        request: Request | None = None,
    ) -> PaidCall:
        entry = Entry(self.journals, partial(purchase_of, call, request, provenance))
        watched = self.watched(call)
        bring = partial(download, self.exchange, call.route.host, within=deadline, watched=watched)
        fetching = Fetching(bring, fetch, watched.picture if watched else _nobody)
        arrived = partial(_arrived, call, entry, fetching)
        job = Job(self.exchange, call, deadline, provenance, entry, arrived)
        return PaidCall(job, fetching, self.sinks, request)


def _arrived(call: Call, entry: Entry, fetching: Fetching, result: Result, more: bool) -> None:
    """Pictures are written down before anything else is done with them; the whole answer with
    what it cost."""
    if entry.is_kept:
        entry.answered(result if more else evolve(result, cost=cost_of(call, result)), more)
    fetching.take(result.images, ahead=more)


def _nobody(_: object) -> None:
    """Nobody watches."""


def named(call: Call) -> Call:
    """The call with a name of ours, where its host can be asked for a job by its name."""
    field = call.route.offer.name_field
    if not field or field in call.given or field in call.native:
        return call
    called = evolve(call, authors={**call.authors, field: "imagekit"})
    return called.change(**{field: f"imagekit-{call.id}"})
