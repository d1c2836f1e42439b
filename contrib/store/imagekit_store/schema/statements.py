"""The ledger's statements that are the same each time: put together and compiled once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from attrs import fields
from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.sql.dml import Update
from sqlalchemy.sql.elements import ColumnElement

from imagekit_store.pictures import Kept
from imagekit_store.schema.prepared import Prepared, in_words_of_each
from imagekit_store.schema.states import State, before
from imagekit_store.schema.tables import ATTEMPTS, PICTURES, REQUESTS, SECRETS

__all__ = [
    "BEGIN",
    "MEASURED",
    "NEW_ATTEMPT",
    "NEW_PICTURE",
    "NEW_REQUEST",
    "NEW_SECRET",
    "OUTCOME",
    "STATES",
    "STEPS",
    "SUMMARY",
    "in_states",
]

A, P, R = ATTEMPTS.c, PICTURES.c, REQUESTS.c
#: What the columns are called that a picture has once it is kept.
MEASURED = tuple(one.name for one in fields(Kept))


def in_states(states: Collection[State]) -> ColumnElement[bool]:
    """An ``in`` whose text is always the same, so that it is compiled once."""
    return or_(*(A.state == state for state in sorted(states)))


def _step(state: State, *columns: str) -> Update:
    """The attempt `which`, in this state from now on."""
    values = {name: bindparam(f"new_{name}", type_=A[name].type) for name in columns}
    return (
        update(ATTEMPTS)
        .where(A.id == bindparam("which"), in_states(before(state)))
        .values(state=state, **values)
    )


def _picture(insert: Any) -> Any:
    """A picture that is kept stays so, whatever is told of it later."""
    new = insert(PICTURES)
    told = {name: new.excluded[name] for name in ("error", "metadata", "url")}
    kept = {name: func.coalesce(new.excluded[name], P[name]) for name in MEASURED}
    return new.on_conflict_do_update(
        index_elements=[P.request, P.place],
        set_={**told, **kept},
        where=P.attempt == new.excluded.attempt,
    ).returning(P.place)


# What was written is asked for: how many rows an insert had, not every driver says.
NEW_REQUEST = in_words_of_each(
    lambda insert: insert(REQUESTS).on_conflict_do_nothing().returning(R.id)
)
NEW_ATTEMPT = in_words_of_each(
    lambda insert: insert(ATTEMPTS).on_conflict_do_nothing().returning(A.id)
)
NEW_SECRET = in_words_of_each(
    lambda insert: insert(SECRETS).on_conflict_do_nothing().returning(SECRETS.c.name)
)
NEW_PICTURE = in_words_of_each(_picture)
BEGIN = (
    "began",
    "name",
    "body",
    "lookup",
    "places",
    "model",
    "host",
    "expected",
    "expected_currency",
    "charged",
)
END = ("error", "ended", "charged", "holder", "due", "pending", "lookup")
OUTCOME = ("charged", "usage", "cost", "currency", "priced", "receipt", "notes")
STEPS = {
    name: Prepared(step)
    for name, step in {
        "sending": _step(State.SENDING, "due", *BEGIN).where(A.holder == bindparam("me")),
        "accepted": _step(State.ACCEPTED, "pending", "charged", "due", "holder"),
        "answered": _step(State.ANSWERED, "host_request", "due", "holder", *OUTCOME),
        "short": _step(State.ANSWERED, "due", "holder", *OUTCOME),
        "stored": _step(State.STORED, "host_request", *END, *OUTCOME),
        "failed": _step(State.FAILED, *END),
        "unknown": _step(State.UNKNOWN, "error", "charged", "holder", "due"),
        "queued": _step(State.QUEUED, "error", "charged", "holder", "due"),
    }.items()
}

#: Of a request and its calls: where they stand, and which count against a budget.
STATES = Prepared(select(A.state, A.share).where(A.request == bindparam("request")))
SUMMARY = Prepared(
    update(REQUESTS)
    .where(R.id == bindparam("which"), R.state != bindparam("is"))
    .values(state=bindparam("is"), finished=bindparam("at"))
)
