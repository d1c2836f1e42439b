"""The error table of Z.ai and BigModel: numbers, sent as text.

From docs.bigmodel.cn (error codes) and docs.z.ai, read 2026-11-21. HTTP 429 alone says
nothing: concurrency, frequency, an empty balance and a blocked account all have it. What the
pages do not say is whether a refusal is charged; of a request that was turned away for being
one too many it is certain.
"""

from __future__ import annotations

from imagekit import (
    AuthenticationError,
    BillingError,
    Charged,
    ErrorRow,
    Fact,
    HostError,
    HostUnavailable,
    ModelUnavailable,
    Moderated,
    PermissionDenied,
    RateLimited,
    RejectedRequest,
)

__all__ = ["ERRORS"]

CODES = Fact("https://docs.bigmodel.cn (error codes)", "2026-11-21")


NO, MAYBE = Charged.NO, Charged.MAYBE


def _rows(
    charged: Charged, error: type[HostError], codes: str, retryable: bool = False
) -> tuple[ErrorRow, ...]:
    return tuple(
        ErrorRow(error, code=code, retryable=retryable, charged=charged, fact=CODES)
        for code in codes.split()
    )


ERRORS = (
    *_rows(NO, AuthenticationError, "1000 1001 1002 1003 1004"),
    *_rows(NO, PermissionDenied, "1100 1110 1111 1112 1120 1121"),  # the account: inactive, locked
    *_rows(NO, BillingError, "1113"),  # no balance, no package
    *_rows(NO, RejectedRequest, "1200 1210 1212 1213 1214 1215 1222"),
    *_rows(NO, ModelUnavailable, "1211 1221"),
    *_rows(NO, PermissionDenied, "1220"),
    *_rows(MAYBE, HostUnavailable, "1230 1234", retryable=True),
    *_rows(NO, RejectedRequest, "1231"),  # this request_id has been used
    *_rows(NO, RejectedRequest, "1261"),  # the prompt is too long
    *_rows(MAYBE, Moderated, "1300 1301"),
    *_rows(NO, RateLimited, "1302 1303", retryable=True),  # concurrency, frequency
    *_rows(
        NO, BillingError, "1304 1308 1309 1310 1313"
    ),  # quotas and plans, until they are renewed
    *_rows(NO, HostUnavailable, "1305 1312", retryable=True),  # overload, a busy model
    ErrorRow(PermissionDenied, 434, fact=CODES),  # no access to this API
    ErrorRow(RejectedRequest, 435, fact=CODES),  # a file of more than 100 MB
)
