"""The Kling models as their maker documents them: ratios and tiers, references, series.

Calls are planned, never sent, at a host that serves each model exactly as declared.
"""

from collections.abc import Iterator

import imagekit_kling
import pytest
from imagekit_kling import KLING

from imagekit import Client, Host, NoAuth, Offer, Plugins, hookimpl, spell

NAMES = {
    "kling-image-o1": [],
    "kling-v3-omni": ["kling-image-v3-omni"],
    "kling-v3": ["kling-image-v3"],
    "kling-v2-1": ["kling-v2.1"],
}
OMNI = ("kling-image-o1", "kling-v3-omni")
RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9")


def offer(model) -> Offer:
    names = ["ratio resolution", *(p.name for p in model.parameters if p.name != "prompt")]
    return Offer(model.name, model.name, "openai-images", spell(" ".join(names)))


class Maker:
    """A host that serves every Kling model with every parameter it declares."""

    @hookimpl
    def imagekit_hosts(self):
        offers = tuple(map(offer, KLING.models))
        return [Host("maker", "Maker", "http://127.0.0.1", NoAuth(), offers)]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with Client(environment={}, plugins=Plugins.of(Maker(), imagekit_kling)) as client:
        yield client


@pytest.fixture
def problems(client):
    """What is wrong with a call of a model, as lines."""

    def problems_of(model: str, prompt: str = "a heron", **given) -> list[str]:
        return [str(problem) for problem in client.plan(prompt, model=model, **given).problems]

    return problems_of


def links(count: int) -> list[str]:
    return [f"https://pictures.example/{index}.png" for index in range(count)]


def test_every_name_leads_to_its_model(client):
    assert {model.name: list(model.aliases) for model in KLING.models} == NAMES
    for model, aliases in NAMES.items():
        for name in (model, *aliases):
            assert client.route(f"maker:{name}").model.name == model


# --- sizes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("model", NAMES)
@pytest.mark.parametrize("ratio", RATIOS)
def test_the_eight_ratios_are_sent_by_name(client, model, ratio):
    body = client.plan("a heron", model=model, ratio=ratio, resolution="2K").request.body
    assert f'"ratio":"{ratio}","resolution":"2K"' in body.decode()


@pytest.mark.parametrize("model", NAMES)
def test_another_ratio_names_the_nearest(problems, model):
    (problem,) = problems(model, ratio="5:4")
    assert problem == f"ratio: 5:4 is not one of {', '.join(RATIOS)}; nearest: 4:3"


@pytest.mark.parametrize("model", NAMES)
def test_nobody_documents_pixels_so_none_can_be_asked_for(problems, model):
    assert problems(model, size="1024x1024") == ["size: can't be chosen here"]


@pytest.mark.parametrize("model", NAMES)
def test_only_3_omni_draws_at_4k(problems, model):
    assert problems(model, resolution="1K") == problems(model, size="2k") == []
    expected = [] if model == "kling-v3-omni" else ["resolution: 4K is not one of 1K, 2K; nearest"]
    assert [problem[:44] for problem in problems(model, resolution="4K")] == expected


@pytest.mark.parametrize("model", NAMES)
def test_only_the_omni_models_choose_the_ratio_themselves(problems, model):
    assert (problems(model, size="auto") == []) == (model in OMNI)


# --- boundaries ------------------------------------------------------------------------------


@pytest.mark.parametrize("model", NAMES)
@pytest.mark.parametrize(
    ("allowed", "beyond", "problem"),
    [
        ({"n": 1}, {"n": 0}, "n: 0 is not from 1 to 9"),
        ({"n": 9}, {"n": 10}, "n: 10 is not from 1 to 9"),
        (
            {"prompt": "h" * 2500},
            {"prompt": "h" * 2501},
            "prompt: has 2,501 characters; at most 2,500 characters is allowed",
        ),
    ],
)
def test_limits_of_all_models(problems, model, allowed, beyond, problem):
    assert problems(model, **allowed) == []
    assert problems(model, **beyond) == [problem]


@pytest.mark.parametrize(("model", "most"), [*zip(NAMES, [10, 10, 1, 1], strict=True)])
def test_how_many_references(problems, model, most):
    assert problems(model, image=links(most)) == []
    (problem, *_) = problems(model, image=links(most + 1))
    assert problem.startswith(f"image: has {most + 1} items")


@pytest.mark.parametrize("model", OMNI)
def test_references_and_elements_may_be_ten_together(problems, model):
    """Ids of elements are whole numbers beyond what a JSON reader with floats keeps."""
    elements = {"element_list": [{"element_id": (1 << 63) - 1}] * 4}
    assert problems(model, image=links(6), options=elements) == []
    (problem,) = problems(model, image=links(7), options=elements)
    assert problem == "element_list: 7 image + 4 element_list is 11; at most 10 together"


def group(most: int) -> dict:
    return {
        "sequential_image_generation": "auto",
        "sequential_image_generation_options": {"max_images": most},
    }


def test_a_series_of_3_omni_has_two_to_nine_pictures(problems):
    assert problems("kling-v3-omni", **group(2)) == problems("kling-v3-omni", **group(9)) == []
    for most in (1, 10):
        (problem,) = problems("kling-v3-omni", **group(most))
        assert problem.endswith(f"max_images: {most} is not from 2 to 9")


def test_n_and_the_length_of_a_series_exclude_each_other(problems):
    assert problems("kling-v3-omni", n=2, **group(2)) == [
        "n: has no effect with sequential_image_generation='auto'"
    ]
    (problem,) = problems("kling-v3-omni", sequential_image_generation_options={"max_images": 2})
    assert problem.endswith("has an effect only with sequential_image_generation='auto'")


# --- what some models have and others lack -----------------------------------------------------


@pytest.mark.parametrize(
    ("given", "takers"),
    [
        ({"sequential_image_generation": "auto"}, {"kling-v3-omni"}),
        ({"negative_prompt": "fog"}, {"kling-v3", "kling-v2-1"}),
        ({"options": {"element_list": []}}, {"kling-image-o1", "kling-v3-omni", "kling-v3"}),
        (
            {"image": links(1), "options": {"image_reference": "face"}},
            {"kling-v3", "kling-v2-1"},
        ),
        ({"options": {"image_fidelity": 0.5, "human_fidelity": 1}}, {"kling-v2-1"}),
        ({"watermark": True, "options": {"external_task_id": "mine-1"}}, set(NAMES)),
        ({"seed": 7}, set()),
        ({"mask": "https://pictures.example/m.png"}, set()),
    ],
)
def test_who_takes_what(problems, given, takers):
    assert {model for model in NAMES if problems(model, **given) == []} == takers


def test_a_negative_prompt_excludes_references(problems):
    assert problems("kling-v3", image=links(1), negative_prompt="fog") == [
        "negative_prompt: can't be given together with image"
    ]


def test_what_a_reference_is_for_needs_a_reference(problems):
    assert problems("kling-v3", options={"image_reference": "subject"}) == [
        "image_reference: needs image as well"
    ]


@pytest.mark.parametrize("value", [-0.01, 1.01])
def test_fidelity_is_a_share(problems, value):
    (problem,) = problems("kling-v2-1", options={"image_fidelity": value})
    assert problem == f"image_fidelity: {value} is not from 0 to 1"


def test_reference_pictures():
    for model in KLING.models:
        files = model.references
        assert files.formats == ("image/jpeg", "image/png")
        assert (files.max_bytes, files.min_side) == (10_000_000, 300)
        assert (files.min_ratio, files.max_ratio) == ("2:5", "5:2")


def test_every_fact_says_where_it_comes_from_and_when():
    for model in KLING.models:
        for fact in (model.fact, model.sizes.fact, *(p.fact for p in model.parameters)):
            assert fact.source.startswith("https://")
            assert "2026-05-19" <= fact.date < "2027"
