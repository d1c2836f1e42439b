"""What the Gemini API's refusals mean, and which of them its page on billing has free of charge."""

from __future__ import annotations

from imagekit import (
    AuthenticationError,
    BillingError,
    Charged,
    ErrorRow,
    Fact,
    HostUnavailable,
    ModelUnavailable,
    PermissionDenied,
    RateLimited,
    RejectedRequest,
    State,
)

__all__ = ["ERRORS"]

DOCS = "https://ai.google.dev/gemini-api/docs"
BILLING = Fact(f"{DOCS}/billing", "2026-09-20", note="a 400 or 500 error is not charged for")
BILLING_TOO = Fact(
    BILLING.source, BILLING.date, State.UNVERIFIED, "it names 400 and 500; 503 is taken for one"
)
TROUBLE = Fact(f"{DOCS}/troubleshooting", "2026-11-21")
WORDS = Fact("https://google.aip.dev/193", "2026-11-21", note="the codes of google.rpc")
QUOTAS = Fact("recorded answers with google.rpc.QuotaFailure", "2026-08-22", State.RECORDED)
SEEN = Fact("recorded answers", "2026-10-03", State.RECORDED)

NO, MAYBE = Charged.NO, Charged.MAYBE

#: A wrong key is a 400, and no key a 403. The codes are ``error.status``, the reason of an
#: ErrorInfo, and the status with the period of the quota that is used up.
ERRORS = (
    ErrorRow(AuthenticationError, 400, "API_KEY_INVALID", charged=NO, fact=SEEN),
    ErrorRow(AuthenticationError, 400, text="API key expired", charged=NO, fact=TROUBLE),
    ErrorRow(AuthenticationError, 400, text="API key not valid", charged=NO, fact=SEEN),
    ErrorRow(AuthenticationError, 403, text="unregistered callers", charged=NO, fact=SEEN),
    ErrorRow(AuthenticationError, 403, text="reported as leaked", charged=NO, fact=TROUBLE),
    ErrorRow(AuthenticationError, code="UNAUTHENTICATED", charged=NO, fact=WORDS),
    ErrorRow(
        PermissionDenied,
        400,
        "FAILED_PRECONDITION",
        "location is not supported",
        charged=NO,
        fact=SEEN,
    ),
    ErrorRow(BillingError, 400, "FAILED_PRECONDITION", "billing", charged=NO, fact=TROUBLE),
    ErrorRow(RejectedRequest, code="FAILED_PRECONDITION", charged=NO, fact=BILLING),
    ErrorRow(RejectedRequest, code="INVALID_ARGUMENT", charged=NO, fact=BILLING),
    ErrorRow(PermissionDenied, code="PERMISSION_DENIED", charged=NO, fact=TROUBLE),
    ErrorRow(ModelUnavailable, code="NOT_FOUND", charged=NO, fact=TROUBLE),
    ErrorRow(BillingError, 429, "RESOURCE_EXHAUSTED.PerDay", charged=NO, fact=QUOTAS),
    ErrorRow(BillingError, text="prepayment credits", charged=NO, fact=TROUBLE),
    ErrorRow(RateLimited, 429, "RESOURCE_EXHAUSTED", retryable=True, charged=NO, fact=QUOTAS),
    # The page on billing has a 500 free of charge; but INTERNAL and UNAVAILABLE are also what
    # any server of this kind says when it has lost one behind it, in the middle of its work.
    ErrorRow(HostUnavailable, code="INTERNAL", retryable=True, charged=MAYBE, fact=BILLING),
    ErrorRow(
        HostUnavailable,
        code="UNAVAILABLE",
        text="model is overloaded",
        retryable=True,
        charged=NO,
        fact=BILLING_TOO,
    ),
    ErrorRow(HostUnavailable, code="UNAVAILABLE", retryable=True, charged=MAYBE, fact=TROUBLE),
    # It worked until its time was up; the page on billing does not speak of that.
    ErrorRow(
        HostUnavailable, code="DEADLINE_EXCEEDED", retryable=True, charged=MAYBE, fact=TROUBLE
    ),
)
