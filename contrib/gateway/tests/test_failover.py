"""A request that goes on at another host, as its client and its record tell of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from imagekit_sandbox.serving import Rule, Upstreams

from imagekit import Alias, AnyOf, Cost
from imagekit_store import Limits

POSTER = Alias("seedream-4.5", hosts=("token360", "powertokens"), failover=True)


BUSY = pytest.mark.parametrize("upstreams", [[Rule("429", host="token360")]], indirect=True)


@BUSY
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


@BUSY
def test_what_a_worker_has_made_elsewhere_says_so(serving: Callable[..., Any]) -> None:
    served = serving(models={"poster": POSTER}, sleep=lambda _: None)
    asked = served.generate(model="poster", headers={"Prefer": "respond-async, wait=30"}).json
    record = served.get(f"/v1/images/{asked['metadata']['id']}").json["metadata"]
    why = "token360:seedream-4.5 failed and was certainly free (RateLimited)"
    assert (record["host"], record["notes"][0]) == ("powertokens", why)
    (line,) = (line for line in record["receipt"] if line["parameter"] == "model")
    assert line["note"].startswith(why)


@BUSY
def test_a_key_goes_no_way_that_it_may_not_ask(
    serving: Callable[..., Any], upstreams: Upstreams
) -> None:
    """By the name of the alias it may go all of its ways, by that of a host this one alone."""
    served = serving(models={"poster": POSTER}, sleep=lambda _: None)
    here = served.new_key("here", models=["token360:*"])
    anywhere = served.new_key("anywhere", models=["poster"])
    nowhere = served.new_key("nowhere", models=["powertokens:*"])
    assert served.generate(here, model="poster").status == 429
    assert served.generate(nowhere, model="poster").error["code"] == "model_not_allowed"
    assert upstreams.ledger.entries == ()
    assert served.generate(anywhere, model="poster").json["metadata"]["host"] == "powertokens"
    later = served.generate(here, model="poster", headers={"Prefer": "respond-async"})
    assert served.store.request(later.json["id"]).asked["model"] == "token360:poster"


def test_a_plan_names_the_host_that_would_be_asked_now(serving: Callable[..., Any]) -> None:
    served = serving(models={"poster": POSTER})
    served.store.rest("token360", 60)
    told = served.ask("POST", "/v1/images/plan", {"model": "poster", "prompt": "a corgi"}).json
    assert (told["host"], told["route"]) == ("powertokens", "powertokens:seedream-4.5")
    assert served.generate(model="poster").json["metadata"]["host"] == told["host"]


def test_of_several_models_a_key_has_to_be_allowed_each(
    serving: Callable[..., Any], upstreams: Upstreams
) -> None:
    either = Alias(AnyOf(("seedream-4.5", "seedream-4.0")), hosts=("powertokens",))
    served = serving(models={"either": either})
    one = served.new_key("one", models=["seedream-4.5"])
    both = served.new_key("both", models=["seedream-4.5", "seedream-4.0"])
    assert served.generate(one, model="either").error["code"] == "model_not_allowed"
    listed = served.ask("GET", "/v1/models", None, one).json["data"]
    assert "either" not in {model["id"] for model in listed}
    assert served.ask("GET", "/v1/models/either", None, one).status == 404
    assert upstreams.journal.entries == ()
    assert served.generate(both, model="either").status == 200


def test_a_budget_has_room_for_the_dearest_way(
    serving: Callable[..., Any], upstreams: Upstreams
) -> None:
    """What its first host costs nobody knows, and counts little; the second asks for more."""
    served = serving(models={"poster": POSTER}, unknown_price=Cost("0.01", "USD"))
    poor = served.new_key("poor", Limits(budget="0.02"))
    assert served.generate(poor, model="poster").status == 402
    assert served.generate(poor, model="token360:seedream-4.5").status == 200
    assert [entry.host for entry in upstreams.ledger.entries] == ["token360"]
