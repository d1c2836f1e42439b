"""Calls carried out for a client's methods, whose observers hear how each of them ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from imagekit.basics.classes import evolve
from imagekit.client.ways import Ready, Ways
from imagekit.errors import ImagekitError, LimitReached, ModelUnavailable, PermissionDenied
from imagekit.plan.call import Call, request_of
from imagekit.send.deadline import Deadline
from imagekit.send.engine import Engine
from imagekit.values import Pending, Result

if TYPE_CHECKING:
    from imagekit.events import Observer

__all__ = ["made", "run", "watched"]

T = TypeVar("T", Result, Result | Pending)


def run(
    engine: Engine,
    ways: Ways,
    at_once: int,
    seconds: float | None,
    stop: threading.Event | None,
    fetch: bool,
    listener: Observer | None = None,
) -> Result:
    """One request: its call, or all its calls, at most ``at_once`` at a time. ``listener`` hears
    what observers hear, but for a failure, which is raised to whoever listens."""
    telling = engine if listener is None else _heard_by(listener, engine)
    within = engine.exchange.deadline(seconds, stop)
    attempt = partial(_generated, at_once=at_once, within=within, fetch=fetch)
    return made(telling, ways, within, attempt, engine)


def made(
    engine: Engine,
    ways: Ways,
    within: Deadline,
    attempt: Callable[[Engine, Ready], T],
    failures: Engine | None = None,
) -> T:
    """What ``attempt`` gives on the first way that is to be asked now. Where that fails, was
    certainly free, and the choice allows it, what it gives on the next.

    Args:
        failures: whose observers are told of the failure at the end; those of ``engine``.
    """
    taken = partial(_taken, engine, ways, within, attempt, failures or engine)
    if engine.turns is None or len(ways.hosts) == 1:
        return taken(ways.ready, _nobody_promised)
    with engine.turns.chosen(ways.hosts, ways.balance) as chosen:
        return taken(ways.ordered(chosen.hosts), chosen.moved)


def _taken(
    engine: Engine,
    ways: Ways,
    within: Deadline,
    attempt: Callable[[Engine, Ready], T],
    failures: Engine,
    ready: Sequence[Ready],
    moved: Callable[[str], object],
) -> T:
    """
    Args:
        ready: the ways, in the order in which they are asked.
        moved: is told which host is asked instead of the one before.
    """
    way, *rest = ready
    before: list[tuple[Ready, ImagekitError]] = []
    while True:
        try:
            outcome = attempt(_asking_once(engine) if rest and ways.fails_over else engine, way)
        except BaseException as error:
            why = _why_it_ends(ways, error, within)
            if why is None and rest and isinstance(error, ImagekitError):
                before.append((way, error))
                way, *rest = _next(engine, before, rest)
                moved(way.host)
                continue
            if isinstance(error, ImagekitError):
                _explain(error, ways, before, rest, why)
            failures.failed(way.calls[0].call, error, id=_request(way))
            raise
        told(engine, way.calls[0].call, outcome, id=_request(way))
        return outcome


def _nobody_promised(_: str) -> None:
    """No host has been promised anything."""


def watched(engine: Engine, call: Call, work: Callable[[], T], step: str) -> T:
    """What ``work`` gives; observers are told of its end, or that a job is given back."""
    try:
        outcome = work()
    except BaseException as error:
        engine.failed(call, error, step)
        raise
    told(engine, call, outcome, step)
    return outcome


def told(
    engine: Engine,
    call: Call,
    outcome: Result | Pending,
    step: str = "generate",
    id: str | None = None,
) -> None:
    if isinstance(outcome, Result):
        engine.finished(call, outcome, id)
    elif told := engine.watched(call):
        told.given_back(step, outcome)


def _generated(
    engine: Engine, way: Ready, *, at_once: int, within: Deadline, fetch: bool
) -> Result:
    if len(way.calls) == 1:
        return engine.run(way.calls[0], within, fetch)
    from imagekit.send import concurrent_calls

    if watched := engine.watched(way.calls[0].call, _request(way)):
        watched.split(one.call.id for one in way.calls)
    return concurrent_calls.generate(
        engine,
        way.calls,
        way.asked.given,
        at_once=at_once,
        seconds=within.left(),
        stop=within.stop,
        fetch=fetch,
    )


def _heard_by(listener: Observer, engine: Engine) -> Engine:
    from imagekit.send.observers import Observers  # and with it every kind of event

    return engine.having(observers=(engine.observers or Observers([])).joined_by(listener))


# --- from one way to the next --------------------------------------------------------------------


def _asking_once(engine: Engine) -> Engine:
    """Where another host is ready, nobody waits for one that is in trouble."""
    return engine.having(retry=evolve(engine.exchange.retry, attempts=1))


def _why_it_ends(ways: Ways, error: BaseException, within: Deadline) -> str | None:
    """Why no other way is taken after this error; None where one may be."""
    if not ways.fails_over:
        return "failover is off"
    if within.passed or within.stopped:
        return "nobody waits for it any more"
    from imagekit.send.failing_over import why_it_stays

    return why_it_stays(error) or None


def _next(
    engine: Engine, before: Sequence[tuple[Ready, ImagekitError]], rest: Sequence[Ready]
) -> tuple[Ready, ...]:
    """The ways that are left, the first with notes on what befell those before. A host that is in
    trouble itself is in trouble for its other models as well."""
    way, error = before[-1]
    about_the_model = isinstance(error, ModelUnavailable | PermissionDenied)
    following, *others = sorted(rest, key=lambda one: not about_the_model and one.host == way.host)
    if watched := engine.watched(way.calls[0].call, _request(way)):
        watched.failed_over(following.name, error)
    # Without the words of a host: the next one's receipt is no place for them.
    notes = [_befell(one, befell, type(befell).__name__) for one, befell in before]
    return (following.because(*notes, f"{following.name} was asked"), *others)


def _befell(way: Ready, error: ImagekitError, told: str) -> str:
    if isinstance(error, LimitReached):
        return f"{way.name} was not asked ({told})"
    return f"{way.name} failed and was certainly free ({told})"


def _explain(
    error: ImagekitError,
    ways: Ways,
    before: Sequence[tuple[Ready, ImagekitError]],
    rest: Sequence[Ready],
    why: str | None,
) -> None:
    """Note on the error whom its request was asked of besides, and why of nobody else."""
    if not ways.fails_over:
        ways.first.asked.tell_of_others(error)
        return
    for way, befell in before:
        error.add_note(_befell(way, befell, f"{type(befell).__name__}: {befell!s:.300}"))
    for note in (*(f"{way.name} was not asked: {why}" for way in rest), *ways.unfit):
        error.add_note(str(note))


def _request(way: Ready) -> str:
    return request_of(way.calls[0].call)
