"""What the core tells, as rows of the tables have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from imagekit import (
    Charged,
    Cost,
    Failure,
    Image,
    ImagekitError,
    Provenance,
    Purchase,
    Result,
    Trouble,
    UsageError,
    to_plain,
)
from imagekit_store.ledger.ledger import microseconds, picture_of, request_of
from imagekit_store.pictures import Kept
from imagekit_store.pictures.kept import seen
from imagekit_store.schema.statements import MEASURED
from imagekit_store.schema.states import State
from imagekit_store.schema.tables import DECIMALS
from imagekit_store.schema.words import folded, readable
from imagekit_store.values.callers import Caller, Limits
from imagekit_store.values.entries import Attempt

__all__ = [
    "attempt_row",
    "caller_row",
    "failure_rows",
    "operation_of",
    "outcome_of",
    "passed_row",
    "picture_row",
    "request_row",
    "searched",
    "settled_cost",
    "trouble_row",
]

#: What one call can cost, in any currency: a database has to add many of them.
MOST = 10_000_000


def request_row(purchase: Purchase, caller: Caller) -> dict[str, Any]:
    """A request of a program that carries it out itself."""
    asked = purchase.provenance or Provenance("", purchase.model, purchase.host)
    arguments = to_plain({**asked.arguments(), **_whole(purchase, asked)})
    return {
        **caller_row(caller),
        "id": request_of(purchase.id),
        "state": "running",
        "operation": operation_of(arguments),
        "model": purchase.model,
        "host": purchase.host,
        "asked": arguments,
        "created": microseconds(),
        **searched(arguments.get("prompt", "")),
    }


def caller_row(caller: Caller) -> dict[str, Any]:
    """For whom a request is. Without a budget it counts nowhere."""
    estimate = _budgeted(caller)
    return {
        "key": caller.key,
        "idem": caller.idem,
        "digest": caller.digest,
        "keep": caller.keep,
        "note": dict(caller.note) or None,
        "estimate": estimate,
        "counted": estimate,
        "period": None,  # which the row of its key says
    }


def _budgeted(caller: Caller) -> Decimal | None:
    """Its estimate, where that counts against a budget."""
    return None if caller.limits.budget is None else caller.estimate.amount


def searched(prompt: str) -> dict[str, str]:
    """The prompt as it is read, and as it is searched."""
    return {"prompt": readable(prompt), "folded": folded(prompt)}


def operation_of(arguments: Mapping[str, Any]) -> str:
    return "edit" if arguments.get("image") or arguments.get("mask") else "generate"


def _whole(purchase: Purchase, asked: Provenance) -> dict[str, Any]:
    """What the whole request asks for, where the call is a share of it: a seed counts on from
    share to share."""
    if purchase.wanted is None:
        return {}
    seed, first = asked.parameters.get("seed"), min(purchase.places, default=0)
    counted = type(seed) is int and seed >= first
    return {"n": purchase.wanted} | ({"seed": seed - first} if counted else {})  # type: ignore[operator]


def attempt_row(purchase: Purchase, caller: Caller) -> dict[str, Any]:
    request, _, number = purchase.id.partition("-")
    return {
        "id": purchase.id,
        "request": request,
        "number": int(number) if number.isdigit() else 1,
        "places": list(purchase.places) or None,
        "host": purchase.host,
        "model": purchase.model,
        "name": purchase.name,
        "body": purchase.body,
        "lookup": to_plain(purchase.lookup),
        "tries": 0,
        "charged": "maybe",
        "expected": purchase.estimate.amount,
        "expected_currency": purchase.estimate.currency,
        "share": _share(purchase, _budgeted(caller)),
        "began": microseconds(),
    }


def _share(purchase: Purchase, estimate: Decimal | None) -> Decimal | None:
    """The call's part of what all of the request should cost, by its pictures."""
    if estimate is None or purchase.wanted is None:
        return estimate
    return estimate * len(purchase.places) / purchase.wanted


def picture_row(
    purchase: Purchase, image: Image, kept: Kept | None, error: Trouble | None
) -> dict[str, Any]:
    """A picture that is kept has no link any more: that of a host is a secret for a while, and
    of no use after it."""
    told = {"error": trouble_row(error), "metadata": _said_of(image)}
    url = None if kept else image.url
    return picture_of(purchase.id, image.index, kept, url=url, **told)


def passed_row(purchase: Purchase, image: Image) -> dict[str, Any]:
    """A picture that is not kept: its link, and what its bytes say where they came along."""
    measured = dict(zip(MEASURED[1:], seen(image), strict=True)) if image.is_here else {}
    return picture_row(purchase, image, None, image.error) | measured


def _said_of(image: Image) -> dict[str, Any] | None:
    """What else the host said of it. Of what it has nested so deeply that nobody can write it
    down, nothing: the picture counts."""
    try:
        return to_plain(dict(image.metadata)) or None
    except RecursionError:
        return {"left_out": "what the host said of it is nested too deeply"}


def failure_rows(purchase: Purchase, result: Result) -> list[dict[str, Any]]:
    return [
        picture_of(purchase.id, failure.index, error=_failure(failure))
        for failure in result.failures
    ]


def _failure(failure: Failure) -> dict[str, Any]:
    why = {"code": failure.code, "moderated": failure.moderated}
    return {
        **(trouble_row(failure.error) or {"type": "Failure"}),
        "message": readable(failure.message),
        **{name: value for name, value in why.items() if value},
    }


def outcome_of(result: Result) -> dict[str, Any]:
    """What a result says beside its pictures. What costs nothing, as at a sandbox, is free; what
    no picture can have cost is not known."""
    cost, notes = result.cost, list(result.notes)
    if cost.amount is not None and cost.amount > MOST:
        notes.append(f"a cost of {cost.amount!s:.40} is not believed, so it is not known")
        cost = Cost()
    return {
        "charged": str(result.charged),
        "usage": to_plain(result.usage),
        "cost": cost.amount,
        "currency": cost.currency,
        "priced": cost.by or None,
        "receipt": to_plain(result.receipt),
        "notes": notes or None,
    }


def trouble_row(trouble: Trouble | ImagekitError | None) -> dict[str, Any] | None:
    """What went wrong, without the job, which has a column of its own."""
    if trouble is None:
        return None
    if isinstance(trouble, ImagekitError):
        trouble = trouble.trouble
    return {
        "type": trouble.type,
        "message": readable(trouble.message),
        "charged": str(trouble.charged),
        "retryable": trouble.retryable,
        "status": trouble.status,
    }


def settled_cost(cost: Cost, charged: Charged, calls: Iterable[Attempt]) -> dict[str, Any]:
    """What a person says that one of these calls has cost, which is the only one that is unknown.

    Raises:
        UsageError: it can't be what they mean.
    """
    if cost.amount is None or cost.amount > MOST:
        raise UsageError(f"cost: an amount up to {MOST:,} and its currency, such as 0.04 USD")
    if cost.amount != round(cost.amount, DECIMALS):
        raise UsageError(f"cost: no more than {DECIMALS} decimals are counted")
    if charged is Charged.NO:
        raise UsageError("cost: what was not charged has none")
    currency = Limits(currency=cost.currency or "").currency
    unknown = [call.id for call in calls if call.state is State.UNKNOWN]
    if len(unknown) > 1:
        raise UsageError(f"cost: it is that of one call; name one: {', '.join(unknown[:9])}")
    return {"cost": cost.amount, "currency": currency, "priced": "person"}
