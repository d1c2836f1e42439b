"""One call from validation to result: policies, journals, polling and sinks exist here, once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field, frozen

from imagekit.declare.sizes import TIERS, as_size
from imagekit.errors import ImagekitError, JournalError, SinkError
from imagekit.events import Journal
from imagekit.plan.call import Call, invalid
from imagekit.plan.provenance import portable, provenance_of
from imagekit.send.deadline import Deadline
from imagekit.send.exchange import Exchange
from imagekit.send.journal.entry import Entry
from imagekit.send.links import download
from imagekit.send.parallel_downloads import Fetching
from imagekit.send.polling import Job, resumable
from imagekit.values import Charged, Image, Pending, Problem, Provenance, Purchase, Request, Result

if TYPE_CHECKING:
    from imagekit.send.observers import Observers

__all__ = ["Admitted", "Engine"]

#: Seconds before a job is looked up whose making was not confirmed, and between later looks.
LOOKUP, LONGEST_LOOKUP = 2.0, 10.0


@frozen(eq=False)
class Admitted:
    """A call that may be sent: every policy has had its say, and nothing is wrong with it.

    Attributes:
        call: what is sent.
        asked: the same as it was given, before any policy.
    """

    call: Call
    asked: Call


@define(frozen=True, eq=False)
class Engine:
    """Runs calls. Shared by all threads of a client; holds no state of a call.

    Attributes:
        exchange: how requests leave and answers come in.
        sinks, journals: as the hooks of these names describe.
    """

    exchange: Exchange
    sinks: tuple[Callable[[Result], object], ...] = ()
    journals: tuple[Journal, ...] = ()

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
        advice = tuple(str(problem) for problem in problems if problem.advice)
        if advice:
            call = evolve(call, notes=call.notes + advice)
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
        """Send, wait, decode, fetch, and hand to every sink.

        A job that is not done at the deadline, or after `LONGEST_JOB` when there is none, is
        left to be resumed.

        Raises:
            ImagekitError: as the tree says; ``pending`` is set once a job was accepted.
        """
        work = self._begin(admitted, deadline, fetch)
        with work.ending():
            outcome = work.send()
            if isinstance(outcome, Pending):
                outcome = work.wait(outcome)
            return work.finish(outcome)

    def begin(self, admitted: Admitted, deadline: Deadline, fetch: bool = True) -> Result | Pending:
        """`run`, but for the waiting: a job that was made is given back at once."""
        work = self._begin(admitted, deadline, fetch)
        with work.ending():
            outcome = work.send()
            return outcome if isinstance(outcome, Pending) else work.finish(outcome)

    def resume(
        self, call: Call, pending: Pending, deadline: Deadline, fetch: bool = True
    ) -> Result:
        """Go on waiting for a job that an earlier call left behind."""
        work = self._work(_of(call, pending), pending.provenance, deadline, fetch)
        with work.ending():
            return work.finish(work.wait(pending))

    def look(
        self, call: Call, pending: Pending, deadline: Deadline, fetch: bool = True
    ) -> Result | Pending:
        """Ask once for a job that an earlier call left behind."""
        work = self._work(_of(call, pending), pending.provenance, deadline, fetch)
        with work.ending():
            outcome = work.job.look(pending)
            return outcome if isinstance(outcome, Pending) else work.finish(outcome)

    def finished(self, call: Call, result: Result, id: str | None = None) -> None:
        """Tell the observers; ``id`` is that of a request which was several calls."""
        if self.observers:
            self.observers.of(call.route.name, id or call.id).finished(result)

    def failed(
        self, call: Call, error: BaseException, step: str = "generate", id: str | None = None
    ) -> None:
        if self.observers:
            self.observers.of(call.route.name, id or call.id).failed(step, error)

    def _begin(self, admitted: Admitted, deadline: Deadline, fetch: bool) -> _Work:
        call = named(admitted.call)
        request = self.shape(call)
        provenance = provenance_of(admitted.asked, request, self.exchange.now())
        return self._work(call, provenance, deadline, fetch, request)

    def _work(
        self,
        call: Call,
        provenance: Provenance | None,
        deadline: Deadline,
        fetch: bool,
        request: Request | None = None,
    ) -> _Work:
        purchase = _purchase(call, request, provenance) if self.journals else Purchase("", "", "")
        entry = Entry(purchase, self.journals)
        watched = self.exchange.watched(call.route.name, call.id)
        bring = partial(download, self.exchange, call.route.host, within=deadline, watched=watched)
        fetching = Fetching(bring, fetch, watched.picture if watched else _nobody)
        arrived = partial(_arrived, entry, fetching)
        job = Job(self.exchange, call, deadline, provenance, entry, arrived)
        return _Work(self, job, fetching, request)


def _arrived(entry: Entry, fetching: Fetching, result: Result, more: bool) -> None:
    """Pictures are written down before anything else is done with them."""
    entry.answered(result, more)
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


def _of(call: Call, pending: Pending) -> Call:
    """The call that the job is of: a new one for a job that does not say."""
    places = range(pending.places[0], pending.places[-1] + 1) if pending.places else None
    return evolve(call, id=pending.call or call.id, places=places)


def _purchase(call: Call, request: Request | None, provenance: Provenance | None) -> Purchase:
    lookup, offer = request and request.lookup, call.route.offer
    name = call.given.get(offer.name_field) if offer.name_field else None
    return Purchase(
        id=call.id,
        model=call.route.model.name,
        host=call.route.host.name,
        name=name,
        body=hashlib.sha256(request.body).hexdigest() if request and request.body else "",
        places=tuple(call.places or ()),
        lookup=resumable(call, _asks_by_name(lookup), provenance) if lookup else None,
        provenance=provenance and portable(provenance),
    )


def _asks_by_name(lookup: Request) -> Pending:
    return Pending(lookup, wait=LOOKUP, longest=LONGEST_LOOKUP, confirmed=False)


@define(eq=False)
class _Work:
    """One paid call while it is carried out."""

    engine: Engine
    job: Job
    fetching: Fetching
    request: Request | None = None
    _lost: ImagekitError | None = field(default=None, init=False)

    def send(self) -> Result | Pending:
        """What becomes of the request: its answer; or what asks for it by the name that we
        gave it, when the answer is lost."""
        assert self.request is not None
        job, lookup = self.job, self.request.lookup
        job.entry.sending()
        try:
            outcome = job.exchange.ask(job.call, self.request, job.deadline, job.arrived)
        except ImagekitError as error:
            if lookup is None:
                raise
            if error.charged is Charged.MAYBE:
                self._lost = error
                return job.resumable(_asks_by_name(lookup))
            outcome = self._there_after_all(lookup, error)
        if isinstance(outcome, Result):
            return outcome
        pending = job.resumable(outcome)
        job.entry.accepted(pending)
        return pending

    def _there_after_all(self, lookup: Request, refused: ImagekitError) -> Result | Pending:
        """The job of an earlier attempt, which was called free and may have come through all
        the same: its name is taken then, and the next is refused for that.

        Raises:
            ImagekitError: ``refused``: there was no such attempt, or there is no job.
        """
        if refused.attempts == 1 or refused.retryable:
            raise refused
        try:
            return self.job.look(self.job.resumable(_asks_by_name(lookup)))
        except ImagekitError:
            raise refused from None

    def wait(self, pending: Pending) -> Result:
        """The result of a job.

        Raises:
            ImagekitError: how the job ended. Of one whose making was never confirmed: what
                happened to its answer, with what looks again as its ``pending``.
        """
        try:
            return self.job.wait(pending)
        except ImagekitError as error:
            if self._lost is None or error.pending is None:
                raise
            raise self._lost.with_details(pending=error.pending) from error

    def finish(self, result: Result) -> Result:
        """Fetch what is still a link, note what the caller should know, feed every sink, and
        say that it is kept."""
        job = self.job
        self.fetching.wait()
        notes = (*result.notes, *_notes(job.call, result))
        result = evolve(result, notes=notes, provenance=job.provenance)
        failures = [failure for sink in self.engine.sinks if (failure := _fed(sink, result))]
        if failures:
            raise failures[0]
        job.entry.kept(result)
        return result

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Write down how it ended, unless it goes on without us, or its pictures are here."""
        try:
            yield
        except (SinkError, JournalError):
            raise
        except ImagekitError as error:
            if error.pending is None:
                self.job.entry.ended(error)
            raise


def _notes(call: Call, result: Result) -> Iterator[str]:
    for image in result.images:
        if image.error is not None:
            yield f"picture {image.index + 1} could not be fetched: {image.error}"
        elif image.is_here and (note := image.note or _off_tier(call, image)):
            yield note
    asked = call.values.get("n")
    made = len(result.images) + len(result.failures)
    if asked is not None and made != asked:
        yield f"asked for {asked} pictures, the host made {made}"


def _off_tier(call: Call, image: Image) -> str | None:
    """A sentence when a tier was asked for, and the picture is nothing like it."""
    sizes, asked = call.route.sizes, [call.values.get(name) for name in ("resolution", "size")]
    tier = next((tier for tier in asked if tier in TIERS), None)
    if call.pixels or not (tier and sizes and image.pixels) or sizes.may_be(tier, image.pixels):
        return None
    return f"picture {image.index + 1}: asked for {tier}, got {as_size(image.pixels)}"


def _fed(sink: Callable[[Result], object], result: Result) -> SinkError | None:
    try:
        sink(result)
    except Exception as error:
        name = getattr(sink, "__qualname__", repr(sink))
        failure = SinkError(
            f"the pictures were made, but {name} could not store them: {error}", result=result
        )
        failure.__cause__ = error
        return failure
    return None
