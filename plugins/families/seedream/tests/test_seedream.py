"""The Seedream models as their maker documents them: names, sizes, references, groups.

Calls are planned, never sent, at a host that serves each model exactly as declared.
"""

import struct
from collections.abc import Iterator

import imagekit_seedream
import pytest
from imagekit_seedream import SEEDREAM

from imagekit import Client, Fact, Host, NoAuth, Offer, Parameter, Plugins, hookimpl, spell
from imagekit.limits.geometry import parse_ratio

NAMES = {
    "seedream-5.0-lite": [
        "seedream-5.0",
        "dola-seedream-5.0-lite",
        "doubao-seedream-5.0-lite",
        "seedream-5-0",
        "seedream-5-0-260128",
        "doubao-seedream-5-0-260128",
        "seedream-5-0-lite",
        "seedream-5-0-lite-260128",
        "doubao-seedream-5-0-lite-260128",
    ],
    "seedream-4.5": ["seedream-4-5", "seedream-4-5-251128", "doubao-seedream-4-5-251128"],
    "seedream-4.0": ["seedream-4-0", "seedream-4-0-250828", "doubao-seedream-4-0-250828"],
}
MODELS = {model.name: model for model in SEEDREAM.models}
CELLS = [
    (model.name, tier, ratio, pixels)
    for model in SEEDREAM.models
    for tier in model.sizes.tiers
    for ratio, pixels in model.sizes.table[tier].items()
]


def offer(model) -> Offer:
    names = ["size", *(p.name for p in model.parameters if p.name != "prompt")]
    return Offer(model.name, model.name, "openai-images", spell(" ".join(names)))


class Maker:
    """A host that serves every Seedream model with every parameter it declares."""

    @hookimpl
    def imagekit_hosts(self):
        offers = tuple(map(offer, SEEDREAM.models))
        return [Host("maker", "Maker", "http://127.0.0.1", NoAuth(), offers)]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with Client(environment={}, plugins=Plugins.of(Maker(), imagekit_seedream)) as client:
        yield client


@pytest.fixture
def problems(client):
    """What is wrong with a call of a model, as lines."""

    def problems_of(model: str = "seedream-4.5", prompt: str = "a heron", **given) -> list[str]:
        return [str(problem) for problem in client.plan(prompt, model=model, **given).problems]

    return problems_of


# --- names -------------------------------------------------------------------------------


def test_every_name_of_a_model_is_listed_here():
    declared = {model.name: sorted(model.aliases) for model in SEEDREAM.models}
    assert declared == {name: sorted(aliases) for name, aliases in NAMES.items()}


@pytest.mark.parametrize(
    ("name", "model"), [(name, model) for model, names in NAMES.items() for name in [model, *names]]
)
def test_every_name_leads_to_its_model(client, name, model):
    assert client.registry.model(name).name == model
    assert client.route(f"maker:{name}").model.name == model


# --- sizes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "tiers", "least", "most"),
    [
        ("seedream-5.0-lite", ("2K", "3K", "4K"), 3_686_400, 16_777_216),
        ("seedream-4.5", ("2K", "4K"), 3_686_400, 16_777_216),
        ("seedream-4.0", ("1K", "2K", "4K"), 921_600, 16_777_216),
    ],
)
def test_presets_and_limits(model, tiers, least, most):
    sizes = MODELS[model].sizes
    assert (sizes.tiers, sizes.min_pixels, sizes.max_pixels) == (tiers, least, most)
    assert (sizes.min_ratio, sizes.max_ratio) == ("1:16", "16:1")
    assert sizes.default_tier == "2K"


@pytest.mark.parametrize(("model", "tier", "ratio", "pixels"), CELLS)
def test_every_cell_of_the_table_can_be_asked_for_in_both_ways(client, model, tier, ratio, pixels):
    """As exact pixels and as a ratio at a tier; both are the same size, nothing adapted."""
    size = "{}x{}".format(*pixels)
    for asked in ({"size": size}, {"ratio": ratio, "resolution": tier}):
        plan = client.plan("a heron", model=model, **asked)
        assert plan.problems == ()
        assert f'"size":"{size}"' in plan.request.body.decode()


@pytest.mark.parametrize(("model", "tier", "ratio", "pixels"), CELLS)
def test_a_cell_has_about_the_ratio_it_is_named_for(model, tier, ratio, pixels):
    """A slip in the table (two sides swapped, a digit lost) is far outside of this."""
    width, height = parse_ratio(ratio)
    assert pixels[0] / pixels[1] == pytest.approx(width / height, rel=0.02)


@pytest.mark.parametrize("model", MODELS)
def test_a_higher_tier_has_more_pixels(model):
    sizes = MODELS[model].sizes
    for ratio in sizes.ratios:
        areas = [w * h for w, h in (sizes.cell(tier, ratio) for tier in sizes.tiers)]
        assert areas == sorted(set(areas))


@pytest.mark.parametrize(
    ("model", "preset", "nearest"),
    [
        ("seedream-5.0-lite", "1K", "2K"),
        ("seedream-4.5", "1K", "2K"),
        ("seedream-4.5", "3K", "2K"),
        ("seedream-4.0", "3K", "2K"),
        ("seedream-4.0", "512", "1K"),
    ],
)
def test_a_preset_of_another_model_names_the_nearest_of_its_own(problems, model, preset, nearest):
    tiers = ", ".join(MODELS[model].sizes.tiers)
    assert problems(model, size=preset) == [
        f"size: {preset} is not one of {tiers}; nearest: {nearest}"
    ]


@pytest.mark.parametrize(
    ("model", "size"),
    [
        ("seedream-5.0-lite", "1920x1920"),
        ("seedream-4.5", "2560x1440"),
        ("seedream-4.5", "480x7680"),
        ("seedream-4.5", "16384x1024"),
        ("seedream-4.0", "960x960"),
        ("seedream-4.0", "3840x240"),
        ("seedream-4.0", "4096x4096"),
    ],
)
def test_limits_are_inclusive(problems, model, size):
    """Each of these lies exactly on a limit of area, of ratio, or of both."""
    assert problems(model, size=size) == []


@pytest.mark.parametrize(
    ("model", "size"),
    [
        ("seedream-5.0-lite", "1919x1921"),  # one pixel too few
        ("seedream-4.5", "1919x1921"),
        ("seedream-4.5", "1549x10831"),  # three too many: no product is nearer above
        ("seedream-4.5", "480x7681"),  # a little taller than 1:16
        ("seedream-4.0", "959x961"),
        ("seedream-4.0", "3841x240"),
        ("seedream-4.0", "4097x4096"),
    ],
)
def test_just_beyond_a_limit_is_refused_with_the_nearest_size_that_passes(problems, model, size):
    (problem,) = problems(model, size=size)
    nearest = problem.rpartition(": ")[2]
    assert problem.startswith("size: ")
    assert problems(model, size=nearest) == []


def test_a_ratio_beyond_one_to_sixteen_is_refused(problems):
    (problem,) = problems(ratio="1:17")
    assert problem == "ratio: 1:17 is not from 1:16 to 16:1; nearest: 1:16"


# --- references and groups -----------------------------------------------------------------


def links(count: int) -> list[str]:
    return [f"https://pictures.example/{index}.png" for index in range(count)]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("count", [1, 14])
def test_up_to_fourteen_references(problems, model, count):
    assert problems(model, image=links(count)) == []


@pytest.mark.parametrize("model", MODELS)
def test_fifteen_references_are_too_many(problems, model):
    assert problems(model, image=links(15)) == ["image: has 15 items; 1 to 14 items is allowed"]


def test_references_are_limited_as_its_maker_says():
    """The current page; see the fact for its source."""
    for model in MODELS.values():
        limits = model.references
        assert set(limits.formats) == {
            f"image/{kind}"
            for kind in ("jpeg", "png", "webp", "bmp", "tiff", "gif", "heic", "heif")
        }
        assert (limits.max_bytes, limits.min_pixels, limits.max_pixels) == (30_000_000, 196, 36e6)
        assert limits.min_side == 15  # "more than 14"
        assert (limits.min_ratio, limits.max_ratio) == ("1:16", "16:1")
        assert limits.fact.date == "2026-10-08"


def picture(width: int, height: int) -> bytes:
    """A bitmap's header, which says how large it is."""
    return b"BM" + struct.pack("<IIIIii", 54, 0, 54, 40, width, height) + bytes(28)


@pytest.mark.parametrize("size", [(15, 15), (6000, 6000), (15, 240), (240, 15)])
def test_a_reference_at_the_limit_is_taken(problems, size):
    assert problems(image=picture(*size)) == []


@pytest.mark.parametrize(
    ("size", "says"),
    [
        ((14, 15), "each side must have at least 15 pixels"),
        ((6001, 6000), "at most 36,000,000 pixels are taken: 6000x5999 would be"),
        ((15, 241), "width : height must be from 1:16 to 16:1"),
        ((241, 15), "width : height must be from 1:16 to 16:1"),
    ],
)
def test_a_reference_beyond_the_limit_is_refused(problems, size, says):
    (problem,) = problems(image=picture(*size))
    assert problem.startswith(f"image: reference 1 (bytes) is {size[0]}x{size[1]}")
    assert says in problem


def group(most: int) -> dict:
    return {
        "sequential_image_generation": "auto",
        "sequential_image_generation_options": {"max_images": most},
    }


@pytest.mark.parametrize(("references", "most"), [(0, 15), (1, 14), (14, 1), (7, 8)])
def test_references_and_pictures_may_be_fifteen_together(problems, references, most):
    assert problems(image=links(references), **group(most)) == []


@pytest.mark.parametrize(
    ("references", "most", "problem"),
    [
        (1, 15, "1 image + 15 sequential_image_generation_options.max_images is 16"),
        (14, 2, "14 image + 2 sequential_image_generation_options.max_images is 16"),
    ],
)
def test_sixteen_together_are_too_many(problems, references, most, problem):
    field = "sequential_image_generation_options.max_images"
    assert problems(image=links(references), **group(most)) == [
        f"{field}: {problem}; at most 15 together"
    ]


@pytest.mark.parametrize("most", [0, 16])
def test_a_group_has_one_to_fifteen_pictures(problems, most):
    field = "sequential_image_generation_options.max_images"
    assert f"{field}: {most} is not from 1 to 15" in problems(**group(most))


@pytest.mark.parametrize("switch", [{}, {"sequential_image_generation": "disabled"}])
def test_group_options_without_auto_are_a_mistake(problems, switch):
    assert problems(sequential_image_generation_options={"max_images": 3}, **switch) == [
        "sequential_image_generation_options: "
        "has an effect only with sequential_image_generation='auto'"
    ]


def test_a_misspelt_group_option_is_a_mistake(problems):
    (problem,) = problems(
        sequential_image_generation="auto", sequential_image_generation_options={"max_image": 3}
    )
    assert problem == (
        "sequential_image_generation_options.max_image: no such option; did you mean max_images?"
    )


# --- the other parameters ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "advice"),
    [
        ("word " * 600, None),
        ("word " * 601, "prompt: has 601 words; at most 600 words is recommended"),
        ("鹭" * 300, None),
        (
            "鹭" * 301,
            "prompt: has 301 Chinese characters; at most 300 Chinese characters is recommended",
        ),
    ],
)
def test_a_long_prompt_is_advised_against_but_sent(client, prompt, advice):
    plan = client.plan(prompt, model="seedream-4.5")
    assert plan.problems == ()
    assert plan.notes == ((advice,) if advice else ())


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            {"response_format": "b64"},
            "response_format: 'b64' is not one of url, b64_json; did you mean 'b64_json'?",
        ),
        ({"watermark": 1}, "watermark: 1 is not true or false"),
        (
            {"sequential_image_generation": "on"},
            "sequential_image_generation: 'on' is not one of auto, disabled",
        ),
    ],
)
def test_values_outside_of_their_lists_are_refused(problems, given, problem):
    assert problems(**given) == [problem]


def test_only_5_0_lite_chooses_the_file_format(problems):
    """The others refuse the very field, so it must not be sent to them."""
    assert problems("seedream-5.0-lite", output_format="png") == []
    for model in ("seedream-4.5", "seedream-4.0"):
        (problem,) = problems(model, output_format="png")
        assert problem.startswith(f"output_format: {model} does not take it")


def test_only_4_0_improves_prompts_fast(problems):
    fast = {"optimize_prompt_options": {"mode": "fast"}}
    assert problems("seedream-4.0", options=fast) == []
    for model in ("seedream-4.5", "seedream-5.0-lite"):
        (problem,) = problems(model, options=fast)
        assert problem.startswith("optimize_prompt_options.mode: 'fast' is not one of standard")


@pytest.mark.parametrize("model", MODELS)
def test_the_maker_documents_no_seed_for_these_models(problems, model):
    """Hosts that offer one say so in their own offers."""
    (problem,) = problems(model, seed=7)
    assert problem.startswith(f"seed: {model} does not take it")


@pytest.mark.parametrize(
    ("given", "way"),
    [
        ({"n": 4}, "ask for a group"),
        ({"negative_prompt": "fog"}, "say in the prompt what to leave out"),
        ({"mask": "https://pictures.example/m.png"}, "say in the prompt which part to change"),
    ],
)
def test_what_seedream_lacks_is_refused_with_what_works_instead(problems, given, way):
    (problem,) = problems(**given)
    assert way in problem


# --- facts ---------------------------------------------------------------------------------


def facts(model) -> Iterator[tuple[str, Fact | None]]:
    def of(parameter: Parameter) -> Iterator[tuple[str, Fact | None]]:
        yield parameter.name, parameter.fact
        for part in parameter.parts:
            yield from of(part)

    yield model.name, model.fact
    yield "size", model.sizes.fact
    for parameter in model.parameters:
        yield from of(parameter)


@pytest.mark.parametrize("model", MODELS)
def test_every_fact_says_where_it_comes_from_and_when(model):
    for name, fact in facts(MODELS[model]):
        assert fact is not None, name
        assert fact.source.startswith("https://"), name
        assert "2025-12-01" <= fact.date < "2027", name
