"""More pictures than one call makes: several paid calls, side by side, and one result."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from queue import SimpleQueue
from typing import Any

from attrs import evolve, frozen

from imagekit.engine import Engine
from imagekit.errors import Charged, ImagekitError, Moderated
from imagekit.registry import Route
from imagekit.spelling import Call, OnUnsupported, spell_call
from imagekit.values import Action, Failure, Image, Line, Problem, Receipt, Result, Usage

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
    if most is None or type(wanted) is not int or wanted <= most or _is_group(given):
        return [spell_call(route, given, on_unsupported, authors)]
    calls = -(-wanted // most)
    if calls > MOST_CALLS:
        call = spell_call(route, {**given, "n": most}, on_unsupported, authors)
        message = f"{wanted:,} pictures are {calls:,} calls here; at most {MOST_CALLS} are made"
        problem = Problem("n", message, wanted, MOST_CALLS * most)
        return [evolve(call, problems=(*call.problems, problem))]
    return [
        spell_call(
            route, _share(given, before, min(most, wanted - before)), on_unsupported, authors
        )
        for before in range(0, wanted, most)
    ]


def _share(given: Mapping[str, Any], before: int, number: int) -> dict[str, Any]:
    """The parameters of a call that makes ``number`` pictures, after ``before`` others."""
    own = {**given, "n": number}
    seed = given.get("seed")
    if type(seed) is int and seed >= 0:
        own["seed"] = seed + before
    return own


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
    calls: Sequence[Call],
    given: Mapping[str, Any],
    *,
    at_once: int,
    seconds: float | None = None,
    stop: threading.Event | None = None,
) -> Result:
    """Send every call, at most ``at_once`` at a time, and put together what comes.

    What some calls made is kept when others fail: their pictures are then failures of the
    result. Ctrl-C sends no further call, and waits for those under way; a second one does not.

    Raises:
        InvalidRequest: before anything is sent, with every problem of any call.
        ImagekitError: no call made a picture: what befell the first.
    """
    try:
        work = _Work(engine, calls, seconds, stop or threading.Event())
        work.run(at_once)
        result = _merged(work.outcomes(), calls, given)
    except BaseException as error:
        engine.failed(calls[0], error)
        raise
    return engine.deliver(calls[0], result)


class _Work:
    """The calls of one request, done by a few threads."""

    def __init__(
        self, engine: Engine, calls: Sequence[Call], seconds: float | None, stop: threading.Event
    ) -> None:
        self._engine, self._calls, self._stop = engine, calls, stop
        self._admitted = [engine.admit(call) for call in calls]
        self._end = None if seconds is None else engine.monotonic() + seconds
        self._waiting: SimpleQueue[int | None] = SimpleQueue()
        self._done: dict[int, Result | ImagekitError] = {}
        self._bug: BaseException | None = None
        self._over = threading.Event()  # not join(), which forgets a thread once interrupted

    def run(self, at_once: int) -> None:
        """Do all of it in threads, which end with the last call."""
        for index in range(len(self._calls)):
            self._waiting.put(index)
        for _ in range(min(at_once, len(self._calls))):
            self._waiting.put(None)
            threading.Thread(target=copy_context().run, args=(self._serve,), daemon=True).start()
        try:
            self._over.wait()
        except KeyboardInterrupt:
            self._stop.set()
            self._over.wait()
            if not any(isinstance(one, Result) for one in self._done.values()):
                raise

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
        left = None if self._end is None else max(0.0, self._end - self._engine.monotonic())
        return self._engine.make(self._calls[index], self._admitted[index], left, self._stop)


# --- many results, one result ---------------------------------------------------------------


@frozen
class _Share:
    """What one call was to make: ``number`` pictures, after ``before`` others."""

    before: int
    number: int
    outcome: Outcome


def _merged(outcomes: Sequence[Outcome], calls: Sequence[Call], given: Mapping[str, Any]) -> Result:
    results = [one for one in outcomes if isinstance(one, Result)]
    errors = [one for one in outcomes if isinstance(one, ImagekitError)]
    if not results:
        raise _gravest(errors)
    parts = _shares_of(outcomes, calls)
    first = results[0]
    notes = [note for result in results for note in result.notes]
    return evolve(
        first,
        images=tuple(image for part in parts for image in _images(part)),
        failures=tuple(failure for part in parts for failure in _failures(part)),
        usage=_usage([result.usage for result in results]),
        request_id=", ".join(one.request_id for one in results if one.request_id) or None,
        receipt=receipt_of(calls, given),
        provenance=_provenance(first, given),
        notes=tuple(dict.fromkeys([*notes, *_lost(errors, len(outcomes))])),
        raw=[result.raw for result in results],
    )


def _shares_of(outcomes: Sequence[Outcome], calls: Sequence[Call]) -> list[_Share]:
    parts: list[_Share] = []
    before = 0
    for outcome, call in zip(outcomes, calls, strict=True):
        number = call.given["n"]
        parts.append(_Share(before, number, outcome))
        before += number
    return parts


def _images(part: _Share) -> list[Image]:
    """The pictures of a share, numbered as those of the whole request."""
    if not isinstance(part.outcome, Result):
        return []
    for image in part.outcome.images:
        image.index += part.before
    return list(part.outcome.images)


def _failures(part: _Share) -> list[Failure]:
    if isinstance(part.outcome, Result):
        own = part.outcome.failures
        return [evolve(failure, index=part.before + failure.index) for failure in own]
    error = part.outcome
    code, moderated = getattr(error, "code", None), isinstance(error, Moderated)
    return [
        Failure(part.before + number, code, str(error), moderated, error)
        for number in range(part.number)
    ]


def _lost(errors: Sequence[ImagekitError], calls: int) -> list[str]:
    if not errors:
        return []
    charged = ", ".join(dict.fromkeys(str(error.charged) for error in errors))
    return [f"{len(errors)} of {calls} calls failed; charged: {charged}"]


def _gravest(errors: Sequence[ImagekitError]) -> ImagekitError:
    """The first error; but whether anything was charged is asked of all."""
    errors[0].charged = max((error.charged for error in errors), key=_GRAVITY.index)
    return errors[0]


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


def _is_group(given: Mapping[str, Any]) -> bool:
    return str(given.get("sequential_image_generation", "disabled")) != "disabled"
