"""Token360 beyond Seedream: Kling Image O1, Nano Banana Pro and GLM-Image.

The page names their controls and not the values, so those are passed on with a note.
"""

import json
from collections.abc import Callable, Iterator

import imagekit_glm_image
import imagekit_kling
import imagekit_nano_banana
import imagekit_token360
import pytest

from imagekit import Client, HostSettings, Plan, Plugins
from imagekit.testing import Answer, Loopback

MODELS = ("kling-image-o1", "nano-banana-pro", "glm-image")
FAMILIES = (imagekit_kling, imagekit_nano_banana, imagekit_glm_image)
UNVERIFIED_ID = "the id {0!r} of {0} at token360 is unverified"
PASSED = "unverified at token360, passed through: "


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    plugins = Plugins.of(imagekit_token360, *FAMILIES)
    with Client(environment={}, plugins=plugins) as client:
        yield client


@pytest.fixture
def plan(client) -> Callable[..., Plan]:
    def plan(model: str, **given) -> Plan:
        return client.plan("a heron", model=f"token360:{model}", **given)

    return plan


@pytest.fixture
def sent(plan) -> Callable[..., dict]:
    """The fields of the body besides model and prompt."""

    def sent(model: str, **given) -> dict:
        body = json.loads(plan(model, **given).request.body)
        assert (body.pop("model"), body.pop("prompt")) == (model, "a heron")
        return body

    return sent


@pytest.fixture
def problems(plan) -> Callable[..., list[str]]:
    return lambda model, **given: [str(problem) for problem in plan(model, **given).problems]


@pytest.mark.parametrize("model", MODELS)
def test_every_id_is_inferred_and_says_so(plan, model):
    (note,) = plan(model).notes
    assert note.startswith(UNVERIFIED_ID.format(model))


@pytest.mark.parametrize("model", MODELS)
def test_what_nobody_gave_is_not_sent(sent, model):
    assert sent(model) == {}
    assert sent(model, n=1) == ({"n": 1} if model == "kling-image-o1" else {})


# --- Kling Image O1: n and size ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"n": 1}, {"n": 1}),
        ({"n": 9}, {"n": 9}),
        ({"size": "1024x1024"}, {"size": "1024x1024"}),
        ({"size": "333x77"}, {"size": "333x77"}),  # whatever: nobody knows the values
        ({"size": "2K"}, {"size": "2K"}),
        ({"resolution": "1K"}, {"size": "1K"}),
    ],
)
def test_kling_has_n_and_size(sent, given, fields):
    assert sent("kling-image-o1", **given) == fields


def test_the_values_of_klings_size_are_unverified_and_those_of_n_are_the_models(plan):
    assert plan("kling-image-o1", size="1024x1024").notes[-1] == PASSED + "size"
    assert len(plan("kling-image-o1", n=4).notes) == 1


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"n": 10}, "n: 10 is not from 1 to 9"),
        ({"size": "4K"}, "size: 4K is not one of 1K, 2K; nearest: 2K"),
        ({"ratio": "16:9"}, "ratio: no table says how many pixels 16:9 is here; ask for a size"),
        (
            {"options": {"element_list": [1]}},
            "element_list: kling-image-o1 does not take it at token360; "
            "on_unsupported='drop' leaves it out",
        ),
        (
            {"image": "https://pictures.example/a.png"},
            "image: kling-image-o1 does not take it at token360: the page names no field for "
            "reference pictures; native={...} sends the supplier's own",
        ),
    ],
)
def test_kling_has_nothing_else(problems, given, problem):
    assert problems("kling-image-o1", **given) == [problem]


# --- Nano Banana Pro: ratio and quality ---------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "fields", "unverified"),
    [
        ({"ratio": "16:9"}, {"ratio": "16:9"}, ""),
        ({"ratio": "32:18"}, {"ratio": "16:9"}, ""),
        ({"quality": "2K"}, {"quality": "2K"}, "quality"),
        ({"quality": "hd"}, {"quality": "hd"}, "quality"),
        ({"resolution": "4K"}, {"quality": "4K"}, "resolution"),
        ({"size": "2K"}, {"quality": "2K"}, "resolution"),
        ({"size": "2752x1536"}, {"ratio": "16:9", "quality": "2K"}, "resolution"),
        ({"size": "1024x1024"}, {"ratio": "1:1", "quality": "1K"}, "resolution"),
    ],
)
def test_nano_banana_has_ratio_and_quality(plan, sent, given, fields, unverified):
    """A size of the model's table is a ratio at a tier, and the tier is sent as quality."""
    assert sent("nano-banana-pro", **given) == fields
    assert "".join(plan("nano-banana-pro", **given).notes[1:]) == (
        unverified and PASSED + unverified
    )


def test_a_size_in_pixels_is_lossless_and_the_receipt_says_how(plan):
    receipt = plan("nano-banana-pro", size="2752x1536").receipt
    assert receipt["size"].action == "mapped"
    assert receipt["size"].fields == (("ratio", "16:9"), ("quality", "2K"))
    assert receipt["size"].note == "2752x1536 is 16:9 at 2K"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            {"size": "2752x1537"},
            "size: 2752x1537 is not in the model's table; nearest: 2752x1536, which is 16:9 at 2K",
        ),
        ({"resolution": "512"}, "resolution: 512 is not one of 1K, 2K, 4K; nearest: 1K"),
        (
            {"quality": "hd", "resolution": "2K"},
            "resolution: contradicts what is sent as quality already",
        ),
        (
            {"n": 2},
            "n: nano-banana-pro does not take it at token360: "
            "one picture comes of each call; make several calls",
        ),
    ],
)
def test_nano_banana_has_nothing_else(problems, given, problem):
    assert problems("nano-banana-pro", **given) == [problem]


# --- GLM-Image: nothing -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {"n": 2},
        {"size": "1280x1280"},
        {"ratio": "1:1"},
        {"quality": "hd"},
        {"seed": 7},
        {"watermark": False},
        {"user": "user-one"},
        {"response_format": "url"},
        {"image": "https://pictures.example/a.png"},
    ],
)
def test_glm_image_has_nothing_beyond_model_and_prompt(problems, given):
    (name,) = given
    (problem,) = problems("glm-image", **given)
    assert problem.startswith(f"{name}: glm-image does not take it at token360")


# --- native mode --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "native"),
    [
        ("kling-image-o1", {"resolution": "2k", "aspect_ratio": "auto"}),
        ("nano-banana-pro", {"generationConfig": {"imageConfig": {"imageSize": "4K"}}}),
        ("glm-image", {"size": "1568x1056", "user_id": "user-one"}),
    ],
)
def test_native_fields_reach_the_suppliers_own_words(plan, sent, model, native):
    assert sent(model, native=native) == native
    assert plan(model, native=native).request.headers["Token360-Native-Params"] == "true"


@pytest.mark.parametrize(
    ("model", "given"),
    [
        ("kling-image-o1", {"n": 2}),
        ("kling-image-o1", {"size": "2K"}),
        ("nano-banana-pro", {"ratio": "16:9"}),
        ("nano-banana-pro", {"quality": "2K"}),
    ],
)
def test_native_mode_does_not_read_the_words_of_the_page(problems, model, given):
    (name,) = given
    assert problems(model, **given, native={"callback_url": "https://mine.example"}) == [
        f"{name}: is not read in native mode; say it in native, in the supplier's words"
    ]


# --- over a socket ------------------------------------------------------------------------------


def test_a_call_from_end_to_end(png):
    answer = Answer(json={"created": 1, "data": [{"url": "data:image/png;base64," + png}]})
    with (
        Loopback(answer) as server,
        Client(
            environment={},
            plugins=Plugins.of(imagekit_token360, *FAMILIES),
            credentials={"token360": "sk-test"},
            hosts={"token360": HostSettings(base_url=server.url)},
        ) as client,
    ):
        result = client.generate("a heron", model="token360:kling-image-o1", n=2, size="2K")
        assert server.seen[0].json == {
            "model": "kling-image-o1",
            "prompt": "a heron",
            "n": 2,
            "size": "2K",
        }
    assert result.image.media_type == "image/png"
    assert result.notes[-1] == "asked for 2 pictures, the host made 1"


@pytest.fixture
def png() -> str:
    """A picture of one pixel, as base64."""
    return (
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
        "rkJggg=="
    )
