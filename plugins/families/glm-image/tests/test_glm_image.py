"""GLM-Image and CogView as their maker documents them: sizes, quality, and what they lack.

Calls are planned, never sent, at a host that serves each model exactly as declared.
"""

from collections.abc import Iterator

import imagekit_glm_image
import pytest
from imagekit_glm_image import GLM_IMAGE

from imagekit import Client, Host, NoAuth, Offer, Plugins, hookimpl, spell

NAMES = {
    "glm-image": ["zai-org/GLM-Image"],
    "cogview-4": ["cogview-4-250304"],
    "cogview-3-flash": [],
}
MODELS = {model.name: model for model in GLM_IMAGE.models}
COGVIEWS = ("cogview-4", "cogview-3-flash")

# As the pages recommend them, the default first.
GLM = ["1280x1280", "1568x1056", "1056x1568", "1472x1088", "1088x1472", "1728x960", "960x1728"]
COGVIEW = ["1024x1024", "768x1344", "864x1152", "1344x768", "1152x864", "1440x720", "720x1440"]


class Maker:
    """A host that serves every model with every parameter it declares."""

    @hookimpl
    def imagekit_hosts(self):
        spells = spell("size quality watermark user")
        offers = tuple(Offer(name, name, "openai-images", spells) for name in MODELS)
        return [Host("maker", "Maker", "http://127.0.0.1", NoAuth(), offers)]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with Client(environment={}, plugins=Plugins.of(Maker(), imagekit_glm_image)) as client:
        yield client


@pytest.fixture
def problems(client):
    """What is wrong with a call of a model, as lines."""

    def problems_of(model: str, prompt: str = "a heron", **given) -> list[str]:
        return [str(problem) for problem in client.plan(prompt, model=model, **given).problems]

    return problems_of


def test_every_name_leads_to_its_model(client):
    assert {model.name: list(model.aliases) for model in GLM_IMAGE.models} == NAMES
    for model, aliases in NAMES.items():
        for name in (model, *aliases):
            assert client.route(f"maker:{name}").model.name == model


# --- sizes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "size"),
    [("glm-image", size) for size in GLM] + [(name, size) for name in COGVIEWS for size in COGVIEW],
)
def test_every_recommended_size_is_taken(problems, model, size):
    """Two of GLM-Image's are narrower than its own range allows."""
    assert problems(model, size=size) == []


def test_the_defaults_are_the_pages():
    defaults = {name: "{}x{}".format(*model.sizes.default_pixels) for name, model in MODELS.items()}
    assert defaults == {"glm-image": GLM[0], "cogview-4": COGVIEW[0], "cogview-3-flash": COGVIEW[0]}


@pytest.mark.parametrize(
    ("model", "size"),
    [
        ("glm-image", "1024x1024"),  # both sides at their least
        ("glm-image", "2048x2048"),  # both at their most, and 2^22 pixels
        ("glm-image", "1056x1024"),
        ("cogview-4", "512x512"),
        ("cogview-4", "2048x1024"),  # 2^21 pixels
        ("cogview-4", "528x512"),
    ],
)
def test_limits_are_inclusive(problems, model, size):
    assert problems(model, size=size) == []


@pytest.mark.parametrize(
    ("model", "size", "nearest"),
    [
        ("glm-image", "992x1024", "1024x1024"),
        ("glm-image", "2080x2048", "2048x2048"),
        ("glm-image", "1040x1024", "1056x1024"),  # a multiple of 16 only
        ("glm-image", "1700x930", "1728x960"),  # one of the two beyond the range
        ("cogview-4", "496x512", "512x512"),
        ("cogview-4", "2064x1024", "2048x1024"),
        ("cogview-4", "2048x1040", "2048x1024"),
        ("cogview-4", "520x512", "528x512"),  # a multiple of 8 only
    ],
)
def test_just_beyond_a_limit_is_refused_with_the_nearest_size_that_passes(
    problems, model, size, nearest
):
    (problem,) = problems(model, size=size)
    assert problem.endswith(nearest)
    assert problems(model, size=nearest) == []


@pytest.mark.parametrize("given", [{"size": "2K"}, {"ratio": "16:9"}])
def test_there_are_no_tiers_and_no_named_ratios(problems, given):
    (problem,) = problems("glm-image", **given)
    assert "ask for" in problem


# --- the other parameters ------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_quality_is_one_of_two(problems, model):
    assert problems(model, quality="hd") == problems(model, quality="standard") == []
    assert problems(model, quality="high") == ["quality: 'high' is not one of hd, standard"]


@pytest.mark.parametrize("model", MODELS)
def test_an_id_of_an_end_user_has_6_to_128_characters(problems, model):
    assert problems(model, user="u" * 6) == problems(model, user="u" * 128) == []
    for user in ("u" * 5, "u" * 129):
        (problem,) = problems(model, user=user)
        assert problem.endswith("6 to 128 characters is allowed")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("given", "way"),
    [
        ({"n": 2}, "make several calls"),
        ({"seed": 7}, "has no seed"),
        ({"negative_prompt": "fog"}, "say in the prompt what to leave out"),
        ({"image": "https://pictures.example/a.png"}, "takes no reference pictures"),
    ],
)
def test_what_these_models_lack_is_refused_with_what_works_instead(problems, model, given, way):
    (problem,) = problems(model, **given)
    assert way in problem


def test_every_fact_says_where_it_comes_from_and_when():
    for model in MODELS.values():
        for fact in (model.fact, model.sizes.fact, *(p.fact for p in model.parameters)):
            assert fact.source.startswith("https://")
            assert "2026-11-21" <= fact.date < "2027"
