"""What would be sent, told before it is: by the code that sends it, and at no cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from imagekit import HostSettings
from imagekit_store import Limits

TOLD = {"media_type": "image/png", "bytes": 20_000_000, "width": 2000, "height": 1500}


@pytest.fixture
def plan(served: Any) -> Callable[..., Any]:
    def ask(key: str | None = None, **fields: Any) -> Any:
        body = {"model": "seedream-4.0", "prompt": "a corgi", **fields}
        return served.ask("POST", "/v1/images/plan", body, key)

    return ask


def test_it_says_what_would_be_sent_and_nothing_is(plan: Any, sent: Any, served: Any) -> None:
    told = plan(ratio="16:9", resolution="2K", style="vivid", n=2).json
    assert (told["object"], told["model"], told["host"]) == ("plan", "seedream-4.0", "powertokens")
    assert (told["calls"], told["images"], told["dropped"]) == (2, 2, ["style"])
    receipt = {line["parameter"]: line for line in told["receipt"]}
    assert receipt["ratio"]["fields"] == [["size", "2848x1600"]]
    assert receipt["style"]["action"] == "dropped"
    assert sent() is None
    assert served.get("/v1/images").json["data"] == []


def test_a_price_that_nobody_knows_is_null(plan: Any) -> None:
    assert plan().json["cost"] is None


def test_a_price_that_somebody_knows_is_of_all_calls(plan: Any) -> None:
    cost = plan(model="modelark:seedream-4.0", n=3).json["cost"]
    assert cost == {"amount": "0.09", "currency": "USD", "by": "list"}


def test_mistakes_are_those_of_a_request_with_what_is_nearest(plan: Any, served: Any) -> None:
    wrong = {"size": "100x100", "n": 0, "colour": "red"}
    planned, asked = plan(**wrong), served.generate(**wrong)
    assert planned.status == asked.status == 400
    assert planned.error["problems"] == asked.error["problems"]
    nearest = {one["param"]: one.get("nearest") for one in planned.error["problems"]}
    assert nearest["size"] == "960x960"


def test_what_might_be_better_is_told_by_its_parameter_and_is_no_mistake(plan: Any) -> None:
    told = plan(prompt="word " * 601).json
    (advice,) = told["advice"]
    assert advice["param"] == "prompt"
    assert "601 words" in advice["message"]
    assert [note for note in told["notes"] if "601 words" in note] == []


def test_a_picture_is_told_of_and_stays_where_it_is(plan: Any, sent: Any) -> None:
    told = plan(image=[{**TOLD, "name": "cat.png"}, "https://example.com/dog.png"]).json
    (line,) = [one for one in told["receipt"] if one["parameter"] == "image"]
    assert line["value"][0]["bytes"] == TOLD["bytes"]
    assert line["value"][1] == "https://example.com/dog.png"
    assert sent() is None


def test_a_picture_that_is_told_of_is_checked_as_it_would_be(plan: Any) -> None:
    refused = plan(image={**TOLD, "width": 10, "height": 10})
    assert {problem["param"] for problem in refused.error["problems"]} == {"image"}


@pytest.mark.parametrize("facts", [{"media_type": 1}, {"width": "wide"}, {"bytes": -1}])
def test_what_tells_of_no_picture_is_refused(plan: Any, facts: dict[str, Any]) -> None:
    refused = plan(image={**TOLD, **facts})
    (problem,) = refused.error["problems"]
    assert (refused.status, problem["param"]) == (400, "image")


def test_a_mask_is_told_of_as_well(plan: Any) -> None:
    small = {**TOLD, "bytes": 1000}
    told = plan(model="openai:gpt-image-2", image=small, mask=small)
    assert told.status == 200, told.body
    assert {"image", "mask"} <= {line["parameter"] for line in told.json["receipt"]}


def test_a_picture_itself_does_as_well(plan: Any, data_url: str) -> None:
    told = plan(image=data_url).json
    (line,) = [one for one in told["receipt"] if one["parameter"] == "image"]
    assert line["value"][0]["width"] == 64


def test_a_host_that_is_away_is_no_matter(serving: Any) -> None:
    away = HostSettings(base_url="http://127.0.0.1:1")
    served = serving(hosts={"ark": away})
    body = {"model": "ark:seedream-4.0", "prompt": "a corgi"}
    assert served.ask("POST", "/v1/images/plan", body).json["host"] == "ark"


def test_what_the_gateway_adds_is_told_of(serving: Any) -> None:
    served = serving()
    key = served.new_key("pages", dialect="powertokens")
    body = {"model": "seedream-4.0", "prompt": "a corgi"}
    told = served.ask("POST", "/v1/images/plan", body, key).json
    assert "watermark" in {one["field"] for one in told["added"]}


#: Of PowerTokens, 0.038 USD a picture; of another, nobody knows.
PRICED, UNPRICED = {"model": "seedream-4.5"}, {"model": "seedream-4.0", "size": "1K"}


@pytest.mark.parametrize(
    ("limits", "fields", "code"),
    [
        (Limits(budget="0.05"), {**PRICED, "n": 2}, "insufficient_quota"),
        (Limits(budget="1"), UNPRICED, "unknown_price"),
        (Limits(budget="1", currency="CNY"), PRICED, "unknown_price"),
    ],
)
def test_what_a_budget_would_refuse_is_refused_in_the_same_words_and_counts_nothing(
    plan: Any, served: Any, limits: Limits, fields: dict[str, Any], code: str
) -> None:
    key = served.new_key("poor", limits)
    planned, asked = plan(key, **fields), served.generate(key, **fields)
    assert (planned.status, planned.error["code"]) == (asked.status, code) == (402, code)
    assert planned.error["message"] == asked.error["message"]
    assert served.get("/v1/key", key=key).json["spent"] == "0"


def test_a_plan_sets_nothing_of_a_budget_aside(plan: Any, served: Any) -> None:
    key = served.new_key("poor", Limits(budget="0.05", rpm=1))
    assert [plan(key, **PRICED).status for _ in range(3)] == [200] * 3
    assert served.generate(key, **PRICED).status == 200
    assert plan(key, **PRICED).error["code"] == "insufficient_quota"
