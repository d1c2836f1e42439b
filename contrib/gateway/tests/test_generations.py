"""``POST /v1/images/generations``, as a client of OpenAI's meets it."""

from __future__ import annotations

import base64
from typing import Any

from imagekit.testing import picture as painted

PICTURE = painted(64, 64)


def test_a_picture_has_a_link_that_works_without_a_key(served: Any) -> None:
    made = served.generate(size="2048x2048")
    assert made.status == 200
    (picture,) = made.json["data"]
    assert picture["size"] == "2048x2048"
    seen = served.ask("GET", picture["url"], headers={"Authorization": ""})
    assert (seen.status, seen.headers["Content-Type"]) == (200, "image/jpeg")


def test_words_that_programs_always_send_pass_and_are_told(served: Any) -> None:
    made = served.generate(quality="auto", style="vivid", user="somebody", background="auto")
    told = made.json["metadata"]
    assert told["dropped"] == ["quality", "style", "user", "background"]
    assert made.headers["Imagekit-Dropped"] == "quality, style, user, background"
    lines = {line["parameter"]: line["action"] for line in told["receipt"]}
    assert lines["quality"] == "dropped"


def test_png_is_what_everybody_means_and_another_format_is_a_wish(served: Any) -> None:
    made = served.generate(output_format="png")
    assert made.json["metadata"]["dropped"] == ["output_format"]
    refused = served.generate(output_format="webp")
    assert (refused.status, refused.error["param"]) == (400, "output_format")


def test_a_stream_has_as_many_pictures_before_the_last_as_were_wanted(served: Any) -> None:
    told = served.generate(model="openai:gpt-image-2", stream=True, partial_images=2)
    kinds = [line for line in told.body.decode().splitlines() if line.startswith("event: ")]
    partial = "event: image_generation.partial_image"
    assert kinds == [partial, partial, "event: image_generation.completed"]


def test_pictures_come_as_base64_where_openai_sends_nothing_else(served: Any) -> None:
    source = "data:image/png;base64," + base64.b64encode(PICTURE).decode()
    fields = {"model": "seedream-4.0", "prompt": "at night", "image": source}
    for path, more, wanted in (
        ("generations", {}, "url"),
        ("generations", {"model": "gpt-image-1"}, "b64_json"),
        ("edits", {}, "b64_json"),
        ("edits", {"response_format": "url"}, "url"),
    ):
        (picture,) = served.ask("POST", f"/v1/images/{path}", fields | more).json["data"]
        assert picture.keys() & {"url", "b64_json"} == {wanted}


def test_all_mistakes_are_told_at_once_with_the_nearest_value(served: Any) -> None:
    refused = served.generate(prompt="", size="100x100", n="x", colour="red")
    assert (refused.status, refused.headers["x-should-retry"]) == (400, "false")
    problems = {one["param"]: one for one in refused.error["problems"]}
    assert problems.keys() == {"prompt", "size", "n", "colour"}
    assert problems["size"]["nearest"] == "960x960"


def test_the_same_idempotency_key_buys_once(served: Any, upstreams: Any) -> None:
    first, again = (served.generate(headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json["metadata"]["id"] == again.json["metadata"]["id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert upstreams.ledger.document()["requests"] == 1
    other = served.generate(prompt="another", headers={"Idempotency-Key": "k"})
    assert (other.status, other.error["code"]) == (400, "idempotency_key_reused")
