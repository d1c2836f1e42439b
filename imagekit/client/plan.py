"""What a call would be, told without making it."""

from __future__ import annotations

from attrs import frozen

from imagekit.plan.call import Call
from imagekit.values import Problem, Receipt, Request

__all__ = ["Plan", "PlannedCall", "planned"]


@frozen
class PlannedCall:
    """One of the calls that a request takes, as a row of a table has it.

    Attributes:
        id: what it will be named on events, in journals, and at hosts that take a name.
        places: which pictures of the request it is to make; empty when it makes all.
        n: how many pictures it asks for; None when that is left to the host.
    """

    id: str
    places: tuple[int, ...] = ()
    n: int | None = None


@frozen(eq=False)
class Plan:
    """What `Client.generate` would do, without doing it.

    Attributes:
        model, host: where it would go.
        problems: why it would be refused; empty when it would be sent.
        receipt, notes: as they would be.
        request: the exact request, unsigned; None when there are problems. The first of
            them, when it takes several calls to make all the pictures.
        paid_calls: how many calls would be paid for.
        calls: the calls that it takes, in order, the sandbox's among them; `Client.begin` makes
            the first of them with ``part=1``. Empty when there are problems.
    """

    model: str
    host: str
    problems: tuple[Problem, ...]
    receipt: Receipt
    notes: tuple[str, ...]
    request: Request | None
    paid_calls: int
    calls: tuple[PlannedCall, ...] = ()


def planned(call: Call) -> PlannedCall:
    """A call as a plan tells of it."""
    return PlannedCall(call.id, tuple(call.places or ()), call.values.get("n"))
