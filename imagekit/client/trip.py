"""A request on its ways: one after the other, as long as each that failed was certainly free."""

from __future__ import annotations

from attrs import field

from imagekit.basics.classes import define, evolve
from imagekit.client.ways import Ready, Ways
from imagekit.errors import ImagekitError, LimitReached, ModelUnavailable, PermissionDenied
from imagekit.plan.call import Call
from imagekit.send.deadline import Deadline
from imagekit.send.engine import Engine

__all__ = ["Trip"]


@define(eq=False)
class Trip:
    """One request.

    Attributes:
        left: the way that is taken now, and those that may be taken after it, in order.
        before: those that were taken, and what befell the request there.
    """

    ways: Ways
    within: Deadline
    left: tuple[Ready, ...]
    before: list[tuple[Ready, ImagekitError]] = field(factory=list, init=False)

    @property
    def way(self) -> Ready:
        """The one that is taken now."""
        return self.left[0]

    @property
    def rest(self) -> tuple[Ready, ...]:
        return self.left[1:]

    @property
    def call(self) -> Call:
        """The first on the way that is taken now."""
        return self.way.calls[0].call

    def engine(self, engine: Engine) -> Engine:
        """As it sends on this way: where another host is ready, nobody waits for one that is in
        trouble, or rests: but for one of several calls, whose others may have been made there."""
        if not (self.rest and self.ways.fails_over):
            return engine
        others = [way.host for way in self.rest if way.host != self.way.host]
        impatient = engine.having(retry=evolve(engine.exchange.retry, attempts=1))
        return evolve(impatient, elsewhere=tuple(others) if len(self.way.calls) == 1 else ())

    def goes_on(self, error: BaseException, engine: Engine) -> bool:
        """Whether it takes another way after this error."""
        if not isinstance(error, ImagekitError) or not self.rest or self._why_it_ends(error):
            return False
        self._take_the_next(error, engine)
        return True

    def ended_by(self, error: BaseException) -> BaseException:
        """What is raised for the request after this error, which took no other way: it says why,
        and what befell the request before. Where no way had room, that is told of the first: the
        last may be there for need alone, and have other words."""
        if not isinstance(error, ImagekitError):
            return error
        befell = [*self.before, (self.way, error)]
        refusals = [one for _, one in befell if isinstance(one, LimitReached)]
        told = error if len(refusals) < len(befell) else min(refusals, key=_is_for_good)
        self._explain(told, befell, self._why_it_ends(error))
        return told

    def _why_it_ends(self, error: ImagekitError) -> str:
        """Why no other way is taken after this error; empty where one may be."""
        if not self.ways.fails_over:
            return "failover is off"
        if self.within.passed or self.within.stopped:
            return "nobody waits for it any more"
        from imagekit.send.failing_over import why_it_stays

        return why_it_stays(error)

    def _take_the_next(self, error: ImagekitError, engine: Engine) -> None:
        """With notes on what befell it before. A host that is in trouble itself is in trouble for
        its other models as well."""
        way, about_the_model = self.way, isinstance(error, ModelUnavailable | PermissionDenied)
        following, *others = sorted(
            self.rest, key=lambda one: not about_the_model and one.host == way.host
        )
        if watched := engine.watched(self.call, way.request):
            watched.failed_over(following.name, error)
        self.before.append((way, error))
        # Without the words of a host: the next one's receipt is no place for them.
        notes = [_befell(one, befell, type(befell).__name__) for one, befell in self.before]
        self.left = (following.because(*notes, f"{following.name} was asked"), *others)

    def _explain(
        self, error: ImagekitError, befell: list[tuple[Ready, ImagekitError]], why: str
    ) -> None:
        """Note on the error whom its request was asked of besides, and why of nobody else."""
        if not self.ways.fails_over:
            self.ways.first.asked.tell_of_others(error)
            return
        for way, other in befell:
            if other is not error:
                error.add_note(_befell(way, other, f"{type(other).__name__}: {other!s:.300}"))
        for note in (*(f"{way.name} was not asked: {why}" for way in self.rest), *self.ways.unfit):
            error.add_note(str(note))


def _is_for_good(refusal: LimitReached) -> bool:
    """A turn may still come; money is not waited for."""
    return not refusal.retryable


def _befell(way: Ready, error: ImagekitError, told: str) -> str:
    if isinstance(error, LimitReached):
        return f"{way.name} was not asked ({told})"
    return f"{way.name} failed and was certainly free ({told})"
