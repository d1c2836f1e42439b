"""What answers mean in any dialect: documents, refusals, and the errors that they become."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from imagekit import errors
from imagekit.basics.classes import evolve, frozen
from imagekit.basics.urls import bare_url
from imagekit.declare.error_row import ErrorRow
from imagekit.declare.http_errors import error_of
from imagekit.errors import HostError
from imagekit.values import Charged, Cost, Failure, Response
from imagekit.values.cost import BY_HOST, UNSAID, money

if TYPE_CHECKING:
    from imagekit.plan.call import Call

__all__ = [
    "BROKEN",
    "Refusal",
    "about",
    "as_count",
    "as_int",
    "as_text",
    "document_of",
    "error_in",
    "no_pictures",
    "object_of",
    "refuse",
    "retry_after",
    "said_cost",
    "strange",
]

#: The code of a failure that is in the answer itself, and no vendor's.
BROKEN = "broken_picture"
#: Statuses of a refusal that may be about what a job was to make. All others are about who asks,
#: how often and where, or of somebody on the way (RFC 9110, section 15.5).
_OF_THE_JOB = frozenset({400, 409, 422})


@frozen
class Refusal:
    """What a host said when it said no, in its own words. ``retry_after`` is for those that
    say it in the body; the header of that name is read anyway. ``own`` is False where that was
    in no envelope of the host's dialect, so that a proxy may have said it.
    """

    message: str
    code: str | None = None
    type: str | None = None
    request_id: str | None = None
    retry_after: float | None = None
    own: bool = True

    @property
    def words(self) -> tuple[str, ...]:
        """Everything an error table may match on."""
        return tuple(word for word in (self.code, self.type) if word)


def refuse(
    call: Call,
    response: Response,
    refusal: Refusal,
    error: type[HostError] | None = None,
    *,
    final: bool = False,
) -> HostError:
    """The error for a refusal: of which kind it is says the host's own table, or else HTTP's
    status. That it was free, and may be sent again, only the host's table says.

    Args:
        error: which one it is, where the wire itself can tell; the host's table then says only
            whether it is charged and may be sent again.
        final: it is how a job ended, and not trouble with asking for it. It is believed where
            only the host can have said so: below HTTP 300; at 400, 409 and 422 in its own
            envelope; at 499 and 5xx with a code of the host's table that is not `retryable`.
            A proxy's 503, a login page, a limit end no job: a wire need not tell them apart.
    """
    host = call.route.host
    row = _row(call, response, refusal, error)
    numbered = refusal.code in (None, str(response.status))  # some write the status again
    said = refusal.message if numbered else f"{refusal.code}: {refusal.message}"
    wait = refusal.retry_after
    if row.hint:
        said = f"{said}; {row.hint}"
    return row.error(
        f"{host.name} refused ({_status(response)}): {said}",
        **about(call, response, refusal.request_id),
        code=refusal.code,
        vendor_message=refusal.message,
        retry_after=retry_after(response.headers) if wait is None else seconds(wait),
        retryable=row.retryable,
        charged=row.charged,
        final=final and _may_end(response, refusal, row),
    )


def _may_end(response: Response, refusal: Refusal, row: ErrorRow) -> bool:
    """Whether a refusal can be how a paid job ended, and is not what anybody on the way says. One
    that is wrongly kept is asked for again, for nothing; one that is wrongly ended is lost.
    """
    if response.status < 300:
        return True  # the job's own state says it
    if not refusal.own or response.defect is not None:
        return False
    if response.status >= 499:
        return row.code is not None and not row.retryable
    return response.status in _OF_THE_JOB


def _row(
    call: Call, response: Response, refusal: Refusal, error: type[HostError] | None
) -> ErrorRow:
    """The host's row for it. What is in no envelope of the host's may be anybody's words: a row
    then says of which kind the error is, and no more.
    """
    own = refusal.own and response.defect is None
    said = refusal.message if response.defect is None else ""  # else it is our own sentence
    for row in call.route.host.errors:
        if error in (None, row.error) and row.matches(response.status, refusal.words, said):
            return row if own else evolve(row, retryable=False, charged=Charged.MAYBE)
    return ErrorRow(error or error_of(response.status, refusal.code))


def no_pictures(call: Call, response: Response, failures: Sequence[Failure]) -> HostError:
    """The error for an answer in which every picture failed, or that has none."""
    reason = failures[0].message if failures else "an empty list"
    refusal = Refusal(reason, failures[0].code if failures else None)
    kind: type[HostError] = errors.NoPictures
    if failures and all(failure.moderated for failure in failures):
        kind = errors.Moderated
    elif failures and all(failure.code == BROKEN for failure in failures):
        kind = errors.UnreadableAnswer
    return kind(
        f"{call.route.host.name} made no picture: {reason}",
        **about(call, response),
        code=refusal.code,
        vendor_message=reason,
        charged=_row(call, response, refusal, kind).charged,
        final=kind is not errors.UnreadableAnswer,  # what came broken may be whole next time
    )


def about(call: Call, response: Response, request_id: str | None = None) -> dict[str, Any]:
    """Whose answer an error is about: what every `HostError` of a wire says alike."""
    return {
        "host": call.route.host.name,
        "model": call.route.model.name,
        "status": response.status,
        "request_id": request_id or response.headers.get("x-request-id"),
    }


def document_of(call: Call, response: Response) -> Any:
    """The JSON document of a response, or the honest error when there is none.

    A refusal without JSON (an HTML page of a firewall, an empty body) still becomes
    the error of its status, and so does a redirect, which is not followed; a success without
    JSON is `UnreadableAnswer`. All of them may have been charged.
    """
    if 300 <= response.status < 400:
        said = f"a redirect to {_target(call, response)}; check the base_url"
        raise refuse(call, response, Refusal(said, own=False))
    if response.defect is None:
        return response.document
    what = {"empty": "an empty body", "not JSON": "a body that is not JSON"}.get(
        response.defect, f"a body that is broken ({response.defect})"
    )
    if response.status >= 400:
        kind = response.headers.get("content-type", "no content type")
        raise refuse(call, response, Refusal(f"{what} ({kind})"))
    raise errors.UnreadableAnswer(
        f"{call.route.host.name} answered {_status(response)} with {what}",
        **about(call, response),
        head=response.head,
    )


def object_of(call: Call, response: Response) -> dict[str, Any]:
    """`document_of`, in a dialect of which every answer is a JSON object: a refusal that is none
    (``"Unauthorized"``, ``null``) is a proxy's, and becomes the error of its status as well.
    """
    document = document_of(call, response)
    if isinstance(document, dict):
        return document
    what = f"a JSON {type(document).__name__}"
    if response.status < 400:
        raise strange(call, response, what)
    said = document if isinstance(document, str) and document else what
    raise refuse(call, response, Refusal(said, own=False))


def _target(call: Call, response: Response) -> str:
    """Where a redirect leads, without what may be secret in it."""
    location = response.headers.get("location")
    if not location:
        return "nowhere"
    try:
        return bare_url(urljoin(call.route.url(), location))
    except ValueError:
        return "no address"


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds to wait by a ``Retry-After`` header (RFC 9110, section 10.2.3), a year at most;
    None when it says nothing that makes sense. ``now`` is ours: for answers without ``Date``."""
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        return seconds(float(value))
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(value).timestamp()
        sent = headers.get("date")
        since = parsedate_to_datetime(sent).timestamp() if sent else now or time.time()
    except (ValueError, OverflowError, OSError):
        return None
    return seconds(max(0.0, when - since))


#: A year. Nobody waits for one, and of a longer wait there are only more digits to print.
LONGEST_WAIT = 31_536_000.0


def seconds(wait: float) -> float | None:
    """A time to wait that a host names, up to `LONGEST_WAIT`; None when it is none, such as
    infinity."""
    return min(wait, LONGEST_WAIT) if 0 <= wait < math.inf else None


def _status(response: Response) -> str:
    return f"HTTP {response.status}"


def strange(call: Call, response: Response, what: str) -> errors.UnreadableAnswer:
    """The error for an answer in no dialect that the wire knows; it may have been charged."""
    return errors.UnreadableAnswer(
        f"{call.route.host.name} answered {_status(response)} with {what}",
        **about(call, response),
    )


def error_in(document: Mapping[str, Any]) -> Any:
    """What stands in ``error``; None when that says nothing. A host that always writes every
    field sends ``{code: "", message: ""}`` beside a picture.
    """
    error = document.get("error")
    spoken = any(error.values()) if isinstance(error, dict) else error
    return error if spoken else None


# --- values of answers, which may be anything -------------------------------------------------


def as_text(value: Any) -> str | None:
    """A text, also of a number; None when there is none."""
    return None if value is None or value == "" else str(value)


def as_int(value: Any) -> int | None:
    """A whole number; None when it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


#: More pictures or tokens than one call has.
COUNTLESS = 1_000_000_000


def as_count(value: Any) -> int | None:
    """How many there are, such as pictures or tokens; None of what is no count, or of more than
    `COUNTLESS`: a host that says so has not counted."""
    found = as_int(value)
    return found if found is not None and 0 <= found <= COUNTLESS else None


#: Digits before the point of an amount that a host says, and after it: all of them are written
#: out, and a million would take all the memory.
LARGEST, DECIMALS = 15, 40


def said_cost(call: Call, amount: Any, currency: str | None = None) -> Cost:
    """What a host says a call has cost: a number, or one as text. Of whatever else it is, and
    of a 0 whose currency nobody documents, nothing is known: many write one always.

    Args:
        currency: of the amount, where it is another than the host's ``costs_in``.
    """
    if amount is None:
        return UNSAID
    documented = call.route.host.costs_in
    named = currency or (documented.currency if documented else None)
    try:
        exact = money(repr(amount) if isinstance(amount, float) else amount)
    except (TypeError, ValueError):
        return UNSAID
    if exact.adjusted() > LARGEST or int(exact.as_tuple().exponent) < -DECIMALS:
        return UNSAID
    return Cost(exact, named, BY_HOST) if exact or named else UNSAID
