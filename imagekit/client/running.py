"""Calls carried out for a client's methods, whose observers hear how each of them ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from imagekit.plan.call import Call, request_of
from imagekit.plan.planning import Asked
from imagekit.send.engine import Admitted, Engine
from imagekit.values import Pending, Result

if TYPE_CHECKING:
    from imagekit.events import Observer

__all__ = ["admitted", "run", "watched"]

T = TypeVar("T", Result, Result | Pending)


def admitted(engine: Engine, asked: Asked) -> list[Admitted]:
    """Every call, asked of all policies once: what was admitted is what is sent."""
    first = asked.calls[0]
    try:
        return [engine.admit(call) for call in asked.calls]
    except BaseException as error:
        engine.failed(first, error, id=request_of(first))
        raise


def run(
    engine: Engine,
    asked: Asked,
    calls: list[Admitted],
    at_once: int,
    seconds: float | None,
    stop: threading.Event | None,
    fetch: bool,
    listener: Observer | None = None,
) -> Result:
    """One request: its call, or all its calls, at most ``at_once`` at a time. ``listener`` hears
    what observers hear, but for a failure, which is raised to whoever listens."""
    telling = engine if listener is None else _heard_by(listener, engine)
    first = calls[0]
    id = request_of(first.call)
    try:
        if len(calls) == 1:
            result = telling.run(first, engine.exchange.deadline(seconds, stop), fetch)
        else:
            from imagekit.send import concurrent_calls

            if told := telling.watched(first.call, id):
                told.split(one.call.id for one in calls)
            result = concurrent_calls.generate(
                telling,
                calls,
                asked.given,
                at_once=at_once,
                seconds=seconds,
                stop=stop,
                fetch=fetch,
            )
    except BaseException as error:
        asked.tell_of_others(error)
        engine.failed(first.call, error, id=id)
        raise
    telling.finished(first.call, result, id)
    return result


def _heard_by(listener: Observer, engine: Engine) -> Engine:
    from imagekit.send.observers import Observers  # and with it every kind of event

    return engine.having(observers=(engine.observers or Observers([])).joined_by(listener))


def watched(engine: Engine, call: Call, work: Callable[[], T], step: str = "generate") -> T:
    """What ``work`` gives; observers are told of its end, or that a job is given back."""
    try:
        outcome = work()
    except BaseException as error:
        engine.failed(call, error, step)
        raise
    if isinstance(outcome, Result):
        engine.finished(call, outcome)
    elif told := engine.watched(call):
        told.given_back(step, outcome)
    return outcome
