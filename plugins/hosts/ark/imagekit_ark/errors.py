"""How Ark says no: its error codes, which are the same in every region.

Sources: https://docs.byteplus.com/en/docs/ModelArk/1299023 and the Volcengine page of the same
number, as public copies have them, of 2026; which refusals pass by themselves is how clients
in use sort them. Only pictures that were made are billed (docs 82379/1541523). The statuses
are left out on purpose: inside a stream the same codes come after HTTP 200.
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

CODES = Fact("https://docs.byteplus.com/en/docs/ModelArk/1299023", "2026-10-08")
INFERRED = Fact(CODES.source, CODES.date, State.UNVERIFIED, "its HTTP status is inferred")
STREAMS = Fact("https://www.volcengine.com/docs/82379/1824137", "2025-10-01")
OWN_KEYS = "a key works at its own cloud and region only"
SLOW_LINK = "the link has to answer within seconds; give the picture as a file instead"

#: A refusal in Ark's own words comes before anything is made, or instead of it.
NO = Charged.NO

MODERATION = (
    "SensitiveContentDetected",
    "InputTextSensitiveContentDetected",
    "InputImageSensitiveContentDetected",
    "OutputImageSensitiveContentDetected",
    "InputTextRiskDetection",
    "InputImageRiskDetection",
    "OutputImageRiskDetection",
    "ContentSecurityDetectionError",
)
#: These pass by themselves, and the request was not carried out.
BUSY = (
    "ModelAccountIpmRateLimitExceeded",
    "ModelAccountRpmRateLimitExceeded",
    "ModelAccountTpmRateLimitExceeded",
    "APIAccountRpmRateLimitExceeded",
    "RateLimitExceeded",
    "AccountRateLimitExceeded",
    "RequestBurstTooFast",
)

ERRORS = (
    *(ErrorRow(Moderated, code=code, charged=NO) for code in MODERATION),
    ErrorRow(
        RejectedRequest,
        code="InvalidParameter",
        text="Timeout while downloading url",
        hint=SLOW_LINK,
        charged=NO,
    ),
    ErrorRow(RejectedRequest, code="InvalidParameter", charged=NO),
    ErrorRow(RejectedRequest, code="MissingParameter", charged=NO),
    ErrorRow(RejectedRequest, code="InvalidImageURL", charged=NO),
    ErrorRow(AuthenticationError, code="AuthenticationError", hint=OWN_KEYS, charged=NO),
    ErrorRow(AuthenticationError, code="InvalidAccountStatus", charged=NO, fact=INFERRED),
    ErrorRow(BillingError, code="AccountOverdueError", charged=NO),
    ErrorRow(BillingError, code="OperationDenied.ServiceOverdue", charged=NO),
    ErrorRow(BillingError, code="QuotaExceeded", charged=NO),
    ErrorRow(BillingError, code="SetLimitExceeded", charged=NO),
    ErrorRow(PermissionDenied, code="OperationDenied", charged=NO),
    ErrorRow(PermissionDenied, code="AccessDenied", charged=NO),
    ErrorRow(ModelUnavailable, code="InvalidEndpointOrModel", charged=NO),
    ErrorRow(ModelUnavailable, code="InvalidEndpoint", charged=NO),
    ErrorRow(ModelUnavailable, code="ModelNotOpen", charged=NO),
    ErrorRow(ModelUnavailable, code="UnsupportedModel", charged=NO),
    ErrorRow(ModelUnavailable, code="NotFound", charged=NO),
    *(ErrorRow(RateLimited, code=code, retryable=True, charged=NO) for code in BUSY),
    ErrorRow(RateLimited, code="InflightBatchsizeExceeded", charged=NO),
    ErrorRow(HostUnavailable, code="ServerOverloaded", retryable=True, charged=NO),
    ErrorRow(HostUnavailable, code="InternalServiceError"),
    # The pages' own example of an error inside a stream has the type where the code belongs.
    ErrorRow(RejectedRequest, code="BadRequest", charged=NO, fact=STREAMS),
)
