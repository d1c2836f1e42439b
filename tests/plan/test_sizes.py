"""From the size people ask for to the words of a route: what is exact is automatic."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import example, given, settings, strategies as st

from imagekit import Client, Sizes
from imagekit.declare.sizes import AUTO, TIERS, Geometry, as_size, parse_ratio
from imagekit.plan.sizes import Translation, geometry_of, translate

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

TABLE = {
    "1K": {"1:1": (1024, 1024), "16:9": (1280, 720)},
    "2K": {"1:1": (2048, 2048), "16:9": (2848, 1600)},
    "4K": {"1:1": (4096, 4096), "16:9": (5504, 3040)},
}
#: A model like many: three tiers, two ratios, and any size of 1 to 16 megapixels.
LILY = Sizes(
    tiers=("1K", "2K", "4K"),
    table=TABLE,
    min_pixels=1 << 20,
    max_pixels=1 << 24,
    min_ratio="1:16",
    max_ratio="16:1",
    default_tier="2K",
)
#: The same, where only the sizes of the table can be had.
FIXED = Sizes(LILY.tiers, LILY.table, custom=False, default_tier="2K", auto=True)

SIZE = frozenset({"size"})
WORDS = frozenset({"ratio", "resolution"})
RATIO = frozenset({"ratio"})
RESOLUTION = frozenset({"resolution"})


def ask(sizes: Sizes, spelled: frozenset[str], **given: str) -> Translation:
    geometry, problems = geometry_of(given)
    assert problems == []
    return translate(geometry, sizes, spelled)


# --- one geometry from up to three parameters -------------------------------------------------


@pytest.mark.parametrize(
    ("given", "geometry"),
    [
        ({}, Geometry()),
        ({"size": "2048x1024"}, Geometry(pixels=(2048, 1024))),
        ({"size": "2k"}, Geometry(tier="2K")),
        ({"size": "1.5k"}, Geometry(tier="1.5K")),
        ({"size": "Auto"}, Geometry(auto=True)),
        ({"resolution": "4k"}, Geometry(tier="4K")),
        ({"ratio": "32:18"}, Geometry(ratio="32:18")),
        ({"ratio": "16:9", "resolution": "512"}, Geometry(ratio="16:9", tier="512")),
        ({"size": "2k", "ratio": "1:1"}, Geometry(ratio="1:1", tier="2K")),
        ({"size": "2K", "resolution": "2k"}, Geometry(tier="2K")),  # twice the same
        ({"size": "2048x1024", "ratio": "2:1"}, Geometry(pixels=(2048, 1024))),
    ],
)
def test_every_way_to_say_a_size(given: dict[str, str], geometry: Geometry) -> None:
    assert geometry_of(given) == (geometry, [])


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"size": "2048x2048", "ratio": "16:9"}, ["ratio"]),
        ({"size": "1025x512", "ratio": "2:1"}, ["ratio"]),  # by one column
        ({"size": "2048x2048", "resolution": "2K"}, ["resolution"]),
        ({"size": "2K", "resolution": "4K"}, ["resolution"]),
        ({"size": "auto", "ratio": "1:1"}, ["ratio"]),
        ({"size": "auto", "resolution": "1K", "ratio": "1:1"}, ["resolution", "ratio"]),
    ],
)
def test_contradictions_name_both_sides(given: dict[str, str], fields: list[str]) -> None:
    _, problems = geometry_of(given)
    assert [problem.field for problem in problems] == fields
    for problem in problems:
        assert f"{given[problem.field]} contradicts size={given['size']!r}" in problem.message


@pytest.mark.parametrize("text", ["2048 X 1024", "2048×1024", "2048*1024"])
def test_a_size_written_otherwise_gets_a_suggestion(text: str) -> None:
    _, (problem,) = geometry_of({"size": text})
    assert (problem.field, problem.value, problem.nearest) == ("size", text, "2048x1024")


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("size", ["huge", "16K"]),
        ("resolution", ["16K", "2048x2048", "auto"]),
        ("ratio", ["16/9", "wide"]),
    ],
)
def test_what_is_no_size_tier_or_ratio(name: str, texts: list[str]) -> None:
    for text in texts:
        _, (problem,) = geometry_of({name: text})
        assert (problem.field, problem.value, problem.nearest) == (name, text, None)


# --- without loss ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spelled", "given", "words", "pixels"),
    [
        # a route that takes sizes
        (SIZE, {"size": "2048x1024"}, {"size": "2048x1024"}, (2048, 1024)),
        (SIZE, {"size": "2k"}, {"size": "2K"}, None),
        (SIZE, {"resolution": "4k"}, {"size": "4K"}, None),
        (SIZE, {"ratio": "16:9"}, {"size": "2848x1600"}, (2848, 1600)),  # at the default tier
        (SIZE, {"ratio": "32:18"}, {"size": "2848x1600"}, (2848, 1600)),
        (SIZE, {"ratio": "16:9", "resolution": "4k"}, {"size": "5504x3040"}, (5504, 3040)),
        (SIZE, {"ratio": "1:1", "size": "1K"}, {"size": "1024x1024"}, (1024, 1024)),
        # a route that takes a ratio and a resolution
        (WORDS, {"size": "2048x2048"}, {"ratio": "1:1", "resolution": "2K"}, (2048, 2048)),
        (WORDS, {"size": "5504x3040"}, {"ratio": "16:9", "resolution": "4K"}, (5504, 3040)),
        (WORDS, {"size": "1k"}, {"resolution": "1K"}, None),
        (WORDS, {"ratio": "16:9"}, {"ratio": "16:9"}, (2848, 1600)),
        (WORDS, {"ratio": "32:18"}, {"ratio": "16:9"}, (2848, 1600)),
        (WORDS, {"ratio": "1:1", "size": "4K"}, {"ratio": "1:1", "resolution": "4K"}, (4096, 4096)),
        # a route that takes a ratio and always draws at the default tier
        (RATIO, {"size": "2048x2048"}, {"ratio": "1:1"}, (2048, 2048)),
        (RATIO, {"ratio": "16:9"}, {"ratio": "16:9"}, (2848, 1600)),
        (RATIO, {"ratio": "16:9", "resolution": "2K"}, {"ratio": "16:9"}, (2848, 1600)),
        (RATIO, {"size": "2K"}, {}, None),
        # a route that takes everything is told what was asked
        (SIZE | WORDS, {"size": "2048x2048"}, {"size": "2048x2048"}, (2048, 2048)),
        (SIZE | WORDS, {"size": "2K"}, {"resolution": "2K"}, None),
    ],
)
def test_the_same_thing_in_the_words_of_the_route(
    spelled: frozenset[str],
    given: dict[str, str],
    words: dict[str, str],
    pixels: tuple[int, int] | None,
) -> None:
    found = ask(LILY, spelled, **given)
    assert (found.values, found.problem, found.pixels) == (words, None, pixels)


def test_a_translation_says_how_it_came_about() -> None:
    assert ask(LILY, WORDS, size="2048x2048").note == "2048x2048 is 1:1 at 2K"
    assert ask(LILY, SIZE, ratio="16:9").note == "16:9 at 2K, the default tier"
    assert ask(LILY, SIZE, ratio="16:9", resolution="4K").note == "16:9 at 4K"
    assert ask(LILY, RATIO, size="2K").note == "2K is what comes when nothing is asked"


def test_auto_is_said_where_the_model_has_it() -> None:
    assert ask(FIXED, SIZE, size="auto") == Translation({"size": AUTO})
    assert ask(FIXED, WORDS, size="auto") == Translation({"ratio": AUTO})
    refused = ask(LILY, SIZE, size="auto")
    assert refused.problem is not None
    assert (refused.values, refused.problem.field) == ({}, "size")
    assert "leave size out" in refused.problem.message


# --- with loss: a problem that names the nearest -----------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "spelled", "given", "words", "field", "nearest"),
    [
        (LILY, SIZE, {"size": "512x512"}, {"size": "1024x1024"}, "size", "1024x1024"),
        (FIXED, SIZE, {"size": "2000x2000"}, {"size": "2048x2048"}, "size", "2048x2048"),
        (LILY, SIZE, {"resolution": "3K"}, {"size": "2K"}, "resolution", "2K"),
        (LILY, WORDS, {"resolution": "512"}, {"resolution": "1K"}, "resolution", "1K"),
        # accepted by the model, but this route has no words for it
        (
            LILY,
            WORDS,
            {"size": "1100x1100"},
            {"ratio": "1:1", "resolution": "1K"},
            "size",
            "1024x1024",
        ),
        (LILY, RATIO, {"size": "4000x4000"}, {"ratio": "1:1"}, "size", "2048x2048"),
        (LILY, SIZE, {"ratio": "17:9"}, {"size": "2805x1485"}, "ratio", "2805x1485"),
        (LILY, SIZE, {"ratio": "1:17"}, {"size": "512x8192"}, "ratio", "1:16"),
        (FIXED, WORDS, {"ratio": "17:9"}, {"ratio": "16:9"}, "ratio", "16:9"),
        (
            FIXED,
            WORDS,
            {"ratio": "1:1", "resolution": "3K"},
            {"ratio": "1:1", "resolution": "2K"},
            "resolution",
            "2K",
        ),
    ],
)
def test_what_can_only_be_approached_is_a_problem(
    sizes: Sizes,
    spelled: frozenset[str],
    given: dict[str, str],
    words: dict[str, str],
    field: str,
    nearest: str,
) -> None:
    found = ask(sizes, spelled, **given)
    assert found.problem is not None
    assert found.values == words
    assert (found.problem.field, found.problem.nearest) == (field, nearest)
    assert nearest in found.problem.message


def test_a_ratio_near_one_of_the_table_is_not_taken_for_it() -> None:
    """1024x576 is exactly 16:9, 1024x577 is not, and nobody rounds it silently."""
    assert ask(LILY, SIZE, ratio="1024:576").values == {"size": "2848x1600"}
    near = ask(LILY, SIZE, ratio="1024:577")
    assert near.problem is not None
    assert "is not in the model's table (1:1, 16:9)" in near.problem.message


@pytest.mark.parametrize(
    ("sizes", "spelled", "given", "field"),
    [
        (LILY, RATIO, {"resolution": "4K"}, "resolution"),
        (LILY, RATIO, {"ratio": "1:1", "resolution": "4K"}, "resolution"),
        (LILY, RESOLUTION, {"ratio": "1:1"}, "ratio"),
        (LILY, RESOLUTION, {"size": "2048x2048"}, "size"),
        (FIXED, RESOLUTION, {"size": "auto"}, "size"),
        (Sizes(), SIZE, {"resolution": "2K"}, "resolution"),
    ],
)
def test_what_a_route_has_no_word_for_is_refused(
    sizes: Sizes, spelled: frozenset[str], given: dict[str, str], field: str
) -> None:
    found = ask(sizes, spelled, **given)
    assert found.problem is not None
    assert (found.values, found.problem.field) == ({}, field)


# --- laws --------------------------------------------------------------------------------

TINY = evolve(  # the same in small, where searching is quick
    LILY,
    table={
        tier: {ratio: (width >> 6, height >> 6) for ratio, (width, height) in row.items()}
        for tier, row in TABLE.items()
    },
    min_pixels=200,
    max_pixels=1 << 12,
    auto=True,
)
TINY_CELLS = [as_size(pixels) for pixels in TINY.cells]

ratios = st.sampled_from(["1:1", "16:9", "32:18", "9:16", "17:9", "1:16", "1:17"])
tiers = st.sampled_from([*TIERS, "2k"])
sizes = st.sampled_from(["auto", "2K", "16K", "9x9", "17x16", *TINY_CELLS])
asked = st.fixed_dictionaries(
    {}, optional={"size": sizes, "ratio": ratios, "resolution": tiers}
).filter(bool)
routes = st.sets(st.sampled_from(["size", "ratio", "resolution"]), min_size=1).map(frozenset)
models = st.sampled_from(
    [TINY, evolve(TINY, custom=False), Sizes(max_side=99), Sizes(custom=False)]
)


@given(asked, models, routes)
@example({"resolution": "2k"}, TINY, RATIO)  # nothing to say: it is the default tier
@example({"ratio": "1:1", "resolution": "4K"}, TINY, RATIO)
def test_only_words_the_route_has_are_used(
    given: dict[str, str], sizes: Sizes, spelled: frozenset[str]
) -> None:
    """And nothing is passed over: only what comes anyway needs no word."""
    geometry, problems = geometry_of(given)
    if not problems:
        found = translate(geometry, sizes, spelled)
        assert found.values.keys() <= spelled
        comes_anyway = geometry == Geometry(tier=sizes.default_tier) and bool(found.note)
        assert found.values or found.problem or comes_anyway


@given(st.sampled_from(sorted(TINY.cells)), routes)
def test_a_cell_said_in_any_words_is_the_same_pixels(
    cell: tuple[int, int], spelled: frozenset[str]
) -> None:
    tier, ratio = TINY.cells[cell]
    ways = (
        {"size": as_size(cell)},
        {"ratio": ratio, "resolution": tier},
        {"ratio": ratio, "size": tier.lower()},
    )
    for way in ways:
        found = ask(TINY, spelled, **way)
        if found.problem is None:
            assert found.pixels == cell
            said = found.values.get("size", as_size(cell)), found.values.get("ratio", ratio)
            assert said == (as_size(cell), ratio)


@given(ratios, tiers)
def test_equal_ratios_are_one(ratio: str, tier: str) -> None:
    """Whatever is said of a ratio is said of it in other numbers, too."""
    known = parse_ratio(ratio)
    assert known is not None
    tripled = f"{known[0] * 3}:{known[1] * 3}"
    one = ask(TINY, SIZE, ratio=ratio, resolution=tier)
    other = ask(TINY, SIZE, ratio=tripled, resolution=tier)
    assert (one.values, one.pixels) == (other.values, other.pixels)
    assert (one.problem is None) == (other.problem is None)


# --- what people are told ----------------------------------------------------------------------

#: Pixels of one's own choice, and no table.
FREE = Sizes(min_pixels=1 << 20, max_pixels=1 << 22)
#: At the default tier a cell for squares alone.
SQUARE = Sizes(("1K", "2K"), {"1K": TABLE["1K"], "2K": {"1:1": (2048, 2048)}}, default_tier="2K")
NO_SIZE = (
    "is not a size; write WIDTHxHEIGHT such as 2048x2048, "
    "a tier (512, 1K, 1.5K, 2K, 3K, 4K, 8K) or auto"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("huge", f"'huge' {NO_SIZE}"),
        ("2048 X 1024", f"'2048 X 1024' {NO_SIZE}; did you mean 2048x1024?"),
    ],
)
def test_what_is_said_of_a_text_that_is_no_size(text: str, said: str) -> None:
    _, (problem,) = geometry_of({"size": text})
    assert problem.message == said


@pytest.mark.parametrize(
    ("sizes", "spelled", "given", "said", "value"),
    [
        (
            FIXED,
            RESOLUTION,
            {"size": "2047x2047"},
            "can't be chosen here, only resolution can",
            "2047x2047",
        ),
        (
            LILY,
            RATIO,
            {"ratio": "1:1", "resolution": "4K"},
            "can't be chosen here, only ratio can",
            "4K",
        ),
        (
            LILY,
            frozenset({"ratio", "quality"}),
            {"resolution": "4K"},
            "can't be chosen here, only quality and ratio can",
            "4K",
        ),
        (
            FREE,
            SIZE,
            {"ratio": "3:2"},
            "no table says how many pixels 3:2 is here; ask for a size",
            "3:2",
        ),
    ],
)
def test_what_can_not_be_said_here_is_told_with_what_can(
    sizes: Sizes, spelled: frozenset[str], given: dict[str, str], said: str, value: str
) -> None:
    answer = ask(sizes, spelled, **given)
    assert answer.problem is not None
    assert (answer.problem.message, answer.problem.value) == (said, value)
    assert (answer.problem.nearest, answer.values, answer.pixels) == (None, {}, None)


@pytest.mark.parametrize(
    ("sizes", "spelled", "given", "said", "nearest"),
    [
        (
            FIXED,
            WORDS,
            {"size": "2047x2047"},
            "2047x2047 is not in the model's table; nearest: 2048x2048, which is 1:1 at 2K",
            (2048, 2048),
        ),
        (
            LILY,
            SIZE,
            {"ratio": "3:2", "resolution": "4K"},
            "3:2 at 4K is not in the model's table (1:1, 16:9); ask for size='5016x3344' instead",
            (5016, 3344),
        ),
        (
            SQUARE,
            SIZE,
            {"ratio": "16:9"},
            "16:9 at 2K, the default tier is not in the model's table (1:1, 16:9); "
            "ask for size='2720x1530' instead",
            (2720, 1530),
        ),
    ],
)
def test_what_is_not_in_the_table_is_told_with_what_is_nearest(
    sizes: Sizes,
    spelled: frozenset[str],
    given: dict[str, str],
    said: str,
    nearest: tuple[int, int],
) -> None:
    """An adapted call gets that, and the pixels that its picture is to have."""
    answer = ask(sizes, spelled, **given)
    assert answer.problem is not None
    assert answer.problem.message == said
    assert answer.problem.value == given.get("size", given.get("ratio"))
    assert answer.problem.nearest == as_size(nearest)
    assert (answer.pixels, answer.note) == (nearest, "")


# --- a ratio of a model that has no tiers ------------------------------------------------------

FREE = Sizes(multiple=16, min_side=64, max_pixels=1 << 22, ratio_area=1 << 20)


@given(st.integers(1, 40), st.integers(1, 40))
def test_a_ratio_becomes_pixels_of_just_that_ratio_within_the_area(across: int, down: int) -> None:
    ratio = f"{across}:{down}"
    found = translate(Geometry(ratio=ratio), FREE, frozenset({"size"}))
    if found.problem is not None:
        assert found.problem.nearest, "what no multiples of 16 have has a nearest size"
        return
    assert found.pixels is not None
    width, height = found.pixels
    assert width * down == height * across
    assert width * height <= 1 << 20
    assert FREE.accepts(found.pixels)
    assert "default" not in found.note


def test_where_a_ratio_alone_can_be_said_pixels_name_the_nearest() -> None:
    named = Sizes(custom=False, named_ratios=("1:1", "4:3", "16:9"))
    found = translate(Geometry(pixels=(1024, 760)), named, frozenset({"ratio"}))
    assert found.values == {"ratio": "4:3"}
    assert found.problem is not None
    assert found.problem.nearest == "4:3"


def test_where_pixels_are_refused_nobody_is_sent_to_them() -> None:
    named = Sizes(custom=False, named_ratios=("1:1",))
    found = translate(Geometry(ratio="1:1", tier="2K"), named, frozenset({"ratio"}))
    assert found.problem is not None
    assert "ask for a ratio" in found.problem.message


def test_pixels_in_two_numbers_are_told_how_to_be_written() -> None:
    with Client(environment={}) as client:
        plan = client.plan("a heron", model="sandbox:seedream-4.5", size=(2048, 2048))
    (problem,) = plan.problems
    assert "write '2048x2048'" in problem.message
    assert problem.nearest == "2048x2048"
