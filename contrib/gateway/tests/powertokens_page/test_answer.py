"""``created``, ``data`` and ``metadata``; ``response_format``."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest
from imagekit_sandbox.serving import Rule

SMALL = {"model": "seedream-4-0-250828", "size": "1K"}
GROUP = {**SMALL, "prompt": "three corgis", "sequential_image_generation": "auto"}


def test_the_example_is_answered_as_the_page_has_it(draw: Any, sent: Any) -> None:
    before = int(time.time())
    made = draw()
    assert (made.status, made.headers["Content-Type"]) == (200, "application/json")
    assert before <= made.json["created"] <= time.time()
    (picture,) = made.json["data"]
    assert picture.keys() == {"url", "size"}
    assert picture["size"] == "2048x2048"
    assert isinstance(made.json["metadata"], dict)
    assert sent() == {
        "model": "seedream-4-5-251128",
        "prompt": "A cute corgi running on grass, sunny day, realistic style",
        "size": "2048x2048",
        "watermark": True,
    }


@pytest.mark.parametrize("format", ["url", ..., None])
def test_pictures_come_as_links_unless_it_is_said_otherwise(
    draw: Any, served: Any, format: Any
) -> None:
    (picture,) = draw(**SMALL, response_format=format).json["data"]
    assert picture.keys() == {"url", "size"}
    found = served.ask("GET", picture["url"], headers={"Authorization": ""})
    assert (found.status, found.body[:2]) == (200, b"\xff\xd8")


def test_pictures_come_as_base64_when_that_is_asked_for(draw: Any) -> None:
    (picture,) = draw(**SMALL, response_format="b64_json").json["data"]
    assert picture.keys() == {"b64_json", "size"}
    assert base64.b64decode(picture["b64_json"], validate=True)[:2] == b"\xff\xd8"


def test_another_format_is_refused(draw: Any, mistake: Any) -> None:
    refused = draw(response_format="png")
    assert mistake(refused) == ("response_format", "is url or b64_json, not 'png'", "url")


@pytest.mark.parametrize("upstreams", [[Rule("smaller")]], indirect=True)
def test_the_size_of_a_picture_is_that_which_it_has(draw: Any) -> None:
    made = draw(**SMALL)
    assert made.json["data"][0]["size"] == "512x512"
    assert made.json["metadata"]["notes"] == ["picture 1: asked for 1K, got 512x512"]


@pytest.mark.parametrize("upstreams", [[Rule("moderated-item:2")]], indirect=True)
@pytest.mark.parametrize("format", ["url", "b64_json"])
def test_a_picture_of_a_group_that_failed_says_why_in_its_place(draw: Any, format: str) -> None:
    made = draw(**GROUP, response_format=format)
    first, second, third = made.json["data"]
    error = {
        "code": "OutputImageSensitiveContentDetected",
        "message": "The request failed because the output image may contain sensitive information",
    }
    assert second == {"error": error}
    assert first.keys() == third.keys() == {format, "size"}
    assert made.json["usage"]["generated_images"] == 2
    assert made.json["metadata"]["errors"] == [{"place": 1, **error}]


@pytest.mark.parametrize("upstreams", [[Rule("moderated-item:2")]], indirect=True)
def test_an_answer_that_is_given_once_more_has_its_failures_in_their_places(draw: Any) -> None:
    first, again = (draw(**GROUP, headers={"Idempotency-Key": "k"}).json for _ in range(2))
    assert again["metadata"]["id"] == first["metadata"]["id"]
    assert [[*one] for one in again["data"]] == [["url", "size"], ["error"], ["url", "size"]]
    assert again["data"][1] == first["data"][1]


@pytest.mark.parametrize("upstreams", [[Rule("moderated")]], indirect=True)
def test_where_no_picture_came_there_is_an_error_and_no_data(draw: Any, served: Any) -> None:
    refused = draw(**SMALL)
    assert (refused.status, refused.error["code"]) == (424, "content_policy_violation")
    assert "OutputImageSensitiveContentDetected" in refused.error["message"]
    assert refused.json.keys() == {"error"}


def test_the_metadata_says_who_drew_and_what_it_cost(draw: Any) -> None:
    told = draw().json["metadata"]
    assert (told["host"], told["route"]) == ("powertokens", "powertokens:seedream-4.5")
    assert (told["charged"], told["cost"]["amount"]) == ("yes", "0.038")
    assert [line["parameter"] for line in told["receipt"]] == ["model", "prompt", "size"]
