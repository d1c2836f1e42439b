"""``size``: tiers and pixels of each of the three models, and what is nearest to what is none."""

from __future__ import annotations

from typing import Any

import pytest
from imagekit_sandbox.serving import Rule

FIVE, FOUR_FIVE, FOUR = "seedream-5-0-260128", "seedream-4-5-251128", "seedream-4-0-250828"
TAKES = {
    FIVE: "3,686,400 to 10,404,496 px, ratios 1:16 to 16:1",
    FOUR_FIVE: "3,686,400 to 16,777,216 px, ratios 1:16 to 16:1",
    FOUR: "921,600 to 16,777,216 px, ratios 1:16 to 16:1",
}

#: A host that refuses everything: what has come as far as that was let through, and is not drawn.
let_through = pytest.mark.parametrize("upstreams", [[Rule("401")]], indirect=True)


@let_through
@pytest.mark.parametrize(
    ("model", "size"),
    [
        *((FIVE, size) for size in ("2K", "3K", "1920x1920", "3225x3226", "480x7680", "7680x480")),
        *((FOUR_FIVE, size) for size in ("2K", "4K", "2560x1440", "4096x4096", "1024x16384")),
        *((FOUR, size) for size in ("1K", "2K", "4K", "960x960", "4096x4096", "240x3840")),
    ],
)
def test_sizes_of_the_page_go_to_the_model_as_they_are(
    draw: Any, sent: Any, model: str, size: str
) -> None:
    draw(model=model, size=size)
    assert sent()["size"] == size


@let_through
@pytest.mark.parametrize("size", [..., None, "auto"])
def test_without_a_size_the_model_takes_its_own(draw: Any, sent: Any, size: Any) -> None:
    draw(size=size)
    assert "size" not in sent()


@pytest.mark.parametrize(
    ("model", "size", "nearest", "tiers"),
    [
        (FIVE, "1K", "2K", "2K, 3K"),
        (FIVE, "4K", "3K", "2K, 3K"),
        (FOUR_FIVE, "1K", "2K", "2K, 4K"),
        (FOUR_FIVE, "3K", "2K", "2K, 4K"),
        (FOUR, "3K", "2K", "1K, 2K, 4K"),
    ],
)
def test_a_tier_that_the_model_lacks_is_refused_with_the_nearest(
    draw: Any, mistake: Any, model: str, size: str, nearest: str, tiers: str
) -> None:
    wrong = f"{size} is not one of {tiers}; nearest: {nearest}"
    assert mistake(draw(model=model, size=size)) == ("size", wrong, nearest)


@let_through
@pytest.mark.parametrize(
    ("model", "size", "pixels", "nearest"),
    [
        (FIVE, "1920x1919", "3,684,480", "1921x1920"),
        (FIVE, "3226x3226", "10,407,076", "3225x3225"),
        (FIVE, "7696x480", "3,694,080", "7696x481"),
        (FOUR_FIVE, "2560x1439", "3,683,840", "2562x1440"),
        (FOUR_FIVE, "4097x4096", "16,781,312", "4096x4095"),
        (FOUR_FIVE, "1024x16385", "16,778,240", "1024x16384"),
        (FOUR, "960x959", "920,640", "961x960"),
        (FOUR, "512x512", "262,144", "960x960"),
        (FOUR, "239x3841", "917,999", "240x3840"),
    ],
)
def test_pixels_beyond_the_limits_are_refused_with_the_nearest_that_would_do(
    draw: Any, sent: Any, mistake: Any, model: str, size: str, pixels: str, nearest: str
) -> None:
    field, wrong, told = mistake(draw(model=model, size=size))
    assert (field, told) == ("size", nearest)
    assert wrong.startswith(f"{size} is {pixels} px; the model takes {TAKES[model]}; nearest")
    draw(model=model, size=nearest)
    assert sent()["size"] == nearest


@pytest.mark.parametrize(
    ("size", "nearest"),
    [("2048*2048", "2048x2048"), ("2048 X 2048", "2048x2048"), ("16:9", None), ("", None)],
)
def test_what_is_no_size_is_told_how_sizes_are_written(
    draw: Any, mistake: Any, size: str, nearest: str | None
) -> None:
    field, wrong, told = mistake(draw(size=size))
    assert (field, told) == ("size", nearest)
    assert wrong.startswith(f"{size!r} is not a size; write WIDTHxHEIGHT such as 2048x2048")


def test_a_size_is_a_text(draw: Any, mistake: Any) -> None:
    assert mistake(draw(size=2048)) == ("size", "2048 is not text", None)
