"""More pictures than one call makes: several paid calls, side by side, and one result."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from functools import wraps
from itertools import count
from queue import SimpleQueue
from typing import Any

from attrs import evolve

from imagekit.engine import Admitted, Engine
from imagekit.errors import Charged, ImagekitError, JournalError, Moderated, SinkError
from imagekit.family import Parameter, is_group
from imagekit.limits.rules import Range
from imagekit.registry import Route
from imagekit.spelling import Call, OnUnsupported, spell_call
from imagekit.types import mistyped
from imagekit.values import Action, Failure, Line, Problem, Receipt, Result, Usage

__all__ = ["MOST_CALLS", "calls_for", "generate", "receipt_of"]

#: Paid calls that one request may become. More is more likely a slip than a wish.
MOST_CALLS = 32
Outcome = Result | ImagekitError
_GRAVITY = (Charged.NO, Charged.MAYBE, Charged.YES)


def calls_for(
    route: Route,
    given: Mapping[str, Any],
    on_unsupported: OnUnsupported,
    authors: Mapping[str, str],
) -> list[Call]:
    """The calls it takes to make ``n`` pictures; often just one.

    A seed that is given counts on from call to call, so that the pictures differ. A group
    stays one call: its model decides how many pictures it makes.
    """
    most, wanted = route.pictures_per_call, given.get("n")
    if most is None or wanted is None or is_group(given):
        return [spell_call(route, given, on_unsupported, authors)]
    problem = _problem(wanted, most)
    if problem is not None:
        call = spell_call(route, {**given, "n": 1}, on_unsupported, authors)
        return [evolve(call, problems=(*call.problems, problem))]
    if wanted <= most:
        return [spell_call(route, given, on_unsupported, authors)]
    shares = [(before, min(most, wanted - before)) for before in range(0, wanted, most)]
    spelled = [
        spell_call(route, _share(route, given, *share), on_unsupported, authors) for share in shares
    ]
    spare = count(wanted)
    request = spelled[0].id
    return [
        evolve(call, id=f"{request}-{at}", places=range(before, before + number), spare=spare)
        for at, (call, (before, number)) in enumerate(zip(spelled, shares, strict=True), 1)
    ]


def _problem(wanted: Any, most: int) -> Problem | None:
    """What is wrong with a number of pictures where a call makes at most ``most``."""
    wrong = mistyped(Parameter("n", int), wanted, "n")
    if wrong is not None:
        return wrong
    calls = -(-wanted // most)
    if calls > MOST_CALLS:
        message = f"{wanted:,} pictures are {calls:,} calls here; at most {MOST_CALLS} are made"
        return Problem("n", message, wanted, MOST_CALLS * most)
    return Range(1, MOST_CALLS * most).check("n", wanted)


def _share(route: Route, given: Mapping[str, Any], before: int, number: int) -> dict[str, Any]:
    """The parameters of a call that makes ``number`` pictures, after ``before`` others."""
    own = {**given, "n": number}
    seed = given.get("seed")
    if type(seed) is int and not _stands_for_any(route, seed):
        own["seed"] = seed + before
    return own


def _stands_for_any(route: Route, seed: int) -> bool:
    """-1 does; but where lesser ones are taken, too, it is a seed like another."""
    parameter = route.parameters.get("seed")
    rules = parameter.rules if parameter else ()
    return seed == -1 and not any(isinstance(one, Range) and one.minimum < -1 for one in rules)


def receipt_of(calls: Sequence[Call], given: Mapping[str, Any]) -> Receipt:
    """One receipt for all the calls: ``given`` is what the caller gave."""
    first = calls[0]
    told = {"n": _told_number(calls, given["n"])}
    if "seed" in given and given["seed"] != calls[-1].given["seed"]:
        told["seed"] = _told_seed(calls, first.receipt["seed"])
    lines = tuple(told.get(line.parameter, line) for line in first.receipt.lines)
    return evolve(first.receipt, lines=lines)


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
        ImagekitError: no call made a picture: what befell the first.
    """
    work = _Work(_taking_turns(engine), admitted, seconds, stop or threading.Event(), fetch)
    work.run(at_once)
    outcomes = work.outcomes()
    unstored = [one for one in outcomes if isinstance(one, SinkError | JournalError) and one.result]
    made = [getattr(one, "result", None) or one for one in outcomes]
    result = _merged(made, [one.asked for one in admitted], given)
    if unstored:
        unstored[0].result = result
        raise unstored[0]
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
            self._stop.set()
            self._waiting.put(None)
            self._serve()  # what is waiting is given up here: not every thread may have started
            self._over.wait()
            if not any(isinstance(one, Result) for one in self._done.values()):
                raise

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
            try:
                self._note(index, self._make(index))
            except ImagekitError as error:
                self._engine.failed(self._calls[index].call, error)
                self._note(index, error)
            except BaseException as error:  # the caller's thread has to hear of it
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


# --- many results, one result ---------------------------------------------------------------


def _merged(outcomes: Sequence[Outcome], calls: Sequence[Call], given: Mapping[str, Any]) -> Result:
    results = [one for one in outcomes if isinstance(one, Result)]
    errors = [one for one in outcomes if isinstance(one, ImagekitError)]
    if not results:
        raise _gravest(errors)
    first = results[0]
    images = [image for result in results for image in result.images]
    notes = [note for result in results for note in result.notes]
    return evolve(
        first,
        images=tuple(sorted(images, key=lambda image: image.index)),
        failures=tuple(
            failure
            for call, outcome in zip(calls, outcomes, strict=True)
            for failure in _failures(call, outcome)
        ),
        usage=_usage([result.usage for result in results]),
        request_id=", ".join(one.request_id for one in results if one.request_id) or None,
        receipt=receipt_of(calls, given),
        provenance=_provenance(first, given),
        notes=tuple(dict.fromkeys([*notes, *_lost(errors, len(outcomes))])),
        raw=[result.raw for result in results],
    )


def _failures(call: Call, outcome: Outcome) -> tuple[Failure, ...]:
    """The pictures that a call was to make and did not."""
    if isinstance(outcome, Result):
        return outcome.failures
    code, moderated = getattr(outcome, "code", None), isinstance(outcome, Moderated)
    return tuple(
        Failure(index, code, str(outcome), moderated, outcome) for index in call.places or ()
    )


def _lost(errors: Sequence[ImagekitError], calls: int) -> list[str]:
    if not errors:
        return []
    charged = ", ".join(dict.fromkeys(str(error.charged) for error in errors))
    return [f"{len(errors)} of {calls} calls failed; charged: {charged}"]


def _gravest(errors: Sequence[ImagekitError]) -> ImagekitError:
    """The first error, with the others; but whether anything was charged is asked of all."""
    first, *others = errors
    first.charged = max((error.charged for error in errors), key=_GRAVITY.index)
    first.others = tuple(others)
    return first


def _usage(parts: Sequence[Usage | None]) -> Usage | None:
    """The sum; what one call leaves unsaid is unknown of all."""
    counted = [part for part in parts if part is not None]
    if len(counted) < len(parts):
        return None

    def total(of: Callable[[Usage], int | None]) -> int | None:
        numbers = [of(part) for part in counted]
        known = [number for number in numbers if number is not None]
        return sum(known) if len(known) == len(numbers) else None

    return Usage(
        generated_images=total(lambda usage: usage.generated_images),
        input_tokens=total(lambda usage: usage.input_tokens),
        output_tokens=total(lambda usage: usage.output_tokens),
        total_tokens=total(lambda usage: usage.total_tokens),
    )


def _provenance(first: Result, given: Mapping[str, Any]) -> Any:
    """That of the first call, asking for all the pictures."""
    if first.provenance is None:
        return None
    whole = {name: given[name] for name in ("n", "seed") if name in given}
    return evolve(first.provenance, parameters={**first.provenance.parameters, **whole})


def _told_number(calls: Sequence[Call], wanted: int) -> Line:
    numbers = [call.given["n"] for call in calls]
    each = " + ".join(map(str, numbers))
    line = calls[0].receipt["n"]
    made = "one picture each" if set(numbers) == {1} else f"{each} pictures"
    return evolve(line, value=wanted, action=Action.MAPPED, note=f"{len(calls)} calls, {made}")


def _told_seed(calls: Sequence[Call], line: Line) -> Line:
    seeds = ", ".join(str(call.given["seed"]) for call in calls)
    return evolve(line, note=f"counts on from call to call: {seeds}")
