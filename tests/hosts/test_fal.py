"""fal, from a call to the picture, over sockets: its queue, and what becomes of jobs that fail."""

from __future__ import annotations

import pytest
from imagekit_sandbox.serving import Rule, Upstreams

from imagekit import (
    AuthenticationError,
    BillingError,
    Charged,
    HostUnavailable,
    Moderated,
    OutcomeUnknown,
)
from imagekit.testing import picture

NO, MAYBE = Charged.NO, Charged.MAYBE


def test_a_job_is_bought_once_and_looked_at_until_it_is_done(upstreams, client):
    result = client(upstreams).generate("a heron", model="fal:flux-2-pro", size="1024x768")
    assert result.image.pixels == (1024, 768)
    asked = [(line.operation, line.status) for line in upstreams.journal.entries]
    assert asked == [("generate", 200), ("poll", 202), ("poll", 200), ("poll", 200)]
    assert upstreams.ledger.pictures == 1


def test_bytes_go_to_the_address_that_edits(upstreams, client):
    given = {"model": "fal:seedream-4.0", "size": "1024x1024", "image": picture(64, 64)}
    assert client(upstreams).generate("by night", **given).image.pixels == (1024, 1024)
    assert upstreams.journal.entries[0].path.endswith("/bytedance/seedream/v4/edit")


@pytest.mark.parametrize(
    ("fault", "error", "charged", "billed"),
    [
        ("401", AuthenticationError, MAYBE, 0),
        ("402", BillingError, MAYBE, 0),
        ("503", HostUnavailable, NO, 0),
        ("error-200", HostUnavailable, NO, 0),
        ("moderated", Moderated, MAYBE, 0),
        ("job-fails", HostUnavailable, NO, 0),
        ("lost", OutcomeUnknown, MAYBE, 1),
    ],
)
def test_what_ends_a_call_and_what_it_cost(client, fault, error, charged, billed):
    with Upstreams([Rule(fault)]) as upstreams:
        with pytest.raises(error) as raised:
            client(upstreams).generate("a heron", model="fal:flux-2-pro")
        assert raised.value.charged is charged
        bought = [line for line in upstreams.journal.entries if line.operation == "generate"]
        assert (len(bought), upstreams.ledger.pictures) == (1, billed)


def test_trouble_between_two_looks_is_looked_past(client):
    with Upstreams([Rule("503", operation="poll", times=2)]) as upstreams:
        result = client(upstreams).generate("a heron", model="fal:flux-2-pro")
        assert (len(result.images), upstreams.ledger.pictures) == (1, 1)
