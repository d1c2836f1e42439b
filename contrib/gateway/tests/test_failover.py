"""A request that goes on at another host, as its client and its record tell of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from imagekit_sandbox.serving import Rule, Upstreams

from imagekit import Alias

POSTER = Alias("seedream-4.5", hosts=("token360", "powertokens"), failover=True)


@pytest.mark.parametrize("upstreams", [[Rule("429", host="token360")]], indirect=True)
def test_what_was_made_elsewhere_says_so(serving: Callable[..., Any], upstreams: Upstreams) -> None:
    served = serving(models={"poster": POSTER})
    answer = served.generate(model="poster").json["metadata"]
    served.settle()
    record = served.get(f"/v1/images/{answer['id']}").json["metadata"]
    for told in (answer, record):
        assert (told["host"], told["route"]) == ("powertokens", "powertokens:seedream-4.5")
        assert (told["charged"], told["errors"]) == ("yes", [])
        (line,) = (line for line in told["receipt"] if line["parameter"] == "model")
        assert line["note"].startswith("token360:seedream-4.5 failed and was certainly free")
    assert [entry.host for entry in upstreams.ledger.entries] == ["powertokens"]
