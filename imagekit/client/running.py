"""Calls carried out for a client's methods, whose observers hear how each of them ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from imagekit.client.trip import Trip
from imagekit.client.ways import Ready, Ways
from imagekit.plan.call import Call
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
    made_on = partial(_made, engine, attempt, failures or engine)
    if engine.turns is None or len(ways.hosts) == 1:
        return made_on(Trip(ways, within, ways.ready), _nobody_promised)
    with engine.turns.chosen(ways.hosts, ways.balance) as chosen:
        return made_on(Trip(ways, within, ways.ordered(chosen.hosts)), chosen.moved)


def _made(
    engine: Engine,
    attempt: Callable[[Engine, Ready], T],
    failures: Engine,
    trip: Trip,
    moved: Callable[[str], object],
) -> T:
    """
    Args:
        moved: is told which host is asked instead of the one before.
    """
    while True:
        try:
            outcome = attempt(trip.engine(engine), trip.way)
        except BaseException as error:
            if trip.goes_on(error, engine):
                moved(trip.way.host)
                continue
            ended = trip.ended_by(error)
            failures.failed(trip.call, ended, id=trip.way.request)
            if ended is not error:
                raise ended from None
            raise
        told(engine, trip.call, outcome, id=trip.way.request)
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

    if watched := engine.watched(way.calls[0].call, way.request):
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
