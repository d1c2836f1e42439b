"""One call from validation to result: policies, polling and sinks exist here, once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from attrs import define, evolve

from imagekit.deadline import Deadline
from imagekit.errors import (
    Charged,
    ImagekitError,
    InvalidRequest,
    SinkError,
)
from imagekit.exchange import Exchange
from imagekit.polling import await_job
from imagekit.provenance import provenance_of
from imagekit.registry import Route
from imagekit.spelling import Call
from imagekit.values import Pending, Problem, Provenance, Request, Result

if TYPE_CHECKING:
    from imagekit.observers import Observers

__all__ = ["Engine"]

#: Seconds before a job is looked up whose making was not confirmed, and between later looks.
LOOKUP, LONGEST_LOOKUP = 2.0, 10.0


@define(frozen=True, eq=False)
class Engine:
    """Runs calls. Shared by all threads of a client; holds no state of a call.

    Attributes:
        exchange: how requests leave and answers come in.
        sinks: as the hook of that name describes.
    """

    exchange: Exchange
    sinks: tuple[Callable[[Result], object], ...] = ()

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

    # --- the call ------------------------------------------------------------------------

    def run(
        self, call: Call, seconds: float | None = None, stop: threading.Event | None = None
    ) -> Result:
        """Validate, send, wait, decode. Once ``stop`` is set, nothing that may cost is sent;
        the answer to what was sent is still awaited.

        A job that is not done after ``seconds``, or after `LONGEST_JOB` when there are none,
        is left to be resumed.

        Raises:
            InvalidRequest: before anything is sent, with every problem.
            ImagekitError: as the tree says; ``pending`` is set once a job was accepted.
        """
        try:
            result = self.make(call, self.admit(call), seconds, stop)
        except BaseException as error:
            self.failed(call, error)
            raise
        return self.deliver(call, result)

    def admit(self, call: Call) -> Call:
        """The call after every policy, ready to be sent.

        Raises:
            InvalidRequest: with everything that is wrong with it.
        """
        prepared, problems = self.prepare(call)
        if problems:
            raise invalid(call.route, problems)
        return prepared

    def make(
        self,
        asked: Call,
        admitted: Call,
        seconds: float | None = None,
        stop: threading.Event | None = None,
    ) -> Result:
        """Send an admitted call, wait, decode. ``asked`` is the call as it was given."""
        deadline = self.exchange.deadline(seconds, stop)
        request = self.shape(admitted)
        provenance = provenance_of(asked, request, self.exchange.now())
        if asked.places:  # which a policy's own call would not know
            admitted = evolve(admitted, places=asked.places, spare=asked.spare)
        try:
            outcome = self.exchange.ask(admitted, request, deadline)
        except ImagekitError as error:
            if request.lookup is None or error.charged is not Charged.MAYBE:
                raise
            return self._looked_up(admitted, request.lookup, error, deadline, provenance)
        return self._await(admitted, outcome, deadline, provenance)

    def _looked_up(
        self,
        call: Call,
        lookup: Request,
        lost: ImagekitError,
        deadline: Deadline,
        provenance: Provenance | None,
    ) -> Result:
        """What became of a request whose answer was lost: the job's own end, if it has one.

        Raises:
            ImagekitError: ``lost``, with what looks again as its ``pending``, when that is not
                known yet; else how the job ended.
        """
        found = Pending(lookup, wait=LOOKUP, longest=LONGEST_LOOKUP)
        try:
            return self._await(call, found, deadline, provenance)
        except ImagekitError as error:
            if error.pending is None:
                raise
            lost.pending = error.pending
            raise lost from error

    def deliver(self, call: Call, result: Result) -> Result:
        """Feed every sink, also after one that failed, whose failure is raised in the end."""
        try:
            failures = [failure for sink in self.sinks if (failure := _fed(sink, result))]
            if failures:
                raise failures[0]
        except BaseException as error:
            self.failed(call, error)
            raise
        if self.observers:
            self.observers.finished(call.route, result)
        return result

    def failed(self, call: Call, error: BaseException, step: str = "generate") -> None:
        """Tell the observers."""
        if self.observers:
            self.observers.failed(call.route, step, error)

    def resume(self, call: Call, pending: Pending, seconds: float | None = None) -> Result:
        """Go on waiting for a job that an earlier call left behind."""
        try:
            result = self._await(call, pending, self.exchange.deadline(seconds), pending.provenance)
        except BaseException as error:
            self.failed(call, error, "poll")
            raise
        return self.deliver(call, result)

    def _await(
        self,
        call: Call,
        outcome: Result | Pending,
        deadline: Deadline,
        provenance: Provenance | None,
    ) -> Result:
        if isinstance(outcome, Pending):
            outcome = await_job(self.exchange, call, outcome, deadline, provenance)
        return self._finish(call, outcome, provenance)

    # --- after it -----------------------------------------------------------------------

    def _finish(self, call: Call, result: Result, provenance: Provenance | None) -> Result:
        """Measure what is here, and note what the caller should know."""
        notes = list(result.notes)
        for image in result.images:
            if image._blob is not None and image.note:
                notes.append(image.note)
        asked = call.values.get("n")
        made = len(result.images) + len(result.failures)
        if asked is not None and made != asked:
            notes.append(f"asked for {asked} pictures, the host made {made}")
        return evolve(result, notes=tuple(notes), provenance=provenance)


def invalid(route: Route, problems: Iterable[Problem]) -> InvalidRequest:
    """One error for all the problems of a call."""
    listed = tuple(problems)
    lines = "".join(f"\n  {problem}" for problem in listed)
    return InvalidRequest(f"{route.name} can't take this call:{lines}", problems=listed)


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
