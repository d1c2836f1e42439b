"""``sequential_image_generation`` and its options."""

from __future__ import annotations

from typing import Any

import pytest
from imagekit_sandbox.serving import Rule

let_through = pytest.mark.parametrize("upstreams", [[Rule("401")]], indirect=True)
SMALL = {"model": "seedream-4-0-250828", "size": "1K"}
OPTIONS = "sequential_image_generation_options"
LINK = "https://example.com/corgi.png"


def test_auto_makes_a_group(draw: Any) -> None:
    made = draw(**SMALL, prompt="three corgis", sequential_image_generation="auto")
    assert [one["size"] for one in made.json["data"]] == ["1024x1024"] * 3
    assert len({one["url"] for one in made.json["data"]}) == 3
    assert made.json["usage"]["generated_images"] == 3


@pytest.mark.parametrize("mode", ["disabled", ..., None])
def test_disabled_makes_one_picture_and_is_the_default(draw: Any, mode: Any) -> None:
    made = draw(**SMALL, prompt="three corgis", sequential_image_generation=mode)
    assert len(made.json["data"]) == 1


def test_another_mode_is_refused(draw: Any, mistake: Any) -> None:
    wrong = "'on' is not one of auto, disabled"
    assert mistake(draw(sequential_image_generation="on"))[:2] == (
        "sequential_image_generation",
        wrong,
    )


def test_options_limit_a_group(draw: Any, sent: Any) -> None:
    group = {"sequential_image_generation": "auto", OPTIONS: {"max_images": 2}}
    made = draw(**SMALL, prompt="three corgis", **group)
    assert len(made.json["data"]) == 2
    assert sent()[OPTIONS] == {"max_images": 2}


@pytest.mark.parametrize("mode", ["disabled", ..., None])
def test_options_without_auto_are_dropped_and_told(draw: Any, sent: Any, mode: Any) -> None:
    made = draw(**SMALL, sequential_image_generation=mode, **{OPTIONS: {"max_images": 2}})
    assert made.status == 200
    assert OPTIONS not in sent()
    told = made.json["metadata"]
    assert told["dropped"] == [OPTIONS]
    assert made.headers["Imagekit-Dropped"] == OPTIONS
    assert told["receipt"][-1] == {
        "parameter": OPTIONS,
        "value": {"max_images": 2},
        "action": "dropped",
        "by": "gateway",
        "note": "it counts with sequential_image_generation=auto alone",
    }


@let_through
@pytest.mark.parametrize("most", [1, 15])
def test_a_group_has_up_to_fifteen_pictures(draw: Any, sent: Any, most: int) -> None:
    draw(sequential_image_generation="auto", **{OPTIONS: {"max_images": most}})
    assert sent()[OPTIONS] == {"max_images": most}


@pytest.mark.parametrize(
    ("options", "field", "message", "nearest"),
    [
        ({"max_images": 0}, f"{OPTIONS}.max_images", "0 is not from 1 to 15", 1),
        ({"max_images": "2"}, f"{OPTIONS}.max_images", "'2' is not a whole number", None),
        ({"most": 2}, f"{OPTIONS}.most", "no such option", None),
        ([2], OPTIONS, "[2] is not an object", None),
    ],
)
def test_options_that_mean_nothing_are_refused(
    draw: Any, mistake: Any, options: Any, field: str, message: str, nearest: int | None
) -> None:
    refused = draw(sequential_image_generation="auto", **{OPTIONS: options})
    assert mistake(refused) == (field, message, nearest)


@let_through
def test_references_and_pictures_together_are_fifteen_at_most(
    draw: Any, sent: Any, mistake: Any
) -> None:
    group = {"image": [LINK] * 14, "sequential_image_generation": "auto"}
    field, _, nearest = mistake(draw(**group, **{OPTIONS: {"max_images": 2}}))
    assert (field, nearest) == (f"{OPTIONS}.max_images", 1)
    draw(**group, **{OPTIONS: {"max_images": 1}})
    assert sent()[OPTIONS] == {"max_images": 1}
