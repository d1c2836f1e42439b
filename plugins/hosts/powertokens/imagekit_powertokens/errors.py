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
    RejectedRequest,
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

PASSED_ON = Fact(
    "https://docs.byteplus.com/en/docs/ModelArk/1299023",
    "2026-10-08",
    State.UNVERIFIED,
    "codes of Seedream's maker; whether this host passes them on is not said",
)
NO = Charged.NO

ERRORS = (
    ErrorRow(BillingError, code="1100", charged=NO, fact=MAKER),
    ErrorRow(BillingError, code="1101", charged=NO, fact=MAKER),
    ErrorRow(BillingError, code="1102", charged=NO, fact=MAKER),
    ErrorRow(Moderated, code="1300", charged=NO, fact=MAKER),
    ErrorRow(Moderated, code="1301", charged=NO, fact=MAKER),
    # That one may be sent again is the maker's word, and not this host's.
    ErrorRow(RateLimited, code="1302", fact=MAKER),
    ErrorRow(RateLimited, code="1303", fact=MAKER),
    ErrorRow(PermissionDenied, code="1304", charged=NO, fact=MAKER),
    ErrorRow(RejectedRequest, code="InvalidParameter", charged=NO, fact=PASSED_ON),
    ErrorRow(RejectedRequest, code="MissingParameter", charged=NO, fact=PASSED_ON),
    # A task that failed has words and no code.
    ErrorRow(Moderated, 200, text="risk control", fact=MAKER),
    ErrorRow(AuthenticationError, code="token_invalid", charged=NO, fact=CLIENT),
    ErrorRow(AuthenticationError, text="token_invalid", charged=NO, fact=CLIENT),
    ErrorRow(AuthenticationError, 403, text="expired", charged=NO, fact=CLIENT),
    *(
        ErrorRow(BillingError, status, text=word, charged=NO, fact=CLIENT)
        for status in (403, 429)
        for word in ("quota", "insufficient", "usage limit", "credit")
    ),
)
