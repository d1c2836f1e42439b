"""Token360: every field of its page, as it is sent and as it comes back; its error table.

``replies/<what>.<status>.json`` are answers in the shape the pages document.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import imagekit_seedream
import imagekit_token360
import pytest
from imagekit_seedream import SEEDREAM

from imagekit import (
    AuthenticationError,
    BillingError,
    Charged,
    Client,
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
    Usage,
)
from imagekit.testing import Answer, Loopback

REPLIES = Path(__file__).parent / "replies"
IDS = {
    "seedream-5.0-lite": "dola-seedream-5.0-lite",
    "seedream-4.5": "seedream-4.5",
    "seedream-4.0": "seedream-4.0",
}


def client_of(base_url: str | None = None, **settings) -> Client:
    return Client(
        environment={},
        plugins=Plugins.of(imagekit_token360, imagekit_seedream),
        credentials={"token360": "sk-test"},
        hosts={"token360": HostSettings(base_url=base_url, **settings)},
        retry=Retry(attempts=2, first=0.01),
    )


def reply(name: str) -> Answer:
    path = REPLIES / name
    kind = {".json": "application/json", ".html": "text/html"}[path.suffix]
    status = int(path.suffixes[-2][1:])
    return Answer(status, body=path.read_bytes(), headers={"Content-Type": kind})


@pytest.fixture(scope="module")
def planner() -> Iterator[Client]:
    with client_of() as client:
        yield client


@pytest.fixture(scope="module")
def upstream() -> Iterator[tuple[Client, Loopback]]:
    with Loopback(reply("link.200.json")) as server, client_of(server.url) as client:
        yield client, server


@pytest.fixture
def arrives(upstream) -> Callable[..., dict]:
    """The JSON body that reaches the server for one call."""
    client, server = upstream

    def body(model: str = "seedream-4.5", **given) -> dict:
        client.generate("a heron", model=f"token360:{model}", **given)
        return server.seen[-1].json

    return body


def answered(name: str, **given) -> Result:
    """What a call makes of an answer."""
    with Loopback(reply(name)) as server, client_of(server.url) as client:
        return client.generate("a heron", model="token360:seedream-4.5", **given)


# --- the request ---------------------------------------------------------------------------


def test_the_example_of_the_page_byte_for_byte(upstream):
    client, server = upstream
    client.generate(
        "A minimalist sunrise over calm water, digital illustration",
        model="token360:dola-seedream-5.0-lite",
        size="2048x2048",
    )
    seen = server.seen[-1]
    assert (seen.method, seen.path) == ("POST", "/images/generations")
    assert seen.headers["authorization"] == "Bearer sk-test"
    assert seen.headers["content-type"] == "application/json"
    assert "token360-native-params" not in seen.headers
    assert seen.body == (
        b'{"model":"dola-seedream-5.0-lite",'
        b'"prompt":"A minimalist sunrise over calm water, digital illustration",'
        b'"size":"2048x2048"}'
    )


def test_the_real_address(planner):
    request = planner.plan("a heron", model="token360:seedream-4.5").request
    assert request.url == "https://api.token360.ai/v1/images/generations"


@pytest.mark.parametrize(
    ("name", "id"), [(name, IDS[m.name]) for m in SEEDREAM.models for name in (m.name, *m.aliases)]
)
def test_every_name_of_a_model_is_sent_as_its_id_here(planner, name, id):
    request = planner.plan("a heron", model=f"token360:{name}").request
    assert json.loads(request.body) == {"model": id, "prompt": "a heron"}


GROUP = {"sequential_image_generation": "auto"}
FIELDS = [
    ({"size": "2K"}, {"size": "2K"}),
    ({"size": "2304x1728"}, {"size": "2304x1728"}),
    ({"response_format": "url"}, {"response_format": "url"}),
    ({"response_format": "b64_json"}, {"response_format": "b64_json"}),
    ({"watermark": True}, {"watermark": True}),
    ({"watermark": False}, {"watermark": False}),
    ({"seed": -1}, {"seed": -1}),
    ({"seed": 0}, {"seed": 0}),
    ({"seed": 2147483647}, {"seed": 2147483647}),
    (GROUP, GROUP),
    ({"sequential_image_generation": "disabled"}, {"sequential_image_generation": "disabled"}),
    ({"n": 1}, {}),  # what a call makes anyway; no Seedream card has the field
]


@pytest.mark.parametrize("model", IDS)
@pytest.mark.parametrize(("given", "sent"), FIELDS)
def test_every_field_of_the_request(arrives, model, given, sent):
    """What is not given is not sent, so the host's own defaults hold."""
    assert arrives(model, **given) == {"model": IDS[model], "prompt": "a heron", **sent}


@pytest.mark.parametrize(
    ("given", "size"),
    [
        ({"ratio": "16:9"}, "2848x1600"),
        ({"ratio": "32:18"}, "2848x1600"),
        ({"ratio": "2:3", "resolution": "4K"}, "3328x4992"),
        ({"resolution": "4K"}, "4K"),
    ],
)
def test_a_ratio_becomes_the_size_that_the_models_table_has_for_it(arrives, given, size):
    """No Seedream card has a ratio, and none is lost: the table holds the exact cell."""
    assert arrives(**given) == {"model": "seedream-4.5", "prompt": "a heron", "size": size}


def test_a_ratio_off_the_table_names_a_size_that_works(planner):
    (problem,) = planner.plan("a heron", model="token360:seedream-4.5", ratio="5:4").problems
    again = planner.plan("a heron", model="token360:seedream-4.5", size=problem.nearest)
    assert again.problems == ()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"n": 2}, ["ask for a group (sequential_image_generation='auto'", "several calls"]),
        ({"quality": "hd"}, ["size or resolution says how many pixels"]),
        ({"image": "https://pictures.example/a.png"}, ["names no field", "native={'image'"]),
        (
            {**GROUP, "sequential_image_generation_options": {"max_images": 4}},
            ["native={'sequential_image_generation_options'"],
        ),
        ({"seed": 2147483648}, ["is not from -1 to 2147483647"]),
        ({"seed": -2}, ["is not from -1 to 2147483647"]),
    ],
)
def test_what_seedream_lacks_here_is_refused_with_what_works_instead(planner, given, words):
    (problem,) = planner.plan("a heron", model="token360:seedream-4.5", **given).problems
    assert all(word in problem.message for word in words)


# --- what nobody has verified ----------------------------------------------------------------

GIVEN = {
    "size": "2K",
    "seed": 7,
    "watermark": False,
    "response_format": "url",
    "sequential_image_generation": "auto",
}


@pytest.mark.parametrize(
    ("model", "unverified"),
    [
        ("seedream-5.0-lite", "response_format, sequential_image_generation"),
        ("seedream-4.5", "size"),
        ("seedream-4.0", "size"),
    ],
)
def test_fields_that_a_models_card_lacks_are_sent_with_a_note(planner, model, unverified):
    """The 5.0 lite card lacks size, too, but the page's own example sends it."""
    plan = planner.plan("a heron", model=f"token360:{model}", **GIVEN)
    assert json.loads(plan.request.body) == {"model": IDS[model], "prompt": "a heron", **GIVEN}
    assert plan.notes[-1] == f"unverified at token360, passed through: {unverified}"


def test_the_id_that_the_page_shows_needs_no_note(planner):
    assert planner.plan("a heron", model="token360:seedream-5.0-lite", seed=7).notes == ()


@pytest.mark.parametrize("model", ["seedream-4.5", "seedream-4.0"])
def test_an_inferred_id_is_noted_on_the_result(model):
    with Loopback(reply("inline.200.json")) as server, client_of(server.url) as client:
        result = client.generate("a heron", model=f"token360:{model}")
    assert result.notes == (
        f"the id {model!r} of {model} at token360 is unverified; "
        "remote_ids in the host's settings replaces it",
    )


def test_a_users_own_id_replaces_the_inferred_one():
    own = {"seedream-4.5": "bytedance/seedream-4.5"}
    with (
        Loopback(reply("inline.200.json")) as server,
        client_of(server.url, remote_ids=own) as client,
    ):
        result = client.generate("a heron", model="token360:seedream-4-5")
        assert server.seen[0].json["model"] == "bytedance/seedream-4.5"
    assert result.notes == ()


# --- native mode ---------------------------------------------------------------------------


def test_native_fields_switch_the_native_mode_on(upstream):
    """The header tells the gateway to hand the body on; the receipt says why it is there."""
    client, server = upstream
    native = {
        "image": ["https://pictures.example/a.png"],
        "sequential_image_generation_options": {"max_images": 4},
    }
    result = client.generate(
        "a heron", model="token360:seedream-4.5", size="2K", **GROUP, native=native
    )
    seen = server.seen[-1]
    assert seen.headers["token360-native-params"] == "true"
    assert seen.json == {
        "model": "seedream-4.5",
        "prompt": "a heron",
        "size": "2K",
        "sequential_image_generation": "auto",
        "image": ["https://pictures.example/a.png"],
        "sequential_image_generation_options": {"max_images": 4},
    }
    assert result.receipt["native.image"].action == "native"
    (added,) = result.receipt.added
    assert (added.field, added.value) == ("header Token360-Native-Params", "true")


# --- the answer ----------------------------------------------------------------------------


def test_created_model_url_and_usage():
    result = answered("link.200.json")
    assert result.created == 1776400111
    assert result.served_model == "dola-seedream-5.0-lite"
    assert result.image.url == "https://pictures.example/t/a1.png"
    assert result.usage == Usage(generated_images=1, output_tokens=16384, total_tokens=16384)


@pytest.mark.parametrize(
    ("name", "pixels"),
    [
        ("inline.200.json", (4, 3)),  # data[].b64_json
        ("base64-as-url.200.json", (4, 3)),  # seen in the wild: the picture where a link belongs
        ("data-url.200.json", (5, 2)),
    ],
)
def test_a_picture_in_the_answer_is_found_wherever_it_stands(name, pixels):
    image = answered(name).image
    assert (image.media_type, image.pixels, image.url) == ("image/png", pixels, None)


def test_a_group():
    result = answered("group.200.json", **GROUP)
    assert [image.index for image in result.images] == [0, 1, 2]
    assert result.usage.generated_images == 3


# --- refusals ------------------------------------------------------------------------------

# reply, class, retryable, charged, how often it is sent
TABLE = [
    ("invalid_request_error.400.json", RejectedRequest, False, Charged.NO, 1),
    ("invalid_api_key.401.json", AuthenticationError, False, Charged.NO, 1),
    ("insufficient_balance.402.json", BillingError, False, Charged.NO, 1),
    ("api_key_frozen.403.json", AuthenticationError, False, Charged.NO, 1),
    ("model_access_denied.403.json", PermissionDenied, False, Charged.NO, 1),
    ("firewall.403.html", PermissionDenied, False, Charged.NO, 1),
    ("model_not_found.404.json", ModelUnavailable, False, Charged.NO, 1),
    ("not_found_error.404.json", ModelUnavailable, False, Charged.NO, 1),
    ("rate_limit_error.429.json", RateLimited, True, Charged.NO, 2),
    ("api_error.500.json", HostUnavailable, False, Charged.MAYBE, 1),
    ("inactive-model.500.json", ModelUnavailable, False, Charged.NO, 1),
    ("api_error.502.json", HostUnavailable, False, Charged.MAYBE, 1),
    ("api_error.503.json", HostUnavailable, True, Charged.NO, 2),
    # Codes of the model's maker, passed through as a code or quoted in a message.
    ("moderated-by-code.400.json", Moderated, False, Charged.MAYBE, 1),
    ("moderated.400.json", Moderated, False, Charged.MAYBE, 1),
]


@pytest.mark.parametrize(("name", "kind", "retryable", "charged", "sent"), TABLE)
def test_the_error_table(name, kind, retryable, charged, sent):
    """Only what is documented to be refused before any work is sent a second time."""
    with Loopback(reply(name)) as server, client_of(server.url) as client:
        with pytest.raises(HostError) as caught:
            client.generate("a heron", model="token360:seedream-4.5")
        assert len(server.seen) == sent
    error = caught.value
    assert type(error) is kind
    assert (error.retryable, error.charged) == (retryable, charged)
    assert error.status == reply(name).status


def test_every_refusal_on_file_is_in_the_table():
    files = {path.name for path in REPLIES.iterdir() if ".200." not in path.name}
    assert files == {row[0] for row in TABLE}


def test_a_refusal_keeps_the_hosts_own_words():
    with pytest.raises(RejectedRequest) as caught:
        answered("invalid_request_error.400.json")
    error = caught.value
    assert (error.host, error.model, error.code) == ("token360", "seedream-4.5", "400")
    assert error.vendor_message == "size is not supported by the model"


def test_a_firewalls_page_is_named_as_what_it_is():
    with pytest.raises(PermissionDenied, match=r"a body that is not JSON \(text/html\)"):
        answered("firewall.403.html")


# --- facts ---------------------------------------------------------------------------------


def test_every_fact_says_where_it_comes_from_and_when(planner):
    host = planner.registry.host("token360")
    facts = [row.fact for row in host.errors]
    for offer in host.offers:
        facts += [offer.id_fact, *(parameter.fact for parameter in offer.parameters)]
        facts += [spell.fact for spell in offer.spells if spell.fact]
    for fact in facts:
        assert fact.source.startswith("https://") or fact.unverified
        assert "2026" <= fact.date < "2027"
