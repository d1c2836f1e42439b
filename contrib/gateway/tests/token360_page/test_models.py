"""The page's "Model-Specific Notes": which model has which of the fields."""

from __future__ import annotations

from typing import Any

import pytest
from imagekit_sandbox.serving import Rule

#: A host that refuses everything: what has come as far as that was let through, and is not drawn.
let_through = pytest.mark.parametrize("upstreams", [[Rule("401")]], indirect=True)

SEEDREAM = {"seed": 7, "watermark": False, "sequential_image_generation": "auto"}
NOTES = [
    ("kling-image-o1", {"n": 3, "size": "2K"}),
    ("seedream-4.5", SEEDREAM),
    ("seedream-4.0", SEEDREAM),
    ("dola-seedream-5.0-lite", {"seed": 7, "watermark": False}),
    ("nano-banana-pro", {"ratio": "16:9", "quality": "2K"}),
    ("glm-image", {}),
]


@let_through
@pytest.mark.parametrize(("model", "controls"), NOTES, ids=[model for model, _ in NOTES])
def test_each_model_has_the_controls_that_the_page_names(
    draw: Any, sent: Any, model: str, controls: Any
) -> None:
    draw(**{"model": model, "prompt": "a sunrise", "size": ..., **controls})
    assert sent() == {"model": model, "prompt": "a sunrise", **controls}


@pytest.mark.parametrize("model", ["seedream-4.5", "seedream-4.0"])
def test_seedream_4_gives_links_or_base64(draw: Any, model: str) -> None:
    shapes = [draw(model=model, response_format=one).json["data"] for one in ("url", "b64_json")]
    assert [[*picture] for (picture,) in shapes] == [["url", "size"], ["size", "b64_json"]]


def test_a_group_is_as_large_as_the_prompt_says(draw: Any) -> None:
    made = draw(
        model="seedream-4.0",
        prompt="two sunrises",
        size="1024x1024",
        sequential_image_generation="auto",
    )
    assert len(made.json["data"]) == made.json["usage"]["generated_images"] == 2


def test_kling_makes_up_to_nine_pictures_in_one_call_and_more_in_several(
    draw: Any, upstreams: Any
) -> None:
    made = draw(model="kling-image-o1", size="1K", n=10)
    assert len(made.json["data"]) == 10
    assert sorted(line.body["n"] for line in upstreams.journal.entries) == [1, 9]


def test_a_ratio_that_the_model_lacks_is_refused_with_the_nearest(draw: Any, mistake: Any) -> None:
    refused = draw(model="nano-banana-pro", size=..., ratio="16:7")
    field, message, nearest = mistake(refused)
    assert (field, nearest) == ("ratio", "21:9")
    assert message.startswith("16:7 is not one of 1:1, 2:3, 3:2")


@pytest.mark.parametrize(
    ("model", "field", "value", "message"),
    [
        (
            "dola-seedream-5.0-lite",
            "quality",
            "2K",
            "seedream-5.0-lite does not take it at token360: the page has it for other models; "
            "size or resolution says how many pixels",
        ),
        (
            "kling-image-o1",
            "quality",
            "2K",
            "kling-image-o1 does not take it at token360; leave it out",
        ),
        (
            "nano-banana-pro",
            "seed",
            7,
            "nano-banana-pro does not take it at token360; leave it out",
        ),
        ("glm-image", "ratio", "1:1", "glm-image does not take it at token360; leave it out"),
        (
            "glm-image",
            "size",
            "1280x1280",
            "glm-image does not take it at token360: the page has it for other models; "
            "native={...} sends the supplier's own field",
        ),
    ],
)
def test_a_control_that_a_model_lacks_is_refused_with_what_would_do(
    draw: Any, mistake: Any, model: str, field: str, value: Any, message: str
) -> None:
    refused = draw(model=model, **{"size": ..., field: value})
    assert mistake(refused) == (field, message, None)


@pytest.mark.parametrize(
    ("model", "quality"), [("glm-image", "hd"), ("glm-image", "auto"), ("nano-banana-pro", "auto")]
)
def test_words_that_programs_always_send_are_dropped_and_told(
    draw: Any, sent: Any, model: str, quality: str
) -> None:
    made = draw(model=model, size=..., quality=quality)
    assert (made.status, made.json["metadata"]["dropped"]) == (200, ["quality"])
    assert "quality" not in sent()
