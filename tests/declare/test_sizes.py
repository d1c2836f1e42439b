"""The arithmetic of sizes, held against brute force over small domains."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from imagekit import Sizes
from imagekit.declare.sizes import AUTO, TIERS, as_size, parse_ratio, parse_size

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

SIDE = 24  # the small domain: every width and height up to here is tried

SEEDREAM = Sizes(  # the documented limits of Seedream 4.5
    tiers=("2K", "4K"),
    table={"2K": {"1:1": (2048, 2048), "16:9": (2848, 1600), "9:16": (1600, 2848)}},
    min_pixels=3_686_400,
    max_pixels=16_777_216,
    min_ratio="1:16",
    max_ratio="16:1",
)


@st.composite
def small_sizes(draw: st.DrawFn) -> Sizes:
    """Limits drawn around one or two sizes that meet many of them exactly.

    Each limit may be off; when the two are far apart, nothing at all may be left.
    """
    step = draw(st.sampled_from([1, 2, 3, 8]))
    side = st.integers(1, SIDE // step).map(lambda count: count * step)
    pixels = st.tuples(side, side)
    one, other = draw(pixels), draw(pixels)
    areas = sorted(map(prod, (one, other)))
    ratios = sorted((one, other), key=lambda at: Fraction(*at))
    limits = {
        "min_pixels": areas[0],
        "max_pixels": areas[1],
        "min_ratio": "{}:{}".format(*ratios[0]),
        "max_ratio": "{}:{}".format(*ratios[1]),
        "multiple": step,
        "min_side": min(one),
    }
    kept = draw(st.sets(st.sampled_from(sorted(limits))))
    max_side = draw(st.sampled_from([SIDE, max(one)]))
    return Sizes(max_side=max_side, **{name: limits[name] for name in kept})


wanted = st.tuples(st.integers(1, SIDE + 6), st.integers(1, SIDE + 6))
cells = st.lists(wanted, unique=True, max_size=5)


def brute_accepts(sizes: Sizes, width: int, height: int) -> bool:
    """The limits once more, in exact fractions and one at a time."""
    rules = (
        width * height >= sizes.min_pixels,
        width * height <= sizes.max_pixels,
        Fraction(width, height) >= Fraction(sizes.min_ratio.replace(":", "/")),
        Fraction(width, height) <= Fraction(sizes.max_ratio.replace(":", "/")),
        width % sizes.multiple == 0,
        height % sizes.multiple == 0,
        sizes.min_side <= width <= sizes.max_side,
        sizes.min_side <= height <= sizes.max_side,
    )
    return all(rules)


def change(one: tuple[int, int], other: tuple[int, int]) -> Fraction:
    """By how much a picture has to be stretched and scaled, squared to stay exact."""

    def times(a: Fraction) -> Fraction:
        return max(a, 1 / a)

    ratio = Fraction(*one) / Fraction(*other)
    return times(ratio) ** 2 * times(Fraction(prod(one), prod(other)))


def pixels_of(size: str) -> tuple[int, int]:
    width, height = map(int, size.split("x"))
    return width, height


def all_accepted(sizes: Sizes) -> list[tuple[int, int]]:
    sides = range(1, SIDE + 1)
    return [(w, h) for w in sides for h in sides if brute_accepts(sizes, w, h)]


@given(small_sizes())
def test_accepts_is_exactly_the_limits(sizes: Sizes) -> None:
    sides = range(1, SIDE + 7)
    accepted = [(w, h) for w in sides for h in sides if sizes.accepts((w, h))]
    assert accepted == all_accepted(sizes)


@given(small_sizes(), wanted)
def test_nearest_is_accepted_and_nothing_is_nearer(sizes: Sizes, pixels: tuple[int, int]) -> None:
    nearest, accepted = sizes.nearest(pixels), all_accepted(sizes)
    if nearest is None:
        assert accepted == []
    else:
        assert nearest in accepted
        least = min(change(pixels, other) for other in accepted)
        assert change(pixels, nearest) == pytest.approx(least, rel=1e-9)


@pytest.mark.parametrize(
    ("limits", "wanted", "nearest"),
    [
        ({"min_side": 512}, "300x200", "768x512"),  # not the square of 512 that is nearest by side
        ({"multiple": 16, "min_side": 512}, "1000x500", "1024x512"),
        ({"multiple": 32}, "1920x1080", "1920x1088"),  # 8 rows are less than a larger picture
        ({"max_side": 2048, "max_ratio": "4:1"}, "5000x1000", "2048x512"),
    ],
)
def test_a_picture_keeps_its_ratio_rather_than_its_sides(
    limits: dict[str, Any], wanted: str, nearest: str
) -> None:
    problem = Sizes(**limits).problem(pixels_of(wanted))
    assert problem is not None
    assert problem.nearest == nearest


@given(small_sizes(), wanted)
def test_what_is_accepted_is_its_own_nearest(sizes: Sizes, pixels: tuple[int, int]) -> None:
    assert (sizes.nearest(pixels) == pixels) == sizes.accepts(pixels)


@given(small_sizes(), wanted)
def test_a_problem_names_value_limits_and_a_size_that_passes(
    sizes: Sizes, pixels: tuple[int, int]
) -> None:
    problem = sizes.problem(pixels)
    if problem is None:
        assert sizes.accepts(pixels)
        return
    assert (problem.field, problem.value) == ("size", as_size(pixels))
    assert sizes.describe() in problem.message
    nearest = sizes.nearest(pixels)
    assert problem.nearest == (as_size(nearest) if nearest else None)
    same_ratio = nearest is not None and Fraction(*nearest) == Fraction(*pixels)
    assert ("nearest with the same ratio" in problem.message) == same_ratio


@given(cells, wanted)
def test_a_model_with_a_table_only_takes_its_cells(
    table: list[tuple[int, int]], pixels: tuple[int, int]
) -> None:
    row = {f"{at + 1}:1": cell for at, cell in enumerate(table)}
    sizes = Sizes(tiers=("1K",), table={"1K": row}, custom=False)
    assert sizes.accepts(pixels) == (pixels in table)
    nearest = sizes.nearest(pixels)
    if table:
        assert nearest in table
        least = min(change(pixels, cell) for cell in table)
        assert change(pixels, nearest) == pytest.approx(least, rel=1e-9)
    else:
        assert nearest is None


def test_cells_of_tiers_that_are_not_offered_do_not_count() -> None:
    table = {"1K": {"1:1": (10, 10)}, "2K": {"1:1": (20, 20)}}
    sizes = Sizes(tiers=("2K",), table=table, custom=False)
    assert not sizes.accepts((10, 10))
    assert sizes.nearest((10, 10)) == (20, 20)


# --- the documented limits of a real model ------------------------------------------------


TIERED = Sizes(
    ("1K", "1.5K", "2K"),
    {
        "1K": {"1:1": (1024, 1024), "16:9": (1280, 720)},
        "1.5K": {"1:1": (1536, 1536)},
        "2K": {"1:1": (2048, 2048)},
    },
)


@given(st.sampled_from([*TIERED.table]), st.sampled_from([*TIERED.cells]))
def test_a_cell_may_be_of_its_own_tier_and_of_no_other(tier: str, cell: tuple[int, int]) -> None:
    assert TIERED.may_be(tier, cell) == (TIERED.cells[cell][0] == tier)


def test_a_tier_of_unknown_pixels_may_be_anything() -> None:
    assert TIERED.may_be("4K", (1, 1))
    assert TIERED.may_be("1K", (832, 1248))  # a ratio that the table has not
    assert not TIERED.may_be("1K", (512, 512))


def test_the_documented_example() -> None:
    problem = SEEDREAM.problem((2048, 512))
    assert problem is not None
    assert problem.nearest == "3840x960"
    assert problem.message == (
        "2048x512 is 1,048,576 px; the model takes 3,686,400 to 16,777,216 px, "
        "ratios 1:16 to 16:1; nearest with the same ratio: 3840x960"
    )


@pytest.mark.parametrize("pixels", [(1920, 1920), (2560, 1440), (4096, 4096), (16384, 1024)])
def test_a_limit_itself_is_accepted(pixels: tuple[int, int]) -> None:
    assert SEEDREAM.problem(pixels) is None


@pytest.mark.parametrize(
    ("pixels", "nearest"),
    [
        ((1919, 1920), "1920x1921"),  # one column too few
        ((1920, 1919), "1921x1920"),  # one row too few
        ((4097, 4096), "4096x4095"),  # one column too many
    ],
)
def test_one_line_of_pixels_past_a_limit_is_refused(pixels: tuple[int, int], nearest: str) -> None:
    problem = SEEDREAM.problem(pixels)
    assert problem is not None
    assert problem.nearest == nearest


@pytest.mark.parametrize(
    ("ratio", "nearest"), [("1:17", "1:16"), ("17:1", "16:1"), ("1601:100", "16:1")]
)
def test_a_ratio_past_the_limit_names_the_limit(ratio: str, nearest: str) -> None:
    problem = SEEDREAM.ratio_problem(ratio)
    assert problem is not None
    assert (problem.field, problem.value, problem.nearest) == ("ratio", ratio, nearest)
    assert "from 1:16 to 16:1" in problem.message


@pytest.mark.parametrize("ratio", ["1:16", "16:1", "1:1", "160:10", "7:5"])
def test_ratios_within_the_limits_pass(ratio: str) -> None:
    assert SEEDREAM.ratio_problem(ratio) is None


def test_a_table_without_custom_sizes_names_its_nearest_ratio() -> None:
    sizes = Sizes(tiers=("2K",), table=SEEDREAM.table, custom=False)
    assert sizes.ratio_problem("32:18") is None
    problem = sizes.ratio_problem("2:1")
    assert problem is not None
    assert problem.nearest == "16:9"
    assert "one of 1:1, 16:9, 9:16" in problem.message


def test_sizes_besides_the_limits_are_accepted_named_and_suggested() -> None:
    sizes = Sizes(min_side=1024, max_side=2048, multiple=32, besides=((1728, 960),))
    assert sizes.accepts((1728, 960))
    assert sizes.nearest((1700, 930)) == (1728, 960)
    assert sizes.nearest((1100, 1100)) == (1088, 1088)
    assert sizes.describe() == "multiples of 32, sides 1024 to 2048, also 1728x960"


def test_limits_that_nobody_has_set_are_not_described() -> None:
    assert Sizes(max_pixels=1 << 22).describe() == "at most 4,194,304 px"
    assert Sizes(min_ratio="1:16", max_ratio="16:1").describe() == "ratios 1:16 to 16:1"
    assert Sizes().describe() == "sides 1 to 65536"


def test_no_table_and_no_custom_sizes_suggest_nothing() -> None:
    problem = Sizes(custom=False).ratio_problem("1:1")
    assert problem is not None
    assert problem.nearest is None


@given(st.integers(16, 64), st.integers(4, 64))
def test_a_ratio_off_the_table_gets_a_size_of_that_ratio(width: int, height: int) -> None:
    found = SEEDREAM.near_ratio("2K", f"{width}:{height}")
    assert found is not None
    assert SEEDREAM.accepts(found)
    assert Fraction(*found) == Fraction(width, height)
    assert abs(found[0] * found[1] / 2048**2 - 1) < 0.1


# --- reading what people write -----------------------------------------------------------


@given(st.integers(1, 999_999), st.integers(1, 999_999))
def test_every_size_reads_back(width: int, height: int) -> None:
    assert parse_size(as_size((width, height))) == (width, height)


@given(st.sampled_from([*TIERS, "auto"]), st.data())
def test_tiers_and_auto_are_read_in_any_case(word: str, data: st.DataObject) -> None:
    cases = [data.draw(st.sampled_from([letter.lower(), letter.upper()])) for letter in word]
    assert parse_size("".join(cases)) == (AUTO if word == "auto" else word)


@pytest.mark.parametrize(
    "text",
    [
        *("2048", "2048x", "x2048", "02048x2048", "0x10", "-1x10", "1e3x10", "1000000x1"),
        *("10X10", "10×10", "10*10", "10x10x10", "٣x٣", "16K", "automatic"),
    ],
)
def test_what_is_no_size_is_refused_rather_than_guessed(text: str) -> None:
    assert parse_size(text) is None


@given(st.integers(1, 9999), st.integers(1, 9999))
def test_every_ratio_is_an_exact_fraction(width: int, height: int) -> None:
    assert parse_ratio(f"{width}:{height}") == Fraction(width, height).as_integer_ratio()


@pytest.mark.parametrize("text", ["", " 10x10", "10x10 ", "10x10\n", "10 x 10", "2 K"])
def test_spaces_are_no_part_of_a_size(text: str) -> None:
    assert parse_size(text) is None


@pytest.mark.parametrize(
    "text", ["", "16", "16:", ":9", "0:1", "1:0", "16/9", "16x9", "1.5:1", "-1:1", "1:1\n", "1:٣"]
)
def test_what_is_no_ratio_is_refused(text: str) -> None:
    assert parse_ratio(text) is None


@given(st.text())
def test_any_text_can_be_tried(text: str) -> None:
    """Whatever people write: a size is pixels, a tier or auto, and nothing raises."""
    assert isinstance(parse_size(text), tuple) or parse_size(text) in (*TIERS, AUTO, None)
    assert parse_ratio(text) is None or ":" in text
