"""The names by which models are asked for."""

from __future__ import annotations

from typing import Any

import pytest
from imagekit import Alias
from imagekit_gateway.rights.names import Names


@pytest.fixture
def poster(serving: Any) -> Any:
    """An alias with defaults, and one that stands for it."""
    poster = Alias("seedream-4.5", ("token360",), {"size": "4K", "watermark": False})
    return serving(models={"poster": poster, "wall": Alias("poster")})


@pytest.mark.parametrize("name", ["poster", "wall"])
def test_an_alias_brings_its_defaults(poster: Any, name: str) -> None:
    made = poster.generate(model=name).json
    lines = {line["parameter"]: line for line in made["metadata"]["receipt"]}
    assert (lines["size"]["value"], lines["size"]["by"]) == ("4K", "alias")
    assert lines["watermark"]["value"] is False
    assert made["metadata"]["route"] == "token360:seedream-4.5"
    assert poster.generate(model=name, size="2K").json["size"] == "2048x2048"


def test_the_page_of_powertokens_does_not_outdo_an_alias(poster: Any) -> None:
    key = poster.new_key("page", dialect="powertokens")
    told = poster.generate(key=key, model="poster").json["metadata"]
    lines = {line["parameter"]: line["value"] for line in told["receipt"]}
    assert lines["watermark"] is False


def test_names_that_everybody_asks_for_are_there_whoever_has_keys(serving: Any) -> None:
    served = serving(prefer=())
    made = served.generate(model="gpt-image-1", size="1024x1024")
    assert made.status == 200
    assert made.json["metadata"]["asked_model"] == "gpt-image-1"
    assert Names(served.gateway.client).route("dall-e-3").model.name == "seedream-4.0"


def test_a_model_of_several_hosts_is_asked_for_at_one_of_them(serving: Any) -> None:
    served = serving(prefer=())
    refused = served.generate(model="seedream-4.5")
    assert (refused.status, refused.error["code"]) == (400, "ambiguous_model")
    assert "powertokens:seedream-4.5" in refused.error["message"]


def test_a_record_says_what_the_answer_said(served: Any) -> None:
    answer = served.generate(n=2, model="sandbox:seedream-4.0").json["metadata"]
    record = served.get(f"/v1/images/{answer['id']}").json["metadata"]
    for name in ("unknown_usage", "cost", "charged", "route", "asked_model"):
        assert record[name] == answer[name], name
    (asked,) = (line for line in record["receipt"] if line["parameter"] == "n")
    assert asked["value"] == 2
