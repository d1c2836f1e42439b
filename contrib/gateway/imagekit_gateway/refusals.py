"""What a client is told when there is no picture: a status, a code, and whether it was charged.

**A status is money.** Clients repeat 408, 409, 429 and every 5xx by themselves, some of them
whatever ``x-should-retry`` says. So these are answered only when certainly nothing was charged;
whatever was charged, or may have been, is 424 with the id of its record.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, evolve, field, frozen
from imagekit_store import (
    AskedAlready,
    AskedOtherwise,
    Entry,
    RequestState,
    StoreUnavailable,
)

from imagekit import Charged, ImagekitError, InvalidRequest, JournalError, Problem, errors
from imagekit_gateway.rights.rights import Outdated

__all__ = [
    "Refused",
    "error_named",
    "perhaps_written",
    "plain",
    "refusal_of",
    "refusal_of_entry",
    "refusal_of_key",
    "still_running",
    "told_problem",
    "unknown_word",
]

log = logging.getLogger("imagekit.gateway")

#: Characters of a sentence, and of a name or a value. What is wrong with a request is told with
#: what was given, which may be anything and of any length.
LONGEST, SHORT = 1000, 100
MOST_PROBLEMS = 50


@define(eq=False)
class Refused(Exception):
    """The answer to a request of which nothing comes.

    Attributes:
        status: of HTTP.
        code, message: for programs, and for people.
        kind: the ``type`` of OpenAI's errors.
        problems: everything that is wrong with the request.
        charged: whether something was paid for.
        again: whether the very same request may be sent again.
        wait: seconds until then.
        record: the id of the request's record, where there is one.
        headers: further ones.
    """

    status: int
    code: str
    message: str
    kind: str = "invalid_request_error"
    problems: tuple[Problem, ...] = ()
    charged: Charged = Charged.NO
    again: bool = False
    wait: float | None = None
    record: str | None = None
    headers: Mapping[str, str] = field(factory=dict)

    def __str__(self) -> str:
        return self.message

    def body(self, request_id: str) -> dict[str, Any]:
        """As OpenAI's clients read it, and all the rest that there is to know."""
        error: dict[str, Any] = {
            "message": self.message[:LONGEST],
            "type": self.kind,
            "code": self.code,
            "param": self.problems[0].field[:SHORT] if self.problems else None,
            "charged": str(self.charged),
            "request_id": request_id,
        }
        if self.problems:
            error["problems"] = [told_problem(problem) for problem in self.problems]
        if self.record:
            error["record"] = self.record
        return {"error": error}


def told_problem(problem: Problem) -> dict[str, Any]:
    """As JSON has it: not longer than anybody reads."""
    told = {"param": problem.field[:SHORT], "message": problem.message[:LONGEST]}
    nearest = problem.nearest
    if nearest is None:
        return told
    is_number = isinstance(nearest, int | float)
    return {**told, "nearest": nearest if is_number else str(nearest)[:SHORT]}


def unknown_word(problems: Sequence[Problem]) -> Refused:
    """The request is wrong, and nothing was sent."""
    told = tuple(_over_http(problem) for problem in problems[:MOST_PROBLEMS])
    return Refused(400, "invalid_value", "; ".join(map(str, told)), problems=told)


def _over_http(problem: Problem) -> Problem:
    """As it is of use to somebody who calls no function of Python's."""
    message = problem.message.replace("on_unsupported='drop' leaves it out", "leave it out")
    return evolve(problem, message=message)


@frozen
class _Row:
    """How a kind of error is answered when it was free."""

    status: int
    code: str
    kind: str = "invalid_request_error"
    again: bool = False


_UPSTREAM = "upstream_error"
#: The first that fits, of errors that were certainly free.
_FREE: tuple[tuple[type[BaseException], _Row], ...] = (
    (errors.UnknownModel, _Row(404, "model_not_found")),
    (errors.UnknownHost, _Row(404, "model_not_found")),
    (errors.NotServed, _Row(404, "model_not_found")),
    (errors.AmbiguousHost, _Row(400, "ambiguous_model")),
    (Outdated, _Row(503, "outdated", "server_error")),
    (errors.UsageError, _Row(400, "invalid_value")),
    (errors.Moderated, _Row(400, "content_policy_violation")),
    (errors.RejectedRequest, _Row(400, "rejected_by_host")),
    (errors.LimitReached, _Row(429, "rate_limit_exceeded", "rate_limit_error", again=True)),
    (errors.RateLimited, _Row(429, "rate_limit_exceeded", "rate_limit_error", again=True)),
    (errors.ModelUnavailable, _Row(503, "model_unavailable", _UPSTREAM)),
    (errors.AuthenticationError, _Row(503, "upstream_credentials", _UPSTREAM)),
    (errors.PermissionDenied, _Row(503, "upstream_credentials", _UPSTREAM)),
    (errors.BillingError, _Row(503, "upstream_balance", _UPSTREAM)),
    (StoreUnavailable, _Row(503, "store_unavailable", "server_error", again=True)),
    (errors.ConfigurationError, _Row(503, "not_configured", _UPSTREAM)),
    (errors.JournalError, _Row(503, "store_unavailable", "server_error", again=True)),
    (errors.NotSent, _Row(503, "upstream_unavailable", _UPSTREAM, again=True)),
    (errors.HostUnavailable, _Row(503, "upstream_unavailable", _UPSTREAM, again=True)),
    (errors.DeadlineExceeded, _Row(503, "deadline_exceeded", _UPSTREAM, again=True)),
    (errors.PluginError, _Row(500, "internal_error", "server_error")),
    (errors.HostError, _Row(503, "upstream_error", _UPSTREAM)),
    (errors.ImagekitError, _Row(500, "internal_error", "server_error")),
)
_LIMITS = {
    "rpm": _Row(429, "rate_limit_exceeded", "rate_limit_error", again=True),
    "at_once": _Row(429, "too_many_at_once", "rate_limit_error", again=True),
    "budget": _Row(402, "insufficient_quota", "insufficient_quota"),
}
_BUSY = "the gateway asks the host of this model as much as it may; try again later"
_SPENT = "the gateway has spent what it may, by a budget that is its own and not this key's"


def refusal_of(error: ImagekitError, record: str | None = None) -> Refused:
    """The answer to a request that has ended so.

    Args:
        record: the id of its record, if there may be one.
    """
    charged = Charged.dearest((error.charged, *(other.charged for other in error.others)))
    if charged is not Charged.NO:
        return _charged(
            type(error),
            _told_outside(error, _INNER_CHARGED),
            charged,
            record,
            goes_on=_goes_on(error),
            is_over=isinstance(error, errors.HostError) and error.final,
        )
    refused = error.__cause__ if isinstance(error, JournalError) else error
    if isinstance(refused, errors.LimitReached):
        return _limited(refused, _own_limit(refused) if refused is error else str(refused))
    if isinstance(refused, AskedAlready):
        message = "this very request is under way; ask again for what comes of it"
        return Refused(409, "in_progress", message, again=True, record=refused.id)
    if isinstance(refused, AskedOtherwise):
        message = "this Idempotency-Key was used for another request; take a new one for each"
        return Refused(400, "idempotency_key_reused", message)
    if isinstance(error, InvalidRequest):
        return unknown_word(error.problems)
    if isinstance(error, JournalError) and isinstance(refused, errors.UsageError):
        # Such as a key of another system with limits that nothing counts.
        return _refused(_Row(503, "not_configured", _UPSTREAM), _told_outside(error))
    row = _row(type(error))
    wait = getattr(error, "retry_after", None)
    record = record if _is_kept(error) else None
    return _refused(row, _told_outside(error), wait=wait, record=record)


def refusal_of_key(error: ImagekitError) -> Refused:
    """The same of what the store says of a request before it is one: a limit is its key's."""
    if isinstance(error, errors.LimitReached):
        return _limited(error, str(error))
    return refusal_of(error)


def _limited(error: errors.LimitReached, message: str) -> Refused:
    row = _LIMITS.get(error.limit) or _row(errors.LimitReached)
    return _refused(row, message, wait=error.retry_after)


def _own_limit(error: errors.LimitReached) -> str:
    """Of the gateway, and not of the key: its callers need no numbers."""
    log.warning("%s", error)
    return _SPENT if error.limit == "budget" else _BUSY


def _goes_on(error: ImagekitError) -> bool:
    """Whether there certainly is a job whose end is not known."""
    return error.pending is not None and error.pending.confirmed


def _is_kept(error: ImagekitError) -> bool:
    """Whether the request has come as far as to have a record."""
    return not isinstance(error, errors.UsageError | errors.ConfigurationError | JournalError)


_Inner = Sequence[tuple[type[ImagekitError], str]]
#: What is for whoever runs the gateway, and not for its clients: what was free, and what not.
_INNER: _Inner = (
    (errors.LimitReached, "a limit of the gateway's own had no room for it"),
    (errors.MissingCredential, "the gateway has no key for the host of this model"),
    (StoreUnavailable, "the gateway's store can't be reached"),
    (errors.ConfigurationError, "the gateway can't do this as it is set up"),
    (JournalError, "the gateway can't write down what it would buy, so nothing was sent"),
    (errors.PluginError, "a plugin of the gateway is broken"),
    (Outdated, "an API key may do what this gateway has not heard of; it is too old for it"),
)
_INNER_CHARGED: _Inner = (
    (JournalError, "the gateway could not keep what has come of it"),
    (errors.ConfigurationError, "the gateway could not go on with it as it is set up"),
    (errors.PluginError, "a plugin of the gateway broke"),
)
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_ADDRESS = re.compile(r"https?://[^\s'\"),;]+")


def _told_outside(error: ImagekitError, inner: _Inner = _INNER) -> str:
    """What went wrong, without where the gateway's hosts are, and how it is set up."""
    for kind, message in inner:
        if isinstance(error, kind):
            log.warning("%s", error)
            return f"{message}; whoever runs it finds more in its log"
    return plain(str(error))


def plain(message: str) -> str:
    """A sentence of a host, or about one: without where that is, and without what steers a
    terminal."""
    return _STEERING.sub(" ", _ADDRESS.sub("its address", message))


def refusal_of_entry(entry: Entry) -> Refused:
    """The same of a request that has ended before: of its record."""
    error = entry.error or {}
    kind = error_named(str(error.get("type", "")))
    message = str(error.get("message") or f"the request {entry.id} is {entry.state}")
    charged = Charged.dearest(one.charged for one in entry.attempts)
    inner = _INNER if charged is Charged.NO else _INNER_CHARGED
    message = next((told for one, told in inner if issubclass(kind, one)), message)
    if not entry.is_over:
        return still_running(entry.id)
    if charged is not Charged.NO:
        is_over = entry.state is RequestState.FAILED
        return _charged(kind, message, charged, entry.id, is_over=is_over)
    return _refused(_row(kind), plain(message), record=entry.id)


def perhaps_written(record: str) -> Refused:
    """It was to be written down, and the store has not said whether it is: then it will be made."""
    message = (
        "the store has not said whether it has taken this request; if it has, the picture will be "
        f"at /v1/images/{record}"
    )
    return _charged(StoreUnavailable, message, Charged.MAYBE, record)


def still_running(record: str) -> Refused:
    """Nothing has come of it yet, and it goes on."""
    message = f"the picture is still being made; it will be at /v1/images/{record}"
    return _charged(errors.DeadlineExceeded, message, Charged.MAYBE, record, goes_on=True)


def _charged(
    kind: type[BaseException],
    message: str,
    charged: Charged,
    record: str | None,
    goes_on: bool = False,
    is_over: bool = False,
) -> Refused:
    """
    Args:
        goes_on: there certainly is a job whose end is not known.
        is_over: the host has said what came of it, if not what that cost.
    """
    code = "charged_without_picture" if charged is Charged.YES else "outcome_unknown"
    if goes_on:
        code = "still_running"
    elif issubclass(kind, errors.Moderated):
        code = "content_policy_violation"
    elif is_over and charged is Charged.MAYBE:
        code = "charge_unknown"
    return Refused(424, code, plain(message), _UPSTREAM, charged=charged, record=record)


def _row(kind: type[BaseException]) -> _Row:
    return next(row for one, row in _FREE if issubclass(kind, one))


def error_named(name: str) -> type[ImagekitError]:
    """The kind of an error, by the name that a record has of it."""
    found = getattr(errors, name, errors.HostError) if name in errors.__all__ else errors.HostError
    assert issubclass(found, ImagekitError)
    return found


def _refused(
    row: _Row, message: str, wait: float | None = None, record: str | None = None
) -> Refused:
    return Refused(
        row.status, row.code, message, row.kind, again=row.again, wait=wait, record=record
    )
