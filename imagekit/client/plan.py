"""What a call would be, told without making it."""

from __future__ import annotations

from imagekit.basics.classes import frozen
from imagekit.plan.call import Call
from imagekit.plan.costs import estimate_of, most_pictures
from imagekit.plan.planning import Asked
from imagekit.send.engine import Engine
from imagekit.values import Cost, Problem, Receipt, Request
from imagekit.values.cost import UNSAID, total

__all__ = ["Plan", "PlannedCall", "plan_of"]

#: What a call costs that is not sent.
REFUSED = Cost(why="it would not be sent")


@frozen
class PlannedCall:
    """One of the calls that a request takes, as a row of a table has it.

    Attributes:
        id: what it will be named on events, in journals, and at hosts that take a name.
        places: which pictures of the request it is to make; empty when it makes all.
        n: how many pictures it asks for; None when that is left to the host.
        estimate: what it is expected to cost.
    """

    id: str
    places: tuple[int, ...] = ()
    n: int | None = None
    estimate: Cost = UNSAID


@frozen(eq=False)
class Plan:
    """What `Client.generate` would do, without doing it.

    Attributes:
        model, host: where it would go.
        problems: why it would be refused; empty when it would be sent.
        receipt, notes: as they would be.
        advice: what would be sent, and might better be otherwise; the notes have it, too.
        request: the exact request, unsigned; None when there are problems. The first of
            them, when it takes several calls to make all the pictures.
        paid_calls: how many calls would be paid for.
        calls: the calls that it takes, in order, the sandbox's among them; `Client.begin` makes
            the first of them with ``part=1``. Empty when there are problems.
        estimate: what they are expected to cost together; its ``amount`` is None, and never 0,
            when that is not known, and its ``why`` says why.
        most_pictures: how many may come of all its calls: by what was asked for, an alias, and
            what the model takes where neither says it.
    """

    model: str
    host: str
    problems: tuple[Problem, ...]
    receipt: Receipt
    notes: tuple[str, ...]
    request: Request | None
    paid_calls: int
    calls: tuple[PlannedCall, ...] = ()
    estimate: Cost = UNSAID
    advice: tuple[Problem, ...] = ()
    most_pictures: int = 1


def plan_of(engine: Engine, asked: Asked) -> Plan:
    """What would become of a request on its way, every policy having had its say."""
    prepared = [engine.prepare(call) for call in asked.calls]
    problems: list[Problem] = []
    for _, found in prepared:
        problems += [problem for problem in found if problem not in problems]
    calls = [call for call, _ in prepared]
    call = calls[0]
    told = () if problems else tuple(map(_planned, calls))
    return Plan(
        model=call.route.model.name,
        host=call.route.host.name,
        problems=tuple(problems),
        receipt=asked.receipt(calls),
        notes=call.notes,
        request=None if problems else engine.shape(call),
        paid_calls=len(calls) if call.route.host.real and not problems else 0,
        calls=told,
        estimate=total(one.estimate for one in told) if told else REFUSED,
        advice=call.advice,
        most_pictures=sum(map(most_pictures, calls)),
    )


def _planned(call: Call) -> PlannedCall:
    places, number = tuple(call.places or ()), call.values.get("n")
    return PlannedCall(call.id, places, number, estimate_of(call))
