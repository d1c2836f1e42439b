"""Kling AI's error table: the body is ``{code, message, request_id}``, the code a number.

One 429 may be sent again (too fast, too many tasks at once) and another must not (no balance,
an address that is not allowed).
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

ERRORS = (
    ErrorRow(AuthenticationError, 401, "1000", fact=PAGE),
    ErrorRow(AuthenticationError, 401, "1001", fact=PAGE),
    ErrorRow(AuthenticationError, 401, "1002", fact=PAGE, hint=REGION),
    # Not valid yet, and expired. Every request is signed anew, so another would end the same.
    ErrorRow(AuthenticationError, 401, "1003", fact=PAGE, hint=CLOCK),
    ErrorRow(AuthenticationError, 401, "1004", fact=PAGE, hint=CLOCK),
    # The account is abnormal, is in arrears, has used up what it bought.
    ErrorRow(BillingError, 429, "1100", fact=PAGE),
    ErrorRow(BillingError, 429, "1101", fact=PAGE),
    ErrorRow(BillingError, 429, "1102", fact=PAGE),
    ErrorRow(PermissionDenied, 403, "1103", fact=PAGE),
    ErrorRow(RejectedRequest, 400, "1200", fact=PAGE),
    ErrorRow(RejectedRequest, 400, "1201", fact=PAGE),
    ErrorRow(RejectedRequest, 404, "1202", fact=PAGE),
    ErrorRow(ModelUnavailable, 404, "1203", fact=PAGE),
    ErrorRow(Moderated, 400, "1300", fact=PAGE),
    ErrorRow(Moderated, 400, "1301", fact=PAGE),
    ErrorRow(RateLimited, 429, "1302", retryable=True, fact=PAGE),
    # Each picture of an image task takes a slot until the task has ended, even if it fails.
    ErrorRow(RateLimited, 429, "1303", retryable=True, fact=PAGE),
    ErrorRow(PermissionDenied, 429, "1304", fact=PAGE),
    # All three may be tried again, says the page; that nothing was begun is certain of one.
    ErrorRow(HostUnavailable, 500, "5000", retryable=True, charged=Charged.MAYBE, fact=PAGE),
    ErrorRow(HostUnavailable, 503, "5001", retryable=True, fact=PAGE),
    ErrorRow(HostUnavailable, 504, "5002", retryable=True, charged=Charged.MAYBE, fact=PAGE),
    *(ErrorRow(Moderated, 200, text=word, charged=Charged.MAYBE, fact=SEEN) for word in CONTENT),
)
