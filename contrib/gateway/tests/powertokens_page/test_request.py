"""Who asks, for which model, with which prompt, seed, watermark and references."""

from __future__ import annotations

from typing import Any

import pytest
from imagekit_sandbox.serving import Rule

LINK = "https://example.com/corgi.png"

#: A host that refuses everything: what has come as far as that was let through, and is not drawn.
let_through = pytest.mark.parametrize("upstreams", [[Rule("401")]], indirect=True)


def test_without_a_bearer_nobody_is_answered(served: Any, sent: Any) -> None:
    body = {"model": "seedream-4-5-251128", "prompt": "A cute corgi"}
    refused = served.ask("POST", "/v1/images/generations", body, headers={"Authorization": ""})
    assert (refused.status, refused.error["code"]) == (401, "invalid_api_key")
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert sent() is None


# --- model and prompt ---------------------------------------------------------------------------


@let_through
@pytest.mark.parametrize(
    "model", ["seedream-5-0-260128", "seedream-4-5-251128", "seedream-4-0-250828"]
)
def test_each_model_of_the_page_is_asked_for_by_its_own_name(
    draw: Any, sent: Any, model: str
) -> None:
    draw(model=model)
    assert sent()["model"] == model


def test_a_model_that_nobody_has_is_not_found(draw: Any, sent: Any) -> None:
    refused = draw(model="seedream-9-9-999999")
    assert (refused.status, refused.error["code"]) == (404, "model_not_found")
    assert sent() is None


@pytest.mark.parametrize("value", [..., None], ids=["not there", "null"])
@pytest.mark.parametrize(
    ("field", "message"),
    [("model", "is missing; such as seedream-4.0"), ("prompt", "is missing")],
)
def test_model_and_prompt_are_required(
    draw: Any, mistake: Any, field: str, message: str, value: Any
) -> None:
    assert mistake(draw(**{field: value})) == (field, message, None)


@pytest.mark.parametrize(
    ("prompt", "note"),
    [
        ("狗" * 301, "has 301 Chinese characters; at most 300 Chinese characters are recommended"),
        ("dog " * 601, "has 601 words; at most 600 words are recommended"),
    ],
    ids=["Chinese", "English"],
)
def test_a_longer_prompt_than_is_recommended_passes_and_is_remarked_on(
    draw: Any, prompt: str, note: str
) -> None:
    made = draw(model="seedream-4-0-250828", size="1K", prompt=prompt)
    assert made.json["metadata"]["notes"] == [f"prompt: {note}"]


# --- seed ---------------------------------------------------------------------------------------


@let_through
@pytest.mark.parametrize("seed", [-1, 0, 2147483647])
def test_seeds_of_the_range_go_to_the_model(draw: Any, sent: Any, seed: int) -> None:
    draw(seed=seed)
    assert sent()["seed"] == seed


@let_through
@pytest.mark.parametrize("seed", [..., None], ids=["not there", "null"])
def test_without_a_seed_the_model_takes_its_own(draw: Any, sent: Any, seed: Any) -> None:
    draw(seed=seed)
    assert "seed" not in sent()


@pytest.mark.parametrize(
    ("seed", "message", "nearest"),
    [
        (-2, "-2 is not from -1 to 2147483647", -1),
        (2147483648, "2147483648 is not from -1 to 2147483647", 2147483647),
        (1.5, "1.5 is not a whole number", None),
        ("7", "'7' is not a whole number", None),
        (True, "True is not a whole number", None),
    ],
)
def test_other_seeds_are_refused(
    draw: Any, mistake: Any, seed: Any, message: str, nearest: int | None
) -> None:
    assert mistake(draw(seed=seed)) == ("seed", message, nearest)


# --- watermark ----------------------------------------------------------------------------------


@let_through
@pytest.mark.parametrize("watermark", [True, False])
def test_a_watermark_is_as_it_is_asked_for(draw: Any, sent: Any, watermark: bool) -> None:
    draw(watermark=watermark)
    assert sent()["watermark"] is watermark


@pytest.mark.parametrize("watermark", [..., None], ids=["not there", "null"])
def test_there_is_a_watermark_unless_it_is_said_otherwise_and_the_answer_tells_of_it(
    draw: Any, served: Any, sent: Any, watermark: Any
) -> None:
    told = draw(model="seedream-4-0-250828", size="1K", watermark=watermark).json["metadata"]
    assert sent()["watermark"] is True
    why = "it is the default of PowerTokens' page"
    assert told["added"] == [{"field": "watermark", "value": True, "why": why}]
    assert "watermark" not in [line["parameter"] for line in told["receipt"]]


@pytest.mark.parametrize("watermark", ["yes", 1, "true"])
def test_a_watermark_is_nothing_but_true_or_false(draw: Any, mistake: Any, watermark: Any) -> None:
    wrong = f"{watermark!r} is not true or false"
    assert mistake(draw(watermark=watermark)) == ("watermark", wrong, None)


# --- image: 1 to 14 references ------------------------------------------------------------------


@let_through
@pytest.mark.parametrize(
    ("image", "asked"),
    [
        (LINK, LINK),
        ([LINK], LINK),
        ([LINK, f"{LINK}?2"], [LINK, f"{LINK}?2"]),
        ([f"{LINK}?{at}" for at in range(14)], [f"{LINK}?{at}" for at in range(14)]),
        (None, None),
    ],
    ids=["a link", "a list of one", "two", "fourteen", "null"],
)
def test_up_to_fourteen_references_go_to_the_model_in_their_order(
    draw: Any, sent: Any, image: Any, asked: Any
) -> None:
    draw(image=image)
    assert sent().get("image") == asked


@let_through
def test_a_reference_may_be_a_data_url(draw: Any, sent: Any, data_url: str) -> None:
    draw(image=[data_url, LINK])
    assert sent()["image"] == [data_url, LINK]


def test_fifteen_references_are_too_many(draw: Any, mistake: Any) -> None:
    wrong = "has 15 items; 1 to 14 items are allowed"
    assert mistake(draw(image=[LINK] * 15)) == ("image", wrong, None)
