"""What PowerTokens' refusals mean. It publishes no table: the vendor's own client sorts them,
and the codes of Kling's maker are known where they are passed on."""

from __future__ import annotations

from imagekit import (
    AuthenticationError,
    BillingError,
    Charged,
    ErrorRow,
    Fact,
    Moderated,
    PermissionDenied,
    RateLimited,
    State,
)

__all__ = ["ERRORS"]

CLIENT = Fact(
    "https://github.com/PowerTokens/video-studio (wan_core.py)",
    "2026-11-21",
    note="how the vendor's own client sorts answers",
)
MAKER = Fact(
    "https://kling.ai/document-api (error codes)",
    "2026-11-21",
    State.UNVERIFIED,
    "the maker's own codes; whether this host passes them on is not said",
)

ERRORS = (
    ErrorRow(BillingError, code="1100", fact=MAKER),
    ErrorRow(BillingError, code="1101", fact=MAKER),
    ErrorRow(BillingError, code="1102", fact=MAKER),
    ErrorRow(Moderated, code="1300", fact=MAKER),
    ErrorRow(Moderated, code="1301", fact=MAKER),
    ErrorRow(PermissionDenied, code="1304", fact=MAKER),
    # A task that failed has words and no code.
    ErrorRow(Moderated, 200, text="risk control", charged=Charged.MAYBE, fact=MAKER),
    ErrorRow(AuthenticationError, code="token_invalid", fact=CLIENT),
    ErrorRow(AuthenticationError, text="token_invalid", fact=CLIENT),
    ErrorRow(AuthenticationError, 403, text="expired", fact=CLIENT),
    *(
        ErrorRow(BillingError, status, text=word, fact=CLIENT)
        for status in (403, 429)
        for word in ("quota", "insufficient", "usage limit", "credit")
    ),
    ErrorRow(PermissionDenied, 403, fact=CLIENT),
    ErrorRow(RateLimited, 429, retryable=True, fact=CLIENT),
)
