"""What a request is forgotten by: its words and pictures go, its money stays.

The statements, as steps of a transaction; `removing` puts them together with the bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, and_, delete, exists, or_, select, tuple_, union, update
from sqlalchemy.sql.elements import ColumnElement

from imagekit import UsageError
from imagekit_store.ledger.ledger import Ledger, microseconds
from imagekit_store.schema.states import RequestState, State
from imagekit_store.schema.tables import ATTEMPTS, INPUTS, PICTURES, REQUESTS

__all__ = ["Freed", "due", "forget", "needed", "needless", "next_due"]

A, P, R = ATTEMPTS.c, PICTURES.c, REQUESTS.c
GIVEN = INPUTS.c

NEVER_SENT = {"type": "NotSent", "message": "forgotten before it was sent", "charged": "no"}
#: Why what was paid for, or may have been, has to be findable for a while.
FIRST = {
    State.SENDING: "it is under way; wait for its end",
    State.ACCEPTED: "its host works at it; wait for its end, or bring it there: imagekit resume",
    State.ANSWERED: "not all of its pictures are here; bring them: imagekit resume",
    State.UNKNOWN: "nobody knows whether it was paid for; settle that: imagekit history settle",
}
#: What is no text of the host's, which may quote the prompt.
ABOUT_ERRORS = ("type", "charged", "retryable", "status", "code", "moderated")
GONE = "forgotten"


@frozen
class Freed:
    """What a forgotten request needs no more: pictures and references, as digest -> bytes."""

    digests: Mapping[str, int]
    attempts: Collection[str]


def forget(ledger: Ledger, connection: Connection, id: str) -> Freed:
    """Clear whatever may quote the prompt, and the names of the pictures. What was never sent
    never will be. Forgotten again, it is searched for what has come since.

    Raises:
        UsageError: it is under way, or nobody knows yet whether it was paid for.
    """
    # Held, on PostgreSQL: nothing of it is sent, and nothing added to it, in between.
    prompt = connection.scalar(select(R.prompt).where(R.id == id).with_for_update())
    calls = connection.execute(select(ATTEMPTS).where(A.request == id).with_for_update()).all()
    for call in calls:
        if call.state in FIRST:
            raise UsageError(f"{id} can't be forgotten yet: {FIRST[State(call.state)]}")
    for call in calls:
        if call.state == State.QUEUED:
            ledger.failed(connection, call.id, NEVER_SENT, "no")
        ledger.note(connection, call.id, **_without_words(call, prompt or ""))
    freed = Freed(_digests(connection, id), [call.id for call in calls])
    for picture in connection.execute(select(P.place, P.error).where(P.request == id)).all():
        here = update(PICTURES).where(P.request == id, P.place == picture.place)
        gone = dict.fromkeys(("sha256", "url", "metadata"))
        connection.execute(here.values(error=_error(picture.error), **gone))
    connection.execute(delete(INPUTS).where(GIVEN.request == id))
    # `idem` stays: who asks the same again is to hear of this one, and not to buy another.
    cleared = {"prompt": "", "folded": "", "asked": None, "note": None, "forgotten": microseconds()}
    connection.execute(update(REQUESTS).where(R.id == id).values(**cleared))
    return freed


def _without_words(call: Any, prompt: str) -> dict[str, Any]:
    """What may quote the prompt, without it. A call that was never sent has said why it ended."""
    nothing: dict[str, Any] = dict.fromkeys(("lookup", "pending", "receipt", "notes"))
    error = {} if call.state == State.QUEUED else {"error": _error(call.error)}
    return {**nothing, **error, "body": "", "evidence": _evidence(call.evidence, prompt)}


def _error(error: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Its kind, and what it cost."""
    if error is None:
        return None
    return {name: error[name] for name in ABOUT_ERRORS if name in error} | {"message": GONE}


def _evidence(evidence: Mapping[str, Any] | None, prompt: str) -> dict[str, Any] | None:
    """How it was settled, but for what a person wrote of it, and for what quotes the prompt."""
    if evidence is None:
        return None
    quotes = {name for name, value in evidence.items() if prompt and prompt in str(value)}
    return {name: value for name, value in evidence.items() if name not in quotes | {"note"}}


def _digests(connection: Connection, id: str) -> dict[str, int]:
    made = select(P.sha256, P.bytes).where(P.request == id, P.sha256.is_not(None))
    given = select(GIVEN.sha256, GIVEN.bytes).where(GIVEN.request == id)
    return {row.sha256: row.bytes or 0 for row in connection.execute(union(made, given))}


# --- which are due ---------------------------------------------------------------------------


def due(before: int | None) -> ColumnElement[bool]:
    """Requests that are over and are to be forgotten: those that ended before that moment, in
    microseconds, and those that more has come to since they were forgotten."""
    again = R.forgotten < R.finished
    old = or_(again, and_(R.forgotten.is_(None), R.finished < before)) if before else again
    return and_(R.state.in_((RequestState.DONE, RequestState.FAILED)), old)


def next_due(
    connection: Connection, before: int | None, after: tuple[int, str], most: int
) -> list[tuple[int, str]]:
    """At most so many of them, as (created, id), oldest first."""
    later = tuple_(R.created, R.id) > tuple_(*after)
    wanted = select(R.created, R.id).where(due(before), later)
    rows = connection.execute(wanted.order_by(R.created, R.id).limit(most))
    return [(created, id) for created, id in rows]


# --- who needs what --------------------------------------------------------------------------


def needed(connection: Connection, digests: Collection[str], before: int | None = None) -> set[str]:
    """Those of the pictures that a row needs.

    Args:
        before: as if all that is `due` were forgotten already.
    """
    found: set[str] = set()
    for column, request in ((P.sha256, P.request), (GIVEN.sha256, GIVEN.request)):
        wanted = select(column).where(column.in_(digests))
        if before is not None:
            wanted = wanted.where(~exists().where(R.id == request, due(before)))
        found.update(connection.scalars(wanted))
    return found


def needless(
    connection: Connection, announced: Collection[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Of what was announced long ago, as (name, digest), the pictures whose row has one by now,
    or whose request is forgotten; and all references, whose request was written then or never
    will be."""
    calls = {name: name.rpartition(".")[0] for name, _ in announced}
    rows = connection.execute(
        select(A.id, R.forgotten).join(REQUESTS).where(A.id.in_(set(calls.values())))
    )
    forgotten = {row.id: row.forgotten is not None for row in rows}
    here = P.attempt.in_(set(calls.values())), P.sha256.is_not(None)
    rows = connection.execute(select(P.attempt, P.place).where(*here))
    kept = {f"{row.attempt}.{row.place}" for row in rows}
    return [
        (name, sha256)
        for name, sha256 in announced
        if not calls[name] or name in kept or forgotten.get(calls[name], False)
    ]
