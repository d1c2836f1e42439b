"""PowerTokens: every field of its page, as it is sent and as it comes back.

``replies/<what>.<status>.json`` are answers in the shape the page documents.
"""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import imagekit_powertokens
import imagekit_seedream
import pytest
from imagekit_seedream import SEEDREAM

from imagekit import (
    AuthenticationError,
    BillingError,
    Charged,
    Client,
    Failure,
    HostError,
    HostSettings,
    HostUnavailable,
    ModelUnavailable,
    Moderated,
    PermissionDenied,
    Plugins,
    RateLimited,
    RejectedRequest,
    Result,
    Retry,
)
from imagekit.testing import Answer, Loopback, Seen

REPLIES = Path(__file__).parent / "replies"
IDS = {
    "seedream-5.0-lite": "seedream-5-0-260128",
    "seedream-4.5": "seedream-4-5-251128",
    "seedream-4.0": "seedream-4-0-250828",
}
A, B = "https://pictures.example/a.png", "https://pictures.example/b.png"
NOT_SAID_WHICH = "unverified at powertokens, passed through: seed"


def client_of(base_url: str | None = None) -> Client:
    return Client(
        environment={},
        plugins=Plugins.of(imagekit_powertokens, imagekit_seedream),
        credentials={"powertokens": "pt-test"},
        hosts={"powertokens": HostSettings(base_url=base_url)},
        retry=Retry(attempts=1),
    )


def reply(name: str) -> Answer:
    path = REPLIES / name
    return Answer(int(path.suffixes[0][1:]), json=json.loads(path.read_text()))


@pytest.fixture(scope="module")
def planner() -> Iterator[Client]:
    with client_of() as client:
        yield client


@pytest.fixture(scope="module")
def upstream() -> Iterator[tuple[Client, Loopback]]:
    with Loopback(reply("picture.200.json")) as server, client_of(server.url) as client:
        yield client, server


@pytest.fixture
def arrives(upstream) -> Callable[..., dict]:
    """The JSON body that reaches the server for one call."""
    client, server = upstream

    def body(model: str = "seedream-4.5", prompt: str = "a heron", **given) -> dict:
        client.generate(prompt, model=f"powertokens:{model}", **given)
        return server.seen[-1].json

    return body


def answered(answer: Answer | str, **given) -> Result:
    """What a call makes of an answer."""
    answer = reply(answer) if isinstance(answer, str) else answer
    with Loopback(answer) as server, client_of(server.url) as client:
        return client.generate("a heron", model="powertokens:seedream-4.5", **given)


# --- the request ---------------------------------------------------------------------------


def test_the_example_of_the_page_byte_for_byte(upstream):
    client, server = upstream
    client.generate(
        "A cute corgi running on grass, sunny day, realistic style",
        model="powertokens:seedream-4-5-251128",
        size="2048x2048",
        response_format="url",
    )
    seen = server.seen[-1]
    assert (seen.method, seen.path) == ("POST", "/v1/images/generations")
    assert seen.headers["authorization"] == "Bearer pt-test"
    assert seen.headers["content-type"] == "application/json"
    assert seen.body == (
        b'{"model":"seedream-4-5-251128",'
        b'"prompt":"A cute corgi running on grass, sunny day, realistic style",'
        b'"size":"2048x2048",'
        b'"response_format":"url"}'
    )


def test_the_real_address(planner):
    request = planner.plan("a heron", model="powertokens:seedream-4.5").request
    assert request.url == "https://api.powertokens.ai/v1/images/generations"


@pytest.mark.parametrize(
    ("name", "id"), [(name, IDS[m.name]) for m in SEEDREAM.models for name in (m.name, *m.aliases)]
)
def test_every_name_of_a_model_is_sent_as_the_id_of_the_page(planner, name, id):
    plan = planner.plan("a heron", model=f"powertokens:{name}")
    assert json.loads(plan.request.body) == {"model": id, "prompt": "a heron"}
    assert plan.notes == ()  # the page lists the ids: none is unverified


GROUP = {
    "sequential_image_generation": "auto",
    "sequential_image_generation_options": {"max_images": 4},
}
FIELDS = [
    ({"image": A}, {"image": A}),
    ({"image": [A]}, {"image": A}),
    ({"image": [A, B]}, {"image": [A, B]}),
    ({"size": "2K"}, {"size": "2K"}),
    ({"size": "4k"}, {"size": "4K"}),
    ({"size": "2304x1728"}, {"size": "2304x1728"}),
    ({"ratio": "16:9"}, {"size": "2848x1600"}),
    ({"ratio": "9:16", "resolution": "4K"}, {"size": "3040x5504"}),
    ({"resolution": "4K"}, {"size": "4K"}),
    ({"response_format": "url"}, {"response_format": "url"}),
    ({"response_format": "b64_json"}, {"response_format": "b64_json"}),
    ({"seed": -1}, {"seed": -1}),
    ({"seed": 0}, {"seed": 0}),
    ({"seed": 2147483647}, {"seed": 2147483647}),
    ({"sequential_image_generation": "auto"}, {"sequential_image_generation": "auto"}),
    ({"sequential_image_generation": "disabled"}, {"sequential_image_generation": "disabled"}),
    (GROUP, GROUP),
    ({"watermark": True}, {"watermark": True}),
    ({"watermark": False}, {"watermark": False}),
]


@pytest.mark.parametrize(("given", "sent"), FIELDS)
def test_every_field_of_the_request(arrives, given, sent):
    """What is not given is not sent, so the host's own defaults hold."""
    assert arrives(**given) == {"model": "seedream-4-5-251128", "prompt": "a heron", **sent}


def test_a_prompt_arrives_as_it_was_written(arrives):
    prompt = 'Ein Reiher 鹭 "im Nebel"\n\\ 🪶'
    assert arrives(prompt=prompt)["prompt"] == prompt


@pytest.mark.parametrize("seed", [-2, 2147483648])
def test_a_seed_beyond_the_range_is_refused(planner, seed):
    plan = planner.plan("a heron", model="powertokens:seedream-4.5", seed=seed)
    assert [str(p) for p in plan.problems] == [f"seed: {seed} is not from -1 to 2147483647"]


def test_a_seed_is_sent_with_a_note(planner):
    """The page offers it for "some" models and does not say which."""
    assert planner.plan("a heron", model="powertokens:seedream-4.5", seed=7).notes == (
        NOT_SAID_WHICH,
    )


@pytest.mark.parametrize(
    ("model", "size"),
    [
        ("seedream-5.0-lite", "2K"),
        ("seedream-5.0-lite", "3K"),
        ("seedream-5.0-lite", "1920x1920"),  # 3,686,400: the least
        ("seedream-5.0-lite", "2547x4085"),  # 10,404,495: no product comes closer to the most
        ("seedream-5.0-lite", "7680x480"),  # 16:1
        ("seedream-4.5", "2K"),
        ("seedream-4.5", "4K"),
        ("seedream-4.5", "1920x1920"),
        ("seedream-4.5", "4096x4096"),  # 16,777,216: the most
        ("seedream-4.5", "480x7680"),  # 1:16
        ("seedream-4.0", "1K"),
        ("seedream-4.0", "2K"),
        ("seedream-4.0", "4K"),
        ("seedream-4.0", "960x960"),  # 921,600: the least
        ("seedream-4.0", "4096x4096"),
        ("seedream-4.0", "240x3840"),
    ],
)
def test_sizes_up_to_each_limit_are_sent(arrives, model, size):
    assert arrives(model, size=size) == {"model": IDS[model], "prompt": "a heron", "size": size}


@pytest.mark.parametrize(
    ("model", "size", "why"),
    [
        ("seedream-5.0-lite", "4K", "4K is not one of 2K, 3K; nearest: 3K"),
        ("seedream-5.0-lite", "1K", "1K is not one of 2K, 3K; nearest: 2K"),
        ("seedream-5.0-lite", "1919x1921", "3,686,399 px"),
        ("seedream-5.0-lite", "3132x3322", "10,404,504 px"),
        ("seedream-5.0-lite", "7681x480", "ratios 1:16 to 16:1"),
        ("seedream-4.5", "1K", "1K is not one of 2K, 4K; nearest: 2K"),
        ("seedream-4.5", "1919x1921", "3,686,399 px"),
        ("seedream-4.5", "1549x10831", "16,777,219 px"),
        ("seedream-4.5", "480x7681", "ratios 1:16 to 16:1"),
        ("seedream-4.0", "3K", "3K is not one of 1K, 2K, 4K; nearest: 2K"),
        ("seedream-4.0", "959x961", "921,599 px"),
        ("seedream-4.0", "1549x10831", "16,777,219 px"),
        ("seedream-4.0", "240x3841", "ratios 1:16 to 16:1"),
    ],
)
def test_sizes_just_beyond_a_limit_are_refused(planner, model, size, why):
    plan = planner.plan("a heron", model=f"powertokens:{model}", size=size)
    (problem,) = plan.problems
    assert why in problem.message
    again = planner.plan("a heron", model=f"powertokens:{model}", size=problem.nearest)
    assert again.problems == ()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"n": 2}, "sequential_image_generation_options={'max_images': 4}"),
        ({"quality": "hd"}, "does not take it at powertokens"),
        ({"output_format": "png"}, "does not take it at powertokens"),
        ({"sequential_image_generation_options": {"max_images": 4}}, "only with"),
    ],
)
def test_what_the_page_does_not_have_is_refused_before_it_is_sent(planner, given, words):
    (problem,) = planner.plan("a heron", model="powertokens:seedream-4.5", **given).problems
    assert words in problem.message


def test_native_fields_are_sent_as_they_are(arrives):
    assert arrives(native={"guidance_scale": 5.5}) == {
        "model": "seedream-4-5-251128",
        "prompt": "a heron",
        "guidance_scale": 5.5,
    }


def test_a_native_field_may_not_replace_references(planner):
    plan = planner.plan("a heron", model="powertokens:seedream-4.5", image=A, native={"image": B})
    assert [problem.field for problem in plan.problems] == ["native.image"]


# --- the answer ----------------------------------------------------------------------------


def test_created_url_and_size():
    result = answered("picture.200.json", size="2048x2048")
    assert result.created == 1764201507
    (image,) = result.images
    assert image.url == "https://pictures.example/r/7f3a_0.jpeg?expires=86400&sign=abc"
    assert (image.index, image.declared_size, image.expected) == (0, "2048x2048", (2048, 2048))


def test_what_the_page_does_not_document_stays_unknown():
    """Neither usage nor the served model: unknown is None, never zero."""
    result = answered("picture.200.json")
    assert (result.usage, result.served_model) == (None, None)


def test_b64_json_and_metadata():
    result = answered("inline.200.json", size="2K", response_format="b64_json")
    assert result.image.read().startswith(b"\x89PNG")
    assert (result.image.media_type, result.image.pixels) == ("image/png", (4, 3))
    assert result.image.url is None
    assert result.metadata == {"provider_request_id": "req-5150"}


def test_a_picture_of_another_size_is_noted():
    result = answered("inline.200.json", size="2048x2048")
    assert result.notes == ("picture 1: asked for 2048x2048, got 4x3",)


def test_data_error_is_the_failure_of_one_picture():
    """A group keeps its good pictures, each in its place, and says why the others lack."""
    result = answered("group.200.json", **GROUP)
    assert [(image.index, image.declared_size) for image in result.images] == [
        (0, "2496x1664"),
        (2, "2496x1664"),
    ]
    assert result.failures == (
        Failure(
            1,
            "OutputImageSensitiveContentDetected",
            "Picture 2 of this group was withheld.",
            moderated=True,
        ),
        Failure(3, "InternalServiceError", "Picture 4 could not be drawn."),
    )
    assert result.metadata == {"success_count": 2, "failed_count": 2}


def test_an_error_without_content_beside_a_picture_is_no_failure():
    """As the page's schema prints an item: all four fields, the unused ones empty."""
    result = answered("every-field.200.json")
    assert result.image.url == "https://pictures.example/r/92cd_0.jpeg"
    assert result.failures == ()


def test_a_group_without_any_picture_is_an_error():
    with pytest.raises(Moderated, match="made no picture: Withheld") as caught:
        answered("all-withheld.200.json", **GROUP)
    assert caught.value.code == "OutputImageSensitiveContentDetected"


def test_a_link_is_followed_without_the_key():
    """The picture lives elsewhere, and whoever serves it has no business with the key."""
    inline = json.loads((REPLIES / "inline.200.json").read_text())["data"][0]["b64_json"]

    def host(seen: Seen) -> Answer:
        if seen.method == "GET":
            return Answer(body=base64.b64decode(inline))
        return Answer(json={"data": [{"url": f"http://{seen.headers['host']}/r/1.png"}]})

    with Loopback(host) as server, client_of(server.url) as client:
        result = client.generate("a heron", model="powertokens:seedream-4.5")
        assert result.image.pixels == (4, 3)
        assert server.seen[-1].path == "/r/1.png"
        assert "authorization" not in server.seen[-1].headers


# --- refusals ------------------------------------------------------------------------------


def refused(answer: Answer | str) -> HostError:
    with pytest.raises(HostError) as caught:
        answered(answer)
    return caught.value


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("moderated.400.json", Moderated, "InputTextSensitiveContentDetected"),
        ("bad-size.400.json", RejectedRequest, "InvalidParameter"),
        ("flat.400.json", RejectedRequest, "InvalidParameter.prompt"),
    ],
)
def test_codes_of_the_maker_pass_through(name, kind, code):
    error = refused(name)
    assert type(error) is kind
    assert (error.code, error.retryable) == (code, False)


def saying(status: int, message: str, **more) -> Answer:
    return Answer(status, json={"error": {"message": message, **more}})


@pytest.mark.parametrize(
    ("answer", "kind", "retryable", "charged"),
    [
        (saying(401, "no such key"), AuthenticationError, False, Charged.NO),
        (saying(403, "token_invalid: log in again"), AuthenticationError, False, Charged.NO),
        (saying(400, "no", code="token_invalid"), AuthenticationError, False, Charged.NO),
        (saying(403, "This key has expired"), AuthenticationError, False, Charged.NO),
        (saying(402, "pay first"), BillingError, False, Charged.NO),
        (saying(403, "Quota used up"), BillingError, False, Charged.NO),
        (saying(403, "Not enough credits"), BillingError, False, Charged.NO),
        (saying(429, "Insufficient balance"), BillingError, False, Charged.NO),
        (saying(429, "Usage limit reached"), BillingError, False, Charged.NO),
        (saying(403, "not permitted to use it"), PermissionDenied, False, Charged.NO),
        (saying(404, "no such model"), ModelUnavailable, False, Charged.NO),
        (saying(429, "rate limit"), RateLimited, True, Charged.NO),
        (saying(500, "oops"), HostUnavailable, False, Charged.MAYBE),
        (saying(502, "oops"), HostUnavailable, False, Charged.MAYBE),
        (saying(503, "oops"), HostUnavailable, True, Charged.MAYBE),
    ],
)
def test_refusals_are_sorted_as_the_vendors_own_client_sorts_them(answer, kind, retryable, charged):
    """The rest goes by its status; only a 429 is known to be free, and sent again."""
    error = refused(answer)
    assert type(error) is kind
    assert (error.retryable, error.charged) == (retryable, charged)


# --- facts ---------------------------------------------------------------------------------


def test_every_fact_says_where_it_comes_from_and_when(planner):
    host = planner.registry.host("powertokens")
    facts = [row.fact for row in host.errors]
    for offer in host.offers:
        facts += [offer.id_fact, *(parameter.fact for parameter in offer.parameters)]
        facts += [offer.price.fact] if offer.price else []
        facts += [offer.sizes["fact"]] if offer.sizes else []
    for fact in facts:
        assert fact.source.startswith("https://")
        assert "2026" <= fact.date < "2027"


def test_prices_are_a_third_partys_and_say_so(planner):
    prices = {offer.model: offer.price for offer in planner.registry.host("powertokens").offers}
    assert prices["seedream-4.0"] is None  # unknown is not zero
    for model, amount in (("seedream-5.0-lite", "0.034"), ("seedream-4.5", "0.038")):
        assert (str(prices[model].amount), prices[model].currency) == (amount, "USD")
        assert prices[model].fact.unverified
