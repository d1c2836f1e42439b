"""For how long a host is left alone after an error."""

from __future__ import annotations

import pytest

from imagekit import (
    AuthenticationError,
    BillingError,
    Charged,
    HostUnavailable,
    ImagekitError,
    Moderated,
    NotSent,
    PermissionDenied,
    RateLimited,
)
from imagekit.send.limits.outcome import rest_after


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (RateLimited("later", retry_after=7.0), 7.0),
        (RateLimited("later", retry_after=1e300), 3600.0),
        (RateLimited("later"), 30.0),
        (HostUnavailable("down", charged=Charged.NO), 30.0),
        (HostUnavailable("down"), None),  # perhaps it drew, and its answer was lost
        (NotSent("nobody there"), 30.0),
        (BillingError("no balance", charged=Charged.NO), 300.0),
        (AuthenticationError("no such key", charged=Charged.NO), 300.0),
        (AuthenticationError("a proxy's own page"), None),
        (PermissionDenied("not this model"), None),  # others may be asked for there
        (Moderated("no"), None),
    ],
)
def test_a_host_rests_for_what_is_its_own(error: ImagekitError, seconds: float | None) -> None:
    assert rest_after(error) == seconds
