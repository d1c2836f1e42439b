"""Kling AI's error table: the body is ``{code, message, request_id}``, the code a number.

The code alone counts: gateways pass it on with another HTTP status. One 429 may be sent again
(too fast, too many tasks at once) and another must not (no balance, an address that is not
allowed).
"""

from __future__ import annotations

from imagekit import (
    AuthenticationError,
    BillingError,
    Charged,
    ErrorRow,
    Fact,
    HostUnavailable,
    ModelUnavailable,
    Moderated,
    PermissionDenied,
    RateLimited,
    RejectedRequest,
    State,
)

__all__ = ["ERRORS"]

PAGE = Fact("https://kling.ai/document-api (error codes)", "2026-11-21")
SEEN = Fact(
    "tests of clients of this API",
    "2026-11-21",
    State.UNVERIFIED,
    "a task that failed has no code; nobody lists the words that it may say",
)

REGION = "a key is good in one region only: klingai is outside of China, klingai-cn in China"
CLOCK = "a token made of a key pair is timed by this machine's clock: is it right?"
#: What a text may say that is about content.
CONTENT = ("risk control", "content risk", "sensitive", "moderation", "policy", "safety")

NO = Charged.NO

ERRORS = (
    ErrorRow(AuthenticationError, code="1000", charged=NO, fact=PAGE),
    ErrorRow(AuthenticationError, code="1001", charged=NO, fact=PAGE),
    ErrorRow(AuthenticationError, code="1002", charged=NO, fact=PAGE, hint=REGION),
    # Not valid yet, and expired. Every request is signed anew, so another would end the same.
    ErrorRow(AuthenticationError, code="1003", charged=NO, fact=PAGE, hint=CLOCK),
    ErrorRow(AuthenticationError, code="1004", charged=NO, fact=PAGE, hint=CLOCK),
    # The account is abnormal, is in arrears, has used up what it bought.
    ErrorRow(BillingError, code="1100", charged=NO, fact=PAGE),
    ErrorRow(BillingError, code="1101", charged=NO, fact=PAGE),
    ErrorRow(BillingError, code="1102", charged=NO, fact=PAGE),
    ErrorRow(PermissionDenied, code="1103", charged=NO, fact=PAGE),
    ErrorRow(RejectedRequest, code="1200", charged=NO, fact=PAGE),
    ErrorRow(RejectedRequest, code="1201", charged=NO, fact=PAGE),
    ErrorRow(RejectedRequest, code="1202", charged=NO, fact=PAGE),
    ErrorRow(ModelUnavailable, code="1203", charged=NO, fact=PAGE),
    ErrorRow(Moderated, code="1300", charged=NO, fact=PAGE),
    ErrorRow(Moderated, code="1301", charged=NO, fact=PAGE),
    ErrorRow(RateLimited, code="1302", retryable=True, charged=NO, fact=PAGE),
    # Each picture of an image task takes a slot until the task has ended, even if it fails.
    ErrorRow(RateLimited, code="1303", retryable=True, charged=NO, fact=PAGE),
    ErrorRow(PermissionDenied, code="1304", charged=NO, fact=PAGE),
    # All three may be tried again, says the page; that nothing was begun is certain of one.
    ErrorRow(HostUnavailable, code="5000", retryable=True, fact=PAGE),
    ErrorRow(HostUnavailable, code="5001", retryable=True, charged=NO, fact=PAGE),
    ErrorRow(HostUnavailable, code="5002", retryable=True, fact=PAGE),
    *(ErrorRow(Moderated, 200, text=word, fact=SEEN) for word in CONTENT),
)
