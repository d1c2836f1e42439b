"""More pictures than one call makes: several paid calls, side by side, and one result."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from functools import wraps
from queue import SimpleQueue
from typing import Any

from imagekit.basics.classes import evolve
from imagekit.errors import ImagekitError, JournalError, SinkError
from imagekit.send.engine import Admitted, Engine
from imagekit.send.merging import Outcome, merged
from imagekit.values import Result

__all__ = ["generate"]


def generate(
    engine: Engine,
    admitted: Sequence[Admitted],
    given: Mapping[str, Any],
    *,
    at_once: int,
    seconds: float | None = None,
    stop: threading.Event | None = None,
    fetch: bool = True,
) -> Result:
    """Send every call, at most ``at_once`` at a time, and put together what comes. Each call's
    own result has gone to the sinks by then, one at a time.

    What some calls made is kept when others fail: their pictures are then failures of the
    result. Ctrl-C sends no further call, and waits for those under way; a second one does not.

    Raises:
        SinkError, JournalError: with all that was made, as its ``result``.
        LimitReached: a budget has no room for all of them; none was sent.
        ImagekitError: no call made a picture: what befell the first.
    """
    if engine.turns is not None:
        engine.turns.afford([one.call for one in admitted])
    work = _Work(_taking_turns(engine), admitted, seconds, stop or threading.Event(), fetch)
    work.run(at_once)
    outcomes = work.outcomes()
    unstored = [
        outcome
        for outcome in outcomes
        if isinstance(outcome, SinkError | JournalError) and outcome.result
    ]
    made = [getattr(outcome, "result", None) or outcome for outcome in outcomes]
    result = merged(made, [call.asked for call in admitted], given)
    if unstored:
        raise unstored[0].with_details(result=result)
    return result


def _taking_turns(engine: Engine) -> Engine:
    """The same engine, whose sinks are fed one call at a time."""
    turn = threading.Lock()

    def in_turn(sink: Callable[[Result], object]) -> Callable[[Result], object]:
        @wraps(sink)
        def fed(result: Result) -> object:
            with turn:
                return sink(result)

        return fed

    return evolve(engine, sinks=tuple(map(in_turn, engine.sinks)))


class _Work:
    """The calls of one request, done by a few threads."""

    def __init__(
        self,
        engine: Engine,
        calls: Sequence[Admitted],
        seconds: float | None,
        stop: threading.Event,
        fetch: bool,
    ) -> None:
        self._engine, self._calls, self._stop, self._fetch = engine, calls, stop, fetch
        self._clock = engine.exchange.monotonic
        self._end = None if seconds is None else self._clock() + seconds
        self._waiting: SimpleQueue[int | None] = SimpleQueue()
        self._done: dict[int, Result | ImagekitError] = {}
        self._bug: BaseException | None = None
        self._over = threading.Event()  # not join(), which forgets a thread once interrupted

    def run(self, at_once: int) -> None:
        """Do all of it in threads, which end with the last call."""
        for index in range(len(self._calls)):
            self._waiting.put(index)
        try:
            for _ in range(min(at_once, len(self._calls))):
                self._start_one()
            self._over.wait()
        except KeyboardInterrupt:
            self._give_up_what_waits()
            self._over.wait()  # for what is under way, and perhaps paid for
            if not any(isinstance(outcome, Result) for outcome in self._done.values()):
                raise

    def _give_up_what_waits(self) -> None:
        """Nothing more is sent: the calls that no thread has taken fail here, in the caller's
        own, since not every thread may have been started. First the stop, or one would be sent
        that is just being taken; then the end of the queue, for this thread as for the others.
        """
        self._stop.set()
        self._waiting.put(None)
        self._serve()

    def _start_one(self) -> None:
        self._waiting.put(None)
        threading.Thread(target=copy_context().run, args=(self._serve,), daemon=True).start()

    def outcomes(self) -> list[Outcome]:
        """What every call came to, in order."""
        if self._bug is not None:
            raise self._bug
        return [self._done[index] for index in range(len(self._calls))]

    def _serve(self) -> None:
        while (index := self._waiting.get()) is not None:
            call = self._calls[index].call
            try:
                result = self._make(index)
                if watched := self._engine.watched(call):
                    watched.part_finished(result)
                self._note(index, result)
            except ImagekitError as error:
                self._engine.failed(call, error)
                self._note(index, error)
            except BaseException as error:  # the caller's thread has to hear of it
                self._engine.failed(call, error)
                self._bug = error
                self._stop.set()
                self._over.set()
                return

    def _note(self, index: int, outcome: Outcome) -> None:
        self._done[index] = outcome
        if len(self._done) == len(self._calls):
            self._over.set()

    def _make(self, index: int) -> Result:
        left = None if self._end is None else max(0.0, self._end - self._clock())
        deadline = self._engine.exchange.deadline(left, self._stop)
        return self._engine.run(self._calls[index], deadline, self._fetch)
