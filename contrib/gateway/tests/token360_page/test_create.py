"""``POST /v1/images/generations``: what is asked for, and what is answered."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest
from imagekit_sandbox.serving import Rule

LINK = "https://example.com/sunrise.png"


def test_the_example_is_answered_as_the_page_has_it(draw: Any, sent: Any) -> None:
    before = int(time.time())
    made = draw()
    assert made.status == 200
    assert before <= made.json["created"] <= time.time()
    assert made.json["model"] == "dola-seedream-5.0-lite"
    (picture,) = made.json["data"]
    assert picture["url"].startswith("http")
    usage = {"generated_images": 1, "output_tokens": 16384, "total_tokens": 16384}
    assert usage.items() <= made.json["usage"].items()
    assert sent() == {
        "model": "dola-seedream-5.0-lite",
        "prompt": "A minimalist sunrise over calm water, digital illustration",
        "size": "2048x2048",
    }


def test_the_url_is_for_downloading_the_picture_directly(draw: Any, served: Any) -> None:
    (picture,) = draw().json["data"]
    found = served.ask("GET", picture["url"], headers={"Authorization": ""})
    assert (found.status, found.headers["Content-Type"]) == (200, "image/jpeg")


def test_without_a_bearer_nobody_is_answered(served: Any, sent: Any) -> None:
    body = {"model": "dola-seedream-5.0-lite", "prompt": "A minimalist sunrise"}
    refused = served.ask("POST", "/v1/images/generations", body, headers={"Authorization": ""})
    assert (refused.status, refused.error["code"]) == (401, "invalid_api_key")
    assert sent() is None


@pytest.mark.parametrize("field", ["model", "prompt"])
def test_model_and_prompt_are_required(draw: Any, mistake: Any, field: str) -> None:
    name, message, _ = mistake(draw(**{field: ...}))
    assert (name, message.partition(";")[0]) == (field, "is missing")


def test_the_size_is_the_models_when_none_is_said(draw: Any, sent: Any) -> None:
    made = draw(size=...)
    assert "size" not in sent()
    assert made.json["data"][0]["size"] == "2048x2048"


def test_the_pages_own_example_of_a_size_is_one_of_other_models(draw: Any, mistake: Any) -> None:
    field, _, nearest = mistake(draw(size="1024x1024"))
    assert (field, nearest) == ("size", "1920x1920")
    assert draw(model="nano-banana-pro", size="1024x1024").status == 200


def test_a_picture_may_come_as_base64(draw: Any) -> None:
    (picture,) = draw(response_format="b64_json").json["data"]
    assert "url" not in picture
    assert base64.b64decode(picture["b64_json"], validate=True)[:2] == b"\xff\xd8"


def test_several_pictures_are_several_calls_where_the_model_makes_one(
    draw: Any, upstreams: Any
) -> None:
    made = draw(n=2)
    assert len(made.json["data"]) == made.json["usage"]["generated_images"] == 2
    assert made.json["usage"]["output_tokens"] == 2 * 16384
    assert [line.body.get("n") for line in upstreams.journal.entries] == [None, None]


@pytest.mark.parametrize("upstreams", [[Rule("401")]], indirect=True)
def test_an_input_image_goes_to_the_host_in_the_field_that_others_have_for_it(
    draw: Any, sent: Any
) -> None:
    draw(image=LINK)
    assert sent()["image"] == LINK


def test_an_answer_of_the_hosts_firewall_may_have_been_charged_and_is_not_repeated(
    draw: Any, upstreams: Any
) -> None:
    refused = draw(image=LINK)
    assert (refused.status, refused.error["charged"]) == (424, "maybe")
    assert len(upstreams.journal.entries) == 1
