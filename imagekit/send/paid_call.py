"""One paid call while it is carried out: sent, waited for, fetched, handed to sinks, kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from attrs import field

from imagekit.basics.classes import define, evolve
from imagekit.errors import ImagekitError, JournalError, PluginError, SinkError
from imagekit.plan.costs import cost_of
from imagekit.send.notes import notes_on
from imagekit.send.parallel_downloads import Fetching
from imagekit.send.polling import Job
from imagekit.send.resumable import asks_by_name
from imagekit.values import Charged, Pending, Request, Result

__all__ = ["PaidCall"]


@define(eq=False)
class PaidCall:
    """One paid call while it is carried out."""

    job: Job
    fetching: Fetching
    sinks: tuple[Callable[[Result], object], ...] = ()
    request: Request | None = None
    _lost: ImagekitError | None = field(default=None, init=False)

    def made(self) -> Result:
        """All of it: sent, waited for, and finished."""
        with self.ending():
            outcome = self.send()
            if isinstance(outcome, Pending):
                outcome = self.wait(outcome)
            return self.finish(outcome)

    def begun(self) -> Result | Pending:
        """The same, but for the waiting."""
        with self.ending():
            return self.given_back(self.send())

    def resumed(self, pending: Pending) -> Result:
        """The result of a job that an earlier call has left."""
        with self.ending():
            return self.finish(self.wait(pending))

    def looked_at(self, pending: Pending) -> Result | Pending:
        """What has become of it by now."""
        with self.ending():
            return self.given_back(self.job.look(pending))

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
                return job.resumable(asks_by_name(lookup))
            outcome = self._there_after_all(lookup, error)
        if isinstance(outcome, Result):
            return outcome
        try:
            pending = job.resumable(outcome)
        except PluginError as error:  # of what is noted with the job, which is there all the same
            if error.pending is not None:
                job.entry.accepted(error.pending)
            raise
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
            return self.job.look(self.job.resumable(asks_by_name(lookup)))
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
        notes = (*result.notes, *notes_on(job.call, result))
        cost = cost_of(job.call, result)
        result = evolve(result, cost=cost, notes=notes, provenance=job.provenance)
        failures = [failure for sink in self.sinks if (failure := _fed(sink, result))]
        if failures:
            raise failures[0]
        job.entry.kept(result)
        return result

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Write down how it ended, or that it goes on without us."""
        try:
            yield
        except JournalError:
            raise
        except SinkError as error:  # its pictures are here, and not where they were to go
            self.job.entry.left(None, error)
            raise
        except ImagekitError as error:
            if error.pending is None:
                self.job.entry.ended(error)
            else:
                self.job.entry.left(error.pending, error)
            raise
        except BaseException as error:  # Ctrl-C, and mistakes of plugins
            self.job.entry.left(self.job.deadline.pending, error)
            raise

    def given_back(self, outcome: Result | Pending) -> Result | Pending:
        """The result; or the job, which whoever gets it goes on with."""
        if not isinstance(outcome, Pending):
            return self.finish(outcome)
        self.job.entry.left(outcome)
        return outcome


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
