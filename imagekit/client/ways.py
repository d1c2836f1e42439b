"""The ways that a request may take: which of them take it as it is, and why the others don't."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from imagekit.basics.classes import evolve, frozen
from imagekit.errors import AmbiguousHost, ImagekitError, InvalidRequest
from imagekit.plan.call import Call, request_of
from imagekit.plan.planning import Asked, Asking
from imagekit.plan.routes.choosing import Choice, Lead
from imagekit.send.engine import Admitted, Engine
from imagekit.values import Problem

__all__ = ["Ready", "Unfit", "Ways", "tried", "ways_of"]


@frozen(eq=False)
class Ready:
    """A way that takes the request: every policy has had its say, and nothing is wrong with it."""

    asked: Asked
    calls: list[Admitted]

    @property
    def name(self) -> str:
        """``host:model``."""
        return self.asked.lead.route.name

    @property
    def host(self) -> str:
        return self.asked.lead.route.host.name

    @property
    def request(self) -> str:
        """The id of the request."""
        return request_of(self.calls[0].call)

    def because(self, *why: str) -> Ready:
        """The same, with notes on how it was chosen."""
        if not why:
            return self
        asked = evolve(self.asked, calls=[call.routed(*why) for call in self.asked.calls])
        return evolve(self, asked=asked, calls=[one.routed(*why) for one in self.calls])


@frozen(eq=False)
class Unfit:
    """A way that the request can't take as it is, and why not."""

    lead: Lead
    why: str

    def __str__(self) -> str:
        return f"{self.lead.route.name} was not asked: {self.why}"


@frozen(eq=False)
class Ways:
    """All of them that matter to a request.

    Attributes:
        ready: those that take it, in the order in which they are preferred; one at least.
        unfit: those that don't.
        choice: what the address means.
    """

    ready: tuple[Ready, ...]
    unfit: tuple[Unfit, ...]
    choice: Choice

    @property
    def first(self) -> Ready:
        return self.ready[0]

    def alike(self) -> Ways:
        """Those alone that take as many calls as the first: their parts stand for each other."""
        count = len(self.first.calls)
        same = tuple(way for way in self.ready if len(way.calls) == count)
        others = [way for way in self.ready if len(way.calls) != count]
        unfit = [
            Unfit(way.asked.lead, f"it takes {len(way.calls)} paid calls there, and not {count}")
            for way in others
        ]
        return evolve(self, ready=same, unfit=(*self.unfit, *unfit))

    @property
    def hosts(self) -> tuple[str, ...]:
        """Those of the ways that are ready, in their order."""
        return tuple(dict.fromkeys(way.host for way in self.ready))

    def ordered(self, hosts: Sequence[str]) -> tuple[Ready, ...]:
        """The ways that are ready, in this order of their hosts. Where that changes who is asked
        first, a note says so: another host is another price."""
        ways = sorted(self.ready, key=lambda way: hosts.index(way.host))
        first, meant = ways[0], self.first
        if first is not meant:
            why = f"{meant.name} rests, or has no room or more to do now; {first.name} was asked"
            ways[0] = first.because(why)
        return tuple(ways)

    @property
    def fails_over(self) -> bool:
        return self.choice.leads[0].target.failover

    @property
    def balance(self) -> str | None:
        return self.choice.leads[0].target.balance


def ways_of(engine: Engine, asking: Asking, withheld: Callable[[str], str]) -> Ways:
    """The ways of a request. Where only one can be asked, nobody looks at the others.

    Args:
        withheld: why a host may not be asked in place of another; empty where it may.

    Raises:
        InvalidRequest: with everything that is wrong with it; where it goes to the first model that
            can do it, with what each of them lacks.
    """
    choice = asking.choice
    if not (choice.picks or choice.moves):
        return Ways((_meant(engine, asking, choice.leads[0]),), (), choice)
    leads, ready, unfit = [*choice.leads], list[Ready](), list[Unfit]()
    if not choice.picks:
        ready.append(_meant(engine, asking, leads.pop(0)))
    for lead in leads:
        if ready and not choice.moves:
            break
        number = sum(len(way.calls) for way in ready)
        found = tried(engine, asking, lead, ready[0] if ready else None, number, withheld)
        if isinstance(found, Unfit):
            unfit.append(found)
        else:
            ready.append(found if ready else found.because(*_passed_over(unfit)))
    if not ready:
        raise _nobody(unfit, choice)
    return Ways(tuple(ready), tuple(unfit), choice)


def _meant(engine: Engine, asking: Asking, lead: Lead) -> Ready:
    """The way that was asked for; observers are told if the request can't take it."""
    asked = asking.on(lead)
    try:
        return Ready(asked, [engine.admit(call) for call in asked.calls])
    except BaseException as error:
        engine.failed(asked.calls[0], error, id=request_of(asked.calls[0]))
        raise


def tried(
    engine: Engine,
    asking: Asking,
    lead: Lead,
    first: Ready | None,
    number: int,
    withheld: Callable[[str], str],
) -> Ready | Unfit:
    """What becomes of the request on one way.

    Args:
        first: the first that takes it; this one has to take the very same.
        number: how many calls come before those of this way.
    """
    from imagekit.client.abilities import lacks  # for requests that may go several ways
    from imagekit.plan.sameness import differences

    host = lead.route.host.name
    try:
        if why := (first and withheld(host)) or lacks(engine, lead):
            return Unfit(lead, why)
        asked = asking.on(lead, first.asked if first else None, number)
        calls = [engine.admit(call) for call in asked.calls]
    except ImagekitError as error:
        return Unfit(lead, _told(error))
    if first and (changed := [*differences(_sent(first.calls), _sent(calls))]):
        return Unfit(lead, "; ".join(changed))
    return Ready(asked, calls)


def _sent(calls: Sequence[Admitted]) -> list[Call]:
    return [one.call for one in calls]


def _told(error: ImagekitError) -> str:
    """In one line."""
    if isinstance(error, InvalidRequest) and error.problems:
        return "; ".join(str(problem) for problem in error.problems)
    return error.message


def _passed_over(unfit: Sequence[Unfit]) -> Iterator[str]:
    """A note for each that was liked better, since another model is another picture."""
    for one in unfit:
        yield f"{one.lead.route.name} was passed over: {one.why}"


def _nobody(unfit: Sequence[Unfit], choice: Choice) -> InvalidRequest:
    """No model of several can do it, of those that were asked. Of the others it may be that one
    could, where it is only to be said at which host."""
    torn = [(name, why) for name, why in choice.lost if isinstance(why, AmbiguousHost)]
    told = [f"{one.lead.route.name}: {one.why}" for one in unfit]
    told += [f"{model}: {error.message}" for model, error in torn]
    lines = "".join(f"\n  {line}" for line in told)
    name = unfit[0].lead.target.name
    problems = tuple(Problem("model", line, name) for line in told)
    return InvalidRequest(f"no model of {name} can take this call:{lines}", problems=problems)
