"""Pictures, made: now, told while it happens, or later.

A request is the same request when its ``Idempotency-Key`` is, or when its client says that it
repeats itself: then what came of it is answered once more, and nothing is bought.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from imagekit_store import (
    AskedAlready,
    Caller,
    Entry,
    NoPrice,
    RequestState,
    StoreUnavailable,
    dearest,
    plans_of,
)
from werkzeug.wrappers import Response

from imagekit import Charged, Cost, ImagekitError, JournalError, Problem, calling_for
from imagekit_gateway.answers.made import Made, of_entry, of_result, unkept
from imagekit_gateway.answers.streaming import replayed, streamed
from imagekit_gateway.answers.told import answer, nothing, refusal
from imagekit_gateway.endpoints.records import LONGEST_WAIT, record
from imagekit_gateway.gateway.visit import Visit, as_json
from imagekit_gateway.refusals import (
    Refused,
    perhaps_written,
    refusal_of_key,
    still_running,
    unknown_word,
)
from imagekit_gateway.requests.asked import digest_of, fields_of
from imagekit_gateway.requests.words import Wanted, wanted

__all__ = ["asked_by", "edits", "generations", "refuse_beyond_budget"]

log = logging.getLogger("imagekit.gateway")

#: Seconds within which the same body from a client that repeats itself is the same request.
REPEATED = 900.0
#: The clients of one family count their attempts, and send no key by themselves.
RETRIES = "X-Stainless-Retry-Count"
LONGEST_KEY = 255


def generations(visit: Visit) -> Response:
    """Make pictures of words, or of words and pictures."""
    fields = fields_of(visit.request, visit.gateway.settings.most_body)
    return _made(visit, "image_generation", fields)


def edits(visit: Visit) -> Response:
    """Make pictures of pictures."""
    fields = fields_of(visit.request, visit.gateway.settings.most_body)
    if not fields.get("image"):
        why = "is missing; an edit begins with a picture"
        raise unknown_word([Problem("image", why, fields.get("image"))])
    return _made(visit, "image_edit", fields)


def _made(visit: Visit, kind: str, fields: Mapping[str, Any]) -> Response:
    asked = asked_by(visit, fields, kind)
    caller = _caller(visit, asked, fields)
    if caller.idem is not None or caller.digest is None:
        return _once(visit, asked, caller)
    gateway, of = visit.gateway, (caller.key, caller.digest)
    with gateway.repeats.after_first(of, _is_repeat(visit), gateway.settings.deadline):
        return _once(visit, asked, caller)


def _once(visit: Visit, asked: Wanted, caller: Caller) -> Response:
    waits = _preferred(visit)
    if (same := _same(visit, caller)) is not None:
        return _joined(visit, asked, same.id, waits)
    try:
        if asked.stream:
            return streamed(visit, asked, caller)
        if waits is None:
            return _now(visit, asked, caller)
        return _later(visit, asked, caller, waits)
    except ImagekitError as error:
        if isinstance(error.__cause__, AskedAlready):  # by another process, at this very moment
            return _joined(visit, asked, error.__cause__.id, waits)
        raise


def asked_by(visit: Visit, fields: Mapping[str, Any], kind: str) -> Wanted:
    """
    Raises:
        Refused: something is wrong with it, or this key may not ask for it.
        ImagekitError: there is no such model.
    """
    asked = wanted(visit.gateway, visit.rights, fields, kind)
    visit.about |= {"model": asked.name, "route": asked.route.name}
    if visit.gateway.settings.audit_prompts:
        visit.about["prompt"] = asked.prompt
    return asked


# --- for whom it is, and whether it is one that is known -----------------------------------------


def _caller(visit: Visit, asked: Wanted, fields: Mapping[str, Any]) -> Caller:
    assert visit.key is not None
    idem = visit.request.headers.get("Idempotency-Key")
    if idem is not None and not (0 < len(idem) <= LONGEST_KEY and idem.isascii()):
        why = f"Idempotency-Key is 1 to {LONGEST_KEY} characters of ASCII"
        raise Refused(400, "invalid_value", why)
    counts = RETRIES in visit.request.headers
    limits, estimate = visit.key.limits, Cost()
    if limits.budget is not None:
        estimate = _dearest(visit, asked)
    return Caller(
        visit.owner,
        idem=idem,
        digest=digest_of(asked.kind, fields) if idem or counts else None,
        keep=visit.rights.keep,
        note=asked.note,
        limits=limits,
        estimate=estimate,
    )


def _dearest(visit: Visit, asked: Wanted) -> Cost:
    """What counts against the budget of the key.

    Raises:
        Refused: nobody knows, or in another currency, and the configuration says nothing.
    """
    assert visit.key is not None
    client, currency = visit.gateway.client, visit.key.limits.currency
    plans = plans_of(client, {"prompt": asked.prompt, **asked.arguments})
    try:
        return dearest(plans, currency, client.config.unknown_price)
    except NoPrice as error:
        raise Refused(402, "unknown_price", error.message, "insufficient_quota") from None


def refuse_beyond_budget(visit: Visit, asked: Wanted) -> None:
    """
    Raises:
        Refused: the key has a budget, which would refuse the request.
    """
    assert visit.key is not None
    limits = visit.key.limits
    if limits.budget is None:
        return
    caller = Caller(visit.owner, limits=limits, estimate=_dearest(visit, asked))
    if (why := visit.gateway.store.beyond_budget(caller)) is not None:
        raise refusal_of_key(why)


def _same(visit: Visit, caller: Caller) -> Entry | None:
    """The request that this one repeats. One that has failed and was certainly free is none: its
    client may want to try again."""
    store = visit.gateway.store
    found: Entry | None = None
    if caller.idem is not None:
        found = store.same(caller.key, caller.idem, caller.digest)
    elif caller.digest is not None and _is_repeat(visit):
        found = store.repeated(caller.key, caller.digest, REPEATED)
    if found is None:
        return None
    if found.forgotten:
        raise Refused(404, "deleted", f"this was asked for before, and {found.id} is deleted")
    if _was_free(found):
        store.release_idem(found.id)
        return None
    return found


def _is_repeat(visit: Visit) -> bool:
    """Whether its client says that it has sent the same before."""
    count = visit.request.headers.get(RETRIES, "")
    return count.isascii() and count.isdigit() and count.strip("0") != ""


def _was_free(entry: Entry) -> bool:
    return entry.state is RequestState.FAILED and all(
        call.charged is Charged.NO for call in entry.attempts
    )


def _joined(visit: Visit, asked: Wanted, id: str, waits: float | None) -> Response:
    """The answer of a request that is known."""
    visit.sent = True
    entry = _ended(visit, id, visit.gateway.settings.deadline if waits is None else waits)
    if not entry.is_over:
        if waits is None:
            raise still_running(id)
        return _promised(visit, entry)
    made = _recorded(visit, entry)
    response = replayed(visit, asked, made) if asked.stream else _answer(visit, asked, made)
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _ended(visit: Visit, id: str, seconds: float) -> Entry:
    """A request of which it is known that it is there, once it is over or so long has passed.

    Raises:
        Refused: nobody knows what has become of it since.
    """
    store = visit.gateway.store
    try:
        try:
            return store.wait(id, seconds, visit.owner)
        except TimeoutError:
            return store.request(id, visit.owner)
    except StoreUnavailable as error:  # it goes on all the same, so that it is not free
        log.warning("%s: %s", visit.id, error)
        raise still_running(id) from None


def _recorded(visit: Visit, entry: Entry) -> Made:
    """
    Raises:
        Refused: there is no picture.
    """
    if entry.forgotten:
        raise Refused(404, "deleted", f"the image {entry.id} is deleted")
    made = of_entry(entry, visit.gateway.store)
    if not made.pictures:
        raise refusal(entry, made)
    return made


# --- now -----------------------------------------------------------------------------------------


def _now(visit: Visit, asked: Wanted, caller: Caller) -> Response:
    """Not a byte leaves before it is known what has come of it."""
    gateway, visit.sent = visit.gateway, True
    try:
        with calling_for(caller.key), gateway.store.on_behalf(visit.id, caller) as behalf:
            result = gateway.client.generate(
                asked.prompt,
                id=visit.id,
                deadline=gateway.settings.deadline,
                fetch=caller.keep or asked.format == "b64_json",
                **asked.arguments,
            )
    except JournalError as error:
        if error.result is None:
            raise
        log.error("%s: %s", visit.id, error)
        return _answer(visit, asked, unkept(error.result, asked, visit.id))
    response = _answer(visit, asked, of_result(result, asked, id=visit.id, kept=caller.keep))
    if caller.limits.rpm is not None and behalf.standing is not None:
        response.headers["x-ratelimit-limit-requests"] = str(caller.limits.rpm)
        response.headers["x-ratelimit-remaining-requests"] = str(behalf.standing.remaining)
    return response


def _answer(visit: Visit, asked: Wanted, made: Made) -> Response:
    """
    Raises:
        Refused: there is no picture.
    """
    visit.about |= {"host": made.host, "charged": str(made.charged), "cost": made.cost.amount}
    if not made.pictures:
        raise nothing(made)
    return answer(made, asked.format, visit.link, visit.rights.dialect)


# --- later ---------------------------------------------------------------------------------------


def _preferred(visit: Visit) -> float | None:
    """Of ``Prefer: respond-async, wait=10``: how many seconds to wait at most. Whose pictures are
    not kept has nothing to come back for, so that it waits for the answer."""
    if not visit.rights.keep:
        return None
    words = visit.request.headers.get("Prefer", "").lower().replace(" ", "").split(",")
    if "respond-async" not in words:
        return None
    wait = next((word[5:] for word in words if word.startswith("wait=")), "0")
    return float(min(int(wait[:9]), LONGEST_WAIT)) if wait.isascii() and wait.isdigit() else 0.0


def _later(visit: Visit, asked: Wanted, caller: Caller, waits: float) -> Response:
    """Written down, to be made by whoever is free: here, or in another process."""
    gateway, visit.sent = visit.gateway, True
    if problems := gateway.client.plan(asked.prompt, **asked.arguments).problems:
        raise unknown_word(problems)
    try:
        id = gateway.store.ask(asked.prompt, id=visit.id, caller=caller, **asked.arguments)
    except ImagekitError as error:
        if isinstance(error, StoreUnavailable) and error.is_perhaps_written:
            log.error("%s: %s", visit.id, error)
            raise perhaps_written(visit.id) from None
        raise refusal_of_key(error) from error  # nothing is written down, so there is no record
    entry = _ended(visit, id, waits)
    if not entry.is_over:
        return _promised(visit, entry)
    return _answer(visit, asked, _recorded(visit, entry))


def _promised(visit: Visit, entry: Entry) -> Response:
    """The record of what is not over."""
    told = record(visit, entry, of_entry(entry, visit.gateway.store))
    headers = {"Location": visit.record(entry.id), "Preference_Applied": "respond-async"}
    return as_json(told, 202, **headers, Retry_After="2")
