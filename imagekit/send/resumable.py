"""A job and the call that it is of, each made from the other: so that a process can go on with what
another one began."""

from __future__ import annotations

from typing import cast

from attrs import evolve

from imagekit.plan.call import Call, spell_call
from imagekit.plan.parameters import OnUnsupported
from imagekit.plan.provenance import portable
from imagekit.plan.routes.route import Route
from imagekit.values import Pending, Provenance, Request
from imagekit.values.reference import without_bytes

__all__ = ["asks_by_name", "call_of", "resumable"]

#: Seconds before a job is looked up whose making was not confirmed, and between later looks.
LOOKUP, LONGEST_LOOKUP = 2.0, 10.0


def resumable(call: Call, pending: Pending, provenance: Provenance | None) -> Pending:
    """The job with what it takes to go on with it in another process."""
    return evolve(
        pending,
        model=call.route.model.name,
        host=call.route.host.name,
        given=without_bytes(call.given),
        on_unsupported=call.on_unsupported,
        authors=call.authors,
        provenance=provenance and portable(provenance),
        call=call.id,
        places=tuple(call.places or ()),
    )


def call_of(route: Route, pending: Pending) -> Call:
    """The call that the job is of: a new one for a job that does not say."""
    policy = cast("OnUnsupported", pending.on_unsupported)
    call = spell_call(route, pending.given, policy, pending.authors)
    places = range(pending.places[0], pending.places[-1] + 1) if pending.places else None
    return evolve(call, id=pending.call or call.id, places=places)


def asks_by_name(lookup: Request) -> Pending:
    """What looks for a job by the name that its call gave it: perhaps there is none."""
    return Pending(lookup, wait=LOOKUP, longest=LONGEST_LOOKUP, confirmed=False)
