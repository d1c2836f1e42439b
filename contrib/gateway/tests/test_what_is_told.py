"""What clients are told of what is not theirs: hosts, keys, the set-up."""

from __future__ import annotations

from typing import Any

import pytest
from imagekit_sandbox.serving.faults.rules import Rule

from imagekit import ConfigurationError, ImagekitError, MissingCredential
from imagekit_gateway.answers.made import receipt_of
from imagekit_gateway.refusals import refusal_of

FAULTS = ["lost", "401", "503", "expired", "html:502"]


@pytest.mark.parametrize("upstreams", [[Rule(fault)] for fault in FAULTS], indirect=True)
def test_nobody_is_told_where_hosts_are(served: Any, upstreams: Any) -> None:
    refused = served.generate()
    assert refused.status != 200
    assert upstreams.url not in refused.body.decode()
    for record in served.get("/v1/images").json["data"]:
        assert upstreams.url not in served.get(f"/v1/images/{record['id']}").body.decode()


def test_a_receipt_steers_no_terminal_and_says_of_no_host_where_it_is() -> None:
    """Language models read it as well as people."""
    said = "\x1b]0;owned\x07 \u202ehttp://10.0.0.7/v1"
    line = {"parameter": "size", "value": "2K", "note": said}
    added = {"field": "watermark", "value": True, "why": said}
    (given,), (ours,) = receipt_of({"lines": [line], "added": [added]}, {})
    for told in (given["note"], ours["why"]):
        assert not any(part in told for part in ("\x1b", "\x07", "\u202e", "10.0.0.7"))


@pytest.mark.parametrize(
    "error",
    [
        MissingCredential("no key for ark: set ARK_API_KEY"),
        ConfigurationError("the store /srv/store.db is gone"),
    ],
)
def test_how_it_is_set_up_is_for_whoever_runs_it(error: ImagekitError, caplog: Any) -> None:
    refused = refusal_of(error)
    assert refused.status == 503
    assert refused.message.endswith("finds more in its log")
    assert str(error) in caplog.text
