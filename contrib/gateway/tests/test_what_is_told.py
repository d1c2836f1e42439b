"""What clients are told of what is not theirs: hosts, keys, the set-up."""

from __future__ import annotations

from typing import Any

import pytest
from imagekit_sandbox.serving.faults.rules import Rule

from imagekit import ConfigurationError, ImagekitError, MissingCredential
from imagekit_gateway.refusals import refusal_of

FAULTS = ["lost", "401", "503", "expired", "html:502"]


@pytest.mark.parametrize("upstreams", [[Rule(fault)] for fault in FAULTS], indirect=True)
def test_nobody_is_told_where_hosts_are(served: Any, upstreams: Any) -> None:
    refused = served.generate()
    assert refused.status != 200
    assert upstreams.url not in refused.body.decode()
    for record in served.get("/v1/images").json["data"]:
        assert upstreams.url not in served.get(f"/v1/images/{record['id']}").body.decode()


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
