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

NO, MAYBE = Charged.NO, Charged.MAYBE

ERRORS = (
    ErrorRow(AuthenticationError, code="1000", charged=NO),
    ErrorRow(AuthenticationError, code="1001", charged=NO),
    ErrorRow(AuthenticationError, code="1002", charged=NO, hint=REGION),
    # Not valid yet, and expired. Every request is signed anew, so another would end the same.
    ErrorRow(AuthenticationError, code="1003", charged=NO, hint=CLOCK),
    ErrorRow(AuthenticationError, code="1004", charged=NO, hint=CLOCK),
    # The account is abnormal, is in arrears, has used up what it bought.
    ErrorRow(BillingError, code="1100", charged=NO),
    ErrorRow(BillingError, code="1101", charged=NO),
    ErrorRow(BillingError, code="1102", charged=NO),
    ErrorRow(PermissionDenied, code="1103", charged=NO),
    ErrorRow(RejectedRequest, code="1200", charged=NO),
    ErrorRow(RejectedRequest, code="1201", charged=NO),
    ErrorRow(RejectedRequest, code="1202", charged=NO),
    ErrorRow(ModelUnavailable, code="1203", charged=NO),
    ErrorRow(Moderated, code="1300", charged=NO),
    ErrorRow(Moderated, code="1301", charged=NO),
    ErrorRow(RateLimited, code="1302", retryable=True, charged=NO),
    # Each picture of an image task takes a slot until the task has ended, even if it fails.
    ErrorRow(RateLimited, code="1303", retryable=True, charged=NO),
    ErrorRow(PermissionDenied, code="1304", charged=NO),
    # All three may be tried again, says the page; that nothing was begun is certain of one.
    ErrorRow(HostUnavailable, code="5000", retryable=True, charged=MAYBE),
    ErrorRow(HostUnavailable, code="5001", retryable=True, charged=NO),
    ErrorRow(HostUnavailable, code="5002", retryable=True, charged=MAYBE),
    *(ErrorRow(Moderated, 200, text=word, fact=SEEN) for word in CONTENT),
)
