"""What is open or unknown, of all keys, and what a person says became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from imagekit_store import Attempt, Entry, NoSuchRequest, NotUnknown, RequestState
from werkzeug.wrappers import Response

from imagekit import Cost, HostError, Problem
from imagekit_gateway.answers.made import of_entry
from imagekit_gateway.gateway.visit import Visit, as_json
from imagekit_gateway.refusals import Refused, error_named, plain, unknown_word
from imagekit_gateway.requests.asked import table_of
from imagekit_gateway.rights.terms import amount_words

__all__ = ["opened", "settle"]

OPEN = (RequestState.QUEUED, RequestState.RUNNING, RequestState.UNKNOWN)
MOST = 100
#: Characters of a reason.
LONGEST = 1000
WORDS = ("charged", "cost", "reason")


def opened(visit: Visit) -> Response:
    """A page of all keys' requests that are under way, or of which nobody knows, newest first."""
    page = visit.gateway.store.requests(
        state=OPEN,
        after=visit.request.args.get("after"),
        limit=visit.number("limit", 20, 1, MOST),
    )
    told = [_told(visit, entry) for entry in page]
    last = told[-1]["id"] if told else None
    return as_json({"object": "list", "data": told, "has_more": page.more, "last_id": last})


def settle(visit: Visit, id: str) -> Response:
    """Say what became of calls of which nobody knows, after a look at their host's bill. The id is
    that of a request, or of one of its calls."""
    charged, cost, reason = _said(table_of(visit.request))
    store = visit.gateway.store
    try:
        settled = store.settle(id, charged=charged, cost=cost, by=visit.owner, note=reason)
    except NoSuchRequest as error:
        raise Refused(404, "not_found", str(error)) from None
    except NotUnknown as error:
        raise Refused(409, "not_unknown", str(error)) from None
    visit.about["settled"] = ", ".join(call.id for call in settled)
    visit.about |= {"charged": charged, "reason": reason or None}
    if cost is not None:
        visit.about["cost"] = f"{cost.amount} {cost.currency}"
    entry = store.request(id.partition("-")[0])
    return as_json({**_told(visit, entry), "settled": [call.id for call in settled]})


# --- what is said --------------------------------------------------------------------------------


def _said(given: dict[str, Any]) -> tuple[str, Cost | None, str]:
    """Whether it was charged, what it cost, and how that is known.

    Raises:
        Refused: something of it can't be, with all that is so.
    """
    charged, reason = given.get("charged"), given.get("reason", "")
    problems = [Problem(name, "is no word for this") for name in given if name not in WORDS]
    if charged not in ("yes", "no"):
        problems.append(Problem("charged", f"is yes or no, not {charged!r:.40}"))
    if not isinstance(reason, str) or len(reason) > LONGEST:
        problems.append(Problem("reason", f"is a text of at most {LONGEST:,} characters"))
    cost = None
    try:
        cost = _cost(given.get("cost"))
    except (TypeError, ValueError, AttributeError) as error:
        problems.append(Problem("cost", f'is as {{"amount": "0.04", "currency": "USD"}}: {error}'))
    if problems:
        raise unknown_word(problems)
    return str(charged), cost, reason


def _cost(given: Any) -> Cost | None:
    """
    Raises:
        TypeError: it is nothing of the kind.
        ValueError: it is no amount of money.
    """
    if given is None:
        return None
    if not isinstance(given, dict) or given.keys() != {"amount", "currency"}:
        raise TypeError("an amount and a currency, and nothing else")
    if not isinstance(given["currency"], str):
        raise TypeError(f"{given['currency']!r:.40} is no currency")
    return Cost(given["amount"], given["currency"])


# --- what is told --------------------------------------------------------------------------------


def _told(visit: Visit, entry: Entry) -> dict[str, Any]:
    """A request without what was asked for: an operator looks after money, not into prompts."""
    return {
        "id": entry.id,
        "key": entry.key,
        "model": entry.model,
        "host": entry.host,
        "state": str(entry.state),
        "since": _seconds(entry.created),
        "charged": str(of_entry(entry, visit.gateway.store).charged),
        "why": _why(entry),
        "calls": [_call(call) for call in entry.attempts],
    }


def _call(call: Attempt) -> dict[str, Any]:
    return {
        "id": call.id,
        "state": str(call.state),
        "charged": str(call.charged),
        "host_request": call.host_request,
        "began": _seconds(call.began),
        "expected": _expected(call),
    }


def _expected(call: Attempt) -> dict[str, Any] | None:
    if call.expected is None:
        return None
    amount, currency = amount_words(call.expected), call.expected_currency
    return {"amount": amount, "currency": currency, "by": "list"}


def _why(entry: Entry) -> str | None:
    """What went wrong with it so far. Not in the words of its host, which may repeat the prompt
    whole, in part, or in other letters."""
    error = entry.error
    if not error:
        return None
    kind = str(error.get("type") or "")
    if not issubclass(error_named(kind), HostError):
        message = str(error.get("message") or "")
        return plain(message.replace(entry.prompt, "...") if entry.prompt else message) or None
    status = f", HTTP {error['status']}" if error.get("status") else ""
    return f"{entry.host} answered that it went wrong ({kind}{status})"


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())
