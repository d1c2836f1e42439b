"""What goes in and out where somebody looks after the gateway: keys, money, what is open."""

from __future__ import annotations

from imagekit_store import RequestState, State

from imagekit_gateway.openapi.schema import (
    CHARGED,
    ID,
    Schema,
    list_of,
    object_of,
    or_null,
    ref,
    text,
    whole,
)
from imagekit_gateway.rights.rights import DIALECTS
from imagekit_gateway.rights.terms import FORMATS, PERIODS

__all__ = ["OPERATORS"]

_SWITCH = {"type": "boolean"}
_TIME = or_null(text("As ISO 8601 has it, in UTC."))
#: What a key is given.
_TERMS: dict[str, Schema] = {
    "models": list_of(text(), "Patterns of the models that it may ask for; empty: any."),
    "native": {**_SWITCH, "description": "Whether it may send fields that nobody checks."},
    "keep": {**_SWITCH, "description": "Whether its pictures are kept."},
    "dialect": text("Whose page its answers follow.", *DIALECTS),
    "response_format": text("For requests that name none; empty: the gateway's.", *FORMATS),
    "operator": {**_SWITCH, "description": "Whether it may see and do what operators may."},
    "rpm": or_null(whole("Requests a minute.", minimum=1)),
    "at_once": or_null(whole("Requests under way.", minimum=1)),
    "budget": or_null(text("A decimal number: what it may spend in a period.")),
    "currency": text("Of the budget."),
    "period": text("Of the budget, in UTC.", *PERIODS),
    "expires": _TIME,
}
_KEY = {
    "name": text("1 to 64 letters, digits, _, . and -."),
    "hint": text("The end of its secret."),
    "state": text("", "active", "expired", "revoked"),
    **_TERMS,
    "spent": text("In this period, of its budget: a decimal number."),
    "created": _TIME,
    "revoked": _TIME,
    "last_asked": _TIME,
}
_GIVEN = {**_TERMS, "expires": or_null(text("90d, or a time; null: never."))}
_SPENT = object_of(
    {
        "name": text("A day in UTC, a host, a model or a key; of all of them: total."),
        "calls": whole("That were sent."),
        "free": whole("That were certainly not charged."),
        "unknown": whole("Whose cost nobody knows; it is in no amount, and not 0."),
        "pictures": whole("That are kept now."),
        "amounts": list_of(
            object_of(
                {
                    "currency": or_null(text("Null where nobody names it.")),
                    "cost": text("All that is known, as a decimal number."),
                    "by_host": text("So much is the host's own word."),
                    "by_person": text("So much a person has said."),
                    "by_list": text("So much is reckoned from price lists."),
                    "expected": text("What was foretold of calls whose cost is known."),
                    "compared": text("What those did cost."),
                }
            ),
            "One for each currency.",
        ),
    }
)
_CALL = object_of(
    {
        "id": text("To be settled by itself."),
        "state": text("", *State),
        "charged": CHARGED,
        "host_request": or_null(text("The host's own id of it.")),
        "began": or_null(whole("Unix seconds.")),
        "expected": {**or_null(ref("Cost")), "description": "By the price list."},
    }
)
_OPEN = {
    "id": text(),
    "key": text("Whose it is."),
    "model": text(),
    "host": text("Empty until it is planned."),
    "state": text("", *RequestState),
    "since": whole("Unix seconds."),
    "charged": CHARGED,
    "why": or_null(text("What went wrong so far.")),
    "calls": list_of(_CALL),
}

OPERATORS: dict[str, Schema] = {
    "NewKey": object_of(_GIVEN | {"name": _KEY["name"]}, *_GIVEN),
    "KeyChange": object_of(_GIVEN, *_GIVEN),
    "Key": object_of(_KEY),
    "MadeKey": object_of({**_KEY, "key": text("The secret, this once.")}),
    "Keys": object_of({"object": {"const": "list"}, "data": list_of(ref("Key"))}),
    "Spent": _SPENT,
    "Costs": object_of({"by": text(), "groups": list_of(ref("Spent")), "total": ref("Spent")}),
    "OpenRequests": object_of(
        {
            "object": {"const": "list"},
            "data": list_of(object_of(_OPEN)),
            "has_more": {"type": "boolean"},
            "last_id": ID,
        }
    ),
    "Settlement": object_of(
        {
            "charged": text("Whether its host's bill has it.", "yes", "no"),
            "cost": object_of({"amount": text("A decimal number."), "currency": text()}),
            "reason": text("How that is known; it stands on the call."),
        },
        "cost",
        "reason",
    ),
    "Settled": object_of({**_OPEN, "settled": list_of(text(), "The ids of the calls.")}),
}
