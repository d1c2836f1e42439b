"""OpenRouter, from a call to the picture, over sockets: its costs, and what its refusals mean."""

from __future__ import annotations

from decimal import Decimal

import pytest

from imagekit import (
    BillingError,
    Charged,
    HostUnavailable,
    ImagekitError,
    InvalidRequest,
    Moderated,
    OutcomeUnknown,
    RateLimited,
)

NO, MAYBE = Charged.NO, Charged.MAYBE


@pytest.mark.parametrize(
    ("model", "given"),
    [
        ("flux-2-pro", {"ratio": "16:9", "seed": 7}),
        ("seedream-4.5", {"ratio": "16:9", "resolution": "2K", "n": 2}),
    ],
)
def test_a_result_costs_what_the_bill_says(upstreams, client, model, given):
    result = client(upstreams).generate("a heron", model=f"openrouter:{model}", **given)
    (entry,) = upstreams.ledger.entries
    assert len(result.images) == entry.pictures == given.get("n", 1)
    assert (result.cost.amount, result.cost.currency) == (entry.amount, "USD")
    assert entry.amount > Decimal(0)


@pytest.mark.parametrize(
    ("fault", "error", "charged", "billed"),
    [
        ("402", BillingError, NO, 0),
        ("429:1", RateLimited, MAYBE, 0),
        ("503", HostUnavailable, MAYBE, 0),
        ("error-200", HostUnavailable, MAYBE, 0),
        ("moderated", Moderated, NO, 0),
        ("lost", OutcomeUnknown, MAYBE, 1),
    ],
)
def test_nothing_is_sent_twice_whose_code_is_a_status(
    upstreams, client, fault, error, charged, billed
):
    with pytest.raises(error) as raised:
        client(upstreams, fault).generate("a heron", model="openrouter:flux-2-pro")
    assert isinstance(raised.value, ImagekitError)
    assert raised.value.charged is charged
    assert (len(upstreams.journal.entries), upstreams.ledger.pictures) == (1, billed)


def test_pixels_are_refused_where_nobody_says_how_many_a_ratio_has(upstreams, client):
    with pytest.raises(InvalidRequest, match="only ratio can"):
        client(upstreams).generate("a heron", model="openrouter:flux-2-pro", size="1024x1024")
    assert upstreams.journal.entries == ()
