"""What a refusal is, by its status; whether it was free, by the host's own words alone."""

from __future__ import annotations

import pytest

from imagekit import (
    AuthenticationError,
    BillingError,
    Charged,
    ErrorRow,
    HostError,
    HostUnavailable,
    ModelUnavailable,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    RejectedRequest,
    errors,
)
from imagekit.testing import Answer, Loopback
from imagekit.wires.answers import retry_after

SLOW = {"error": {"code": "slow_down", "message": "one at a time"}}
UPSTREAM = b"upstream connect error or disconnect/reset before headers"


def refused(garden, *answers):
    """The error of one call, and how often it was sent."""
    with Loopback(*answers) as server, pytest.raises(errors.ImagekitError) as caught:
        garden(server.url).generate("a pond", model="garden:lily-1")
    return caught.value, len(server.seen)


def raw(status, body, kind="application/json"):
    return Answer(status, body=body, headers={"Content-Type": kind})


# --- which error it is ----------------------------------------------------------------------------

LATE, BROKEN = (408, 425, 499), (500, 501, 502, 504, 505, 507, 508, 511, 598, 599)
STATUSES = {
    HostUnavailable: [*LATE, *BROKEN, *range(520, 531)],
    RejectedRequest: [302, 307, 400, 405, 409, 413, 415, 418, 422, 431],
    AuthenticationError: [401],
    BillingError: [402],
    PermissionDenied: [403],
    ModelUnavailable: [404, 410],
    RateLimited: [429],
}


@pytest.mark.parametrize(
    ("status", "error"), [(one, error) for error, many in STATUSES.items() for one in many]
)
def test_a_status_says_which_error_it_is_and_nothing_of_money(garden, status, error):
    caught, sent = refused(garden, Answer(status, json={"error": {"message": "no"}}))
    assert type(caught) is error
    assert (caught.charged, caught.retryable, sent) == (Charged.MAYBE, False, 1)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b'"Unauthorized"', AuthenticationError),
        (429, b'"Too Many Requests"', RateLimited),
        (503, b"null", HostUnavailable),
        (400, b'["no"]', RejectedRequest),
        (403, b"7", PermissionDenied),
    ],
)
def test_a_refusal_that_is_no_object_is_the_error_of_its_status(garden, status, body, error):
    caught, sent = refused(garden, raw(status, body))
    assert type(caught) is error
    assert (caught.charged, sent) == (Charged.MAYBE, 1)


def test_the_words_of_such_a_refusal_are_shown(garden):
    caught, _ = refused(garden, raw(401, b'"Unauthorized"'))
    assert str(caught) == "garden refused (HTTP 401): Unauthorized"


@pytest.mark.parametrize(
    ("code", "error"),
    [(402, BillingError), ("429", RateLimited), (503, HostUnavailable), (1402, HostError)],
)
def test_a_status_that_is_written_inside_of_a_success_is_one(garden, code, error):
    caught, _ = refused(garden, Answer(json={"error": {"code": code, "message": "no"}}))
    assert type(caught) is error
    assert caught.charged is Charged.MAYBE


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ({}, "nowhere"),
        ({"Location": "/login?next=secret"}, "{url}/login"),
        ({"Location": "https://garden.invalid/x?key=secret"}, "https://garden.invalid/x"),
    ],
)
def test_a_redirect_says_where_it_leads(garden, location, target):
    answer = Answer(302, json={"data": []}, headers=location)
    with Loopback(answer) as server, pytest.raises(RejectedRequest) as caught:
        garden(server.url).generate("a pond", model="garden:lily-1")
    assert f"a redirect to {target.format(url=server.url)};" in str(caught.value)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("inf", None),
        ("1e999", None),
        ("nan", None),
        ("-3", None),
        ("soon", None),
        ("Mon, 01 Jan 99999999999999999999", None),
        ("1e308", 31_536_000.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 31_536_000.0),
        ("Sat, 28 Nov 2026 12:00:09 GMT", 9.0),
        ("Sat, 28 Nov 2026 11:00:00 GMT", 0.0),
    ],
)
def test_how_long_to_wait_is_a_number_of_seconds_or_nothing(header, wait):
    noon = 1795867200.0
    assert retry_after({"retry-after": header}, now=noon) == wait


# --- whether it was free --------------------------------------------------------------------------


def test_what_a_host_says_in_its_own_words_is_believed_and_sent_again(garden, naps, drawn):
    with Loopback(Answer(429, json=SLOW), Answer(json=drawn)) as server:
        assert garden(server.url).generate("a pond", model="garden:lily-1").images
    assert (len(server.seen), len(naps)) == (2, 1)


@pytest.mark.parametrize(
    "answer",
    [
        raw(429, UPSTREAM, "text/plain"),
        raw(429, b"<html>slow_down</html>", "text/html"),
        raw(429, b""),
        raw(429, b'{"error": {"code": "slow_down", "message": "one at a'),
        raw(429, b'"slow_down"'),
        Answer(429, json={"message": "slow_down"}),
        Answer(429, json={"detail": "slow_down"}),
        Answer(429, json={"error": "slow_down"}),
        Answer(503, json=SLOW),
    ],
)
def test_what_anybody_on_the_way_may_have_said_is_not(garden, answer):
    caught, sent = refused(garden, answer)
    assert (caught.charged, caught.retryable, sent) == (Charged.MAYBE, False, 1)


@pytest.mark.parametrize(
    "claim",
    [
        {"charged": Charged.NO},
        {"retryable": True, "charged": Charged.MAYBE},
        {"code": "429", "charged": Charged.NO},
        {"code": "", "text": "", "retryable": True, "charged": Charged.NO},
        {"text": "  ", "charged": Charged.NO},
    ],
)
def test_a_row_that_calls_a_status_free_is_none(claim):
    with pytest.raises(ValueError, match="by a status alone"):
        ErrorRow(RateLimited, 429, **claim)


def test_a_row_that_says_nothing_of_money_claims_nothing():
    row = ErrorRow(HostUnavailable, code="overloaded")
    assert row.charged is Charged.MAYBE


@pytest.mark.parametrize("error", [one for one in STATUSES if one is not HostError])
def test_an_error_of_a_host_may_have_been_charged_unless_somebody_says_so(error):
    assert (error("no").charged, error("no").retryable) == (Charged.MAYBE, False)


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"code": 1302}, "the code of an ErrorRow is text"),
        ({"text": ("busy",)}, "the text of an ErrorRow is text"),
        ({"status": "429"}, "the status of an ErrorRow is a number"),
        ({"charged": "no"}, "charged is Charged.NO"),
        ({"error": OutcomeUnknown}, "an ErrorRow is of a HostError"),
        ({"error": "RateLimited"}, "an ErrorRow is of a HostError"),
    ],
)
def test_what_can_not_stand_in_a_column_is_told_where_it_stands(columns, why):
    with pytest.raises(TypeError, match=why):
        ErrorRow(**{"error": RateLimited, "code": "busy", **columns})
