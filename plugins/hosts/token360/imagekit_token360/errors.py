"""What Token360's refusals mean, by its page on errors, read 2026-11-21."""

from __future__ import annotations

from imagekit import (
    AuthenticationError,
    BillingError,
    Charged,
    ErrorRow,
    Fact,
    ModelUnavailable,
    NoPictures,
    PermissionDenied,
    RateLimited,
    RejectedRequest,
    State,
)

__all__ = ["ERRORS", "ERROR_PAGE"]

REFERENCE = "https://www.token360.ai/en-US/docs/api-reference"
ERROR_PAGE = Fact(f"{REFERENCE}/error-handling", "2026-11-21")
DOWNLOADS = Fact(f"{REFERENCE}/download-image", "2026-11-21")
NOTES = Fact("a third-party client's notes", "2026-11-21", State.UNVERIFIED)
NO = Charged.NO

ERRORS = (
    ErrorRow(
        NoPictures,
        text="image is not ready yet",
        charged=NO,
        fact=DOWNLOADS,
        hint="a request that failed never has a picture",
    ),
    # The types of its error page, each of a request that was turned away.
    ErrorRow(AuthenticationError, code="invalid_api_key", charged=NO),
    ErrorRow(AuthenticationError, code="api_key_frozen", charged=NO),
    ErrorRow(PermissionDenied, code="model_access_denied", charged=NO),
    ErrorRow(BillingError, code="insufficient_balance", charged=NO),
    # Gateways of this kind say the same, so under its own status alone.
    ErrorRow(RateLimited, 429, "rate_limit_error", retryable=True, charged=NO),
    ErrorRow(ModelUnavailable, code="model_not_found", charged=NO),
    ErrorRow(ModelUnavailable, code="not_found_error", charged=NO),
    ErrorRow(RejectedRequest, code="invalid_request_error", charged=NO),
    # A model that is switched off has been seen to come back as a 500.
    ErrorRow(
        ModelUnavailable,
        500,
        text="not found or not active",
        fact=NOTES,
    ),
)
