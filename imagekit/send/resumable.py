"""A job and the call that it is of, each made from the other: so that a process can go on with what
another one began."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from imagekit.basics.classes import evolve
from imagekit.errors import PluginError, UsageError
from imagekit.plan.call import Call, spell_call
from imagekit.plan.policies import OnUnsupported
from imagekit.plan.provenance import portable
from imagekit.plan.routes.route import Route
from imagekit.values import Pending, Provenance, Request
from imagekit.values.purchase import CALL_ID
from imagekit.values.reference import without_bytes

__all__ = ["asks_by_name", "call_of", "harmless", "resumable"]

#: Seconds before a job is looked up whose making was not confirmed, and between later looks.
LOOKUP, LONGEST_LOOKUP = 2.0, 10.0
#: Characters of JSON that a wire may note with a job: it is stored with each.
MOST_STATE = 16_384
#: More pictures than any request has.
MOST_PLACES = 10_000


def resumable(call: Call, pending: Pending, provenance: Provenance | None) -> Pending:
    """The job with what it takes to go on with it in another process.

    Raises:
        PluginError: its state can't go there. It has the job without.
    """
    job = evolve(
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
    flaw = _flaw(pending.state)
    if flaw:
        message = f"the wire {call.route.wire.name} notes a state with its job that {flaw}"
        without = evolve(job, state={})
        raise PluginError(message, charged=job.charged, pending=without)
    return job


def _flaw(state: Mapping[str, Any]) -> str:
    """Why a state would not be the same elsewhere; empty when it would."""
    if state == {}:
        return ""
    try:
        text = json.dumps(state, allow_nan=False)
        same = json.loads(text) == state
    except (TypeError, ValueError, RecursionError) as error:
        return f"is not JSON: {error}"
    if len(text) > MOST_STATE:
        return f"has {len(text):,} characters as JSON; {MOST_STATE:,} are the most"
    return "" if same else "is another once it was JSON, as a tuple or a key that is no text"


def call_of(route: Route, pending: Pending) -> Call:
    """The call that the job is of: a new one for a job that does not say."""
    policy = cast("OnUnsupported", pending.on_unsupported)
    call = spell_call(route, pending.given, policy, pending.authors)
    places = range(pending.places[0], pending.places[-1] + 1) if pending.places else None
    return evolve(call, id=pending.call or call.id, places=places)


def harmless(route: Route, pending: Pending) -> Pending:
    """The job, whoever it comes from, so that asking for it buys nothing, takes the key to nobody,
    and names no file.

    Of its headers only ``Accept`` and the offer's own are kept: another ``Host`` would take the
    key to whoever shares the address.

    Raises:
        UsageError: it would, or it is of no call that there can be.
    """
    request, places = pending.request, pending.places
    route.keep_at_home(request.url)
    if request.method != "GET" or request.body is not None:
        raise UsageError("this job is not asked for by a GET, and resume sends nothing else")
    if pending.call and not re.fullmatch(CALL_ID, pending.call):
        raise UsageError(f"this job is of no call: {pending.call!r:.60} names none")
    if places and not 0 <= places[0] <= places[-1] < MOST_PLACES:
        raise UsageError(f"this job is of no call: it has the places {places!r:.60}")
    headers = {
        name: text
        for name, text in request.headers.items()
        if route.offer.headers.get(name) == text
        or (name.lower() == "accept" and text.isascii() and text.isprintable())
    }
    return evolve(pending, request=evolve(request, headers=headers))


def asks_by_name(lookup: Request) -> Pending:
    """What looks for a job by the name that its call gave it: perhaps there is none."""
    return Pending(lookup, wait=LOOKUP, longest=LONGEST_LOOKUP, confirmed=False)
