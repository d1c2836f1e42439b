"""What several calls of one request made, as one result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import fields

from imagekit.basics.classes import evolve
from imagekit.errors import ImagekitError, Moderated
from imagekit.plan.call import Call
from imagekit.plan.splitting import receipt_of
from imagekit.values import Charged, Cost, Failure, Result, Usage
from imagekit.values.cost import total

__all__ = ["Outcome", "merged"]

#: What one of several calls came to.
Outcome = Result | ImagekitError


def merged(outcomes: Sequence[Outcome], calls: Sequence[Call], given: Mapping[str, Any]) -> Result:
    results = [outcome for outcome in outcomes if isinstance(outcome, Result)]
    errors = [outcome for outcome in outcomes if isinstance(outcome, ImagekitError)]
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
        cost=total(_costs(outcomes)),
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
        Failure(index, code, str(outcome), moderated, outcome.trouble)
        for index in call.places or ()
    )


def _lost(errors: Sequence[ImagekitError], calls: int) -> list[str]:
    if not errors:
        return []
    charged = ", ".join(dict.fromkeys(str(error.charged) for error in errors))
    return [f"{len(errors)} of {calls} calls failed; charged: {charged}"]


def _gravest(errors: Sequence[ImagekitError]) -> ImagekitError:
    """The first error, with the others; but whether anything was charged is asked of all."""
    first, *others = errors
    charged = Charged.dearest(error.charged for error in errors)
    return first.with_details(charged=charged, others=tuple(others))


def _usage(parts: Sequence[Usage | None]) -> Usage | None:
    """The sum; what one call leaves unsaid is unknown of all."""
    counted = [part for part in parts if part is not None]
    if len(counted) < len(parts):
        return None

    def summed(count: str) -> int | None:
        numbers = [getattr(part, count) for part in counted]
        known = [number for number in numbers if number is not None]
        return sum(known) if len(known) == len(numbers) else None

    return Usage(**{count.name: summed(count.name) for count in fields(Usage)})


def _costs(outcomes: Sequence[Outcome]) -> Iterator[Cost]:
    """What each call has cost, but for those that were certainly free."""
    for outcome in outcomes:
        if isinstance(outcome, Result):
            yield outcome.cost
        elif outcome.charged is not Charged.NO:
            yield Cost(why="a call that failed may have been charged")


def _provenance(first: Result, given: Mapping[str, Any]) -> Any:
    """That of the first call, asking for all the pictures."""
    if first.provenance is None:
        return None
    whole = {name: given[name] for name in ("n", "seed") if name in given}
    return evolve(first.provenance, parameters={**first.provenance.parameters, **whole})
