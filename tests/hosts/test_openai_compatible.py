"""OpenAI and SGLang from a call to the picture, over sockets, at the sandbox's upstreams."""

from __future__ import annotations

import base64
import json

import pytest
from imagekit_sandbox.serving import Rule, Upstreams

from imagekit import (
    AuthenticationError,
    BillingError,
    Charged,
    Config,
    HostSettings,
    HostUnavailable,
    ImagekitError,
    InvalidRequest,
    ModelUnavailable,
    Moderated,
    NotSent,
    PermissionDenied,
    RateLimited,
    RejectedRequest,
    Retry,
    UnreadableAnswer,
)
from imagekit.events import Picture
from imagekit.testing import Answer, Loopback, picture

NO, MAYBE = Charged.NO, Charged.MAYBE
MODELS = ("openai:gpt-image-2", "sglang:glm-image")

each_model = pytest.mark.parametrize("model", MODELS)


# --- pictures ---------------------------------------------------------------------------------


@each_model
def test_two_pictures_of_one_call(client, upstreams, model):
    result = client(upstreams).generate(
        "a heron", model=model, n=2, size="1536x1024", output_format="jpeg"
    )
    assert [image.pixels for image in result.images] == [(1536, 1024)] * 2
    assert {image.media_type for image in result.images} == {"image/jpeg"}
    assert [entry.pictures for entry in upstreams.ledger.entries] == [2]
    assert all(line.ignored == () for line in upstreams.journal.entries)


@each_model
def test_references_go_to_the_other_address(client, upstreams, model, tmp_path):
    file = tmp_path / "mine.png"
    file.write_bytes(picture(8, 8))
    result = client(upstreams).generate(
        "the same at night", model=model, image=[file, picture(4, 4)]
    )
    assert result.image.pixels == (1024, 1024)
    (line,) = upstreams.journal.entries
    assert (line.path.rpartition("/v1")[2], line.status) == ("/images/edits", 200)


def test_links_go_to_a_form_as_links(client, upstreams):
    mine = client(upstreams)
    links = ["https://pictures.example/a.png", "https://pictures.example/b.png"]
    result = mine.generate("both", model="sglang:glm-image", image=links)
    assert dict(result.receipt["image"].fields) == {"url[]": links}


def test_a_form_holds_what_json_would(client, upstreams):
    """The same prompt and seed are the same picture, whichever way they travel."""
    mine = client(upstreams)
    text = 'a "heron"\r\nand — 鹭'
    plain = mine.generate(text, model="sglang:glm-image", seed=7, n=2)
    formed = mine.generate(text, model="sglang:glm-image", seed=7, n=2, image=picture(9, 9))
    prompts = {image.metadata["revised_prompt"] for image in (*plain.images, *formed.images)}
    assert prompts == {text}
    assert len(formed.images) == 2


def test_pictures_are_told_as_they_come(client, upstreams):
    given = {"n": 3, "options": {"partial_images": 2}}
    events = client(upstreams).stream("a heron", model="openai:gpt-image-2", **given)
    seen = [event.image.index for event in events if isinstance(event, Picture)]
    assert seen == [0, 1, 2], "drafts are no pictures"
    assert upstreams.ledger.pictures == 3


def test_a_stream_cut_in_the_middle_keeps_what_came(client):
    with Upstreams([Rule("truncated")]) as upstreams:
        mine = client(upstreams)
        options = {"stream": True}
        result = mine.generate("a heron", model="openai:gpt-image-2", n=3, options=options)
    assert len(result.images) == 1
    assert any("the stream broke off" in note for note in result.notes)


# --- none ---------------------------------------------------------------------------------------

#: fault -> how it ends, what it says of money, whether it may be sent again; first at OpenAI,
#: then, where that is different, at a server of one's own, which documents nothing.
Ends = tuple[type[ImagekitError], Charged, bool]
ENDS: dict[str, tuple[Ends, ...]] = {
    "401": ((AuthenticationError, NO, False), (AuthenticationError, MAYBE, False)),
    "402": ((BillingError, NO, False), (BillingError, MAYBE, False)),
    "403": ((PermissionDenied, MAYBE, False),),
    "404": ((ModelUnavailable, NO, False), (ModelUnavailable, MAYBE, False)),
    "429:0": ((RateLimited, NO, True), (RateLimited, MAYBE, False)),
    "500": ((HostUnavailable, MAYBE, False),),
    "503": ((HostUnavailable, MAYBE, False),),
    "moderated": ((Moderated, MAYBE, False), (RejectedRequest, MAYBE, False)),
    "html:200": ((UnreadableAnswer, MAYBE, False),),
    "truncated": ((UnreadableAnswer, MAYBE, False),),
}
CASES = [
    pytest.param(model, fault, ends[min(place, len(ends) - 1)], id=f"{model}-{fault}")
    for fault, ends in ENDS.items()
    for place, model in enumerate(MODELS)
]


@pytest.mark.parametrize(("model", "fault", "ends"), CASES)
def test_a_call_without_a_picture_is_never_bought_twice(client, model, fault, ends):
    error, charged, retryable = ends
    with Upstreams([Rule(fault)]) as upstreams:
        mine = client(upstreams, retry=Retry(attempts=3))
        with pytest.raises(error) as caught:
            mine.generate("a heron", model=model)
    assert type(caught.value) is error
    assert (caught.value.charged, caught.value.retryable) == (charged, retryable)
    safe = retryable and charged is NO
    assert len(upstreams.journal.entries) == (3 if safe else 1)
    assert len(upstreams.ledger.entries) <= 1


def test_a_refusal_says_which_and_where(client, upstreams):
    with pytest.raises(RejectedRequest) as caught:
        client(upstreams).generate("a heron", model="sglang:flux", native={"size": "wide"})
    assert caught.value.vendor_message == "body.size: Input should be WIDTHxHEIGHT"


def test_an_openai_refusal_has_its_code_and_request(client, upstreams):
    with pytest.raises(RejectedRequest) as caught:
        client(upstreams).generate(
            "a heron", model="openai:gpt-image-2", native={"response_format": "b64_json"}
        )
    assert caught.value.code == "unknown_parameter"
    assert (caught.value.request_id or "").startswith("req_")


# --- servers of one's own ---------------------------------------------------------------------


def test_one_line_of_configuration_names_the_kind_of_server(client, upstreams, tmp_path):
    """No key, no plugin of one's own, and the rules that one knows better."""
    path = tmp_path / "imagekit.toml"
    path.write_text(
        f"""
[hosts.gpu]
kind = "sglang"
base_url = "{upstreams.hosts["sglang"]}"

[hosts.gpu.models.glm-image.sizes]
max_side = 2048

[models.poster]
model = "gpu:glm-image"
defaults = {{ options = {{ num_inference_steps = 20 }} }}
"""
    )
    mine = client(path)
    assert mine.generate("a heron", model="poster", size="1056x544").image.pixels == (1056, 544)
    assert (
        mine.generate("a heron", model="gpu:black-forest/flux:dev").model == "black-forest/flux:dev"
    )
    assert [line.key for line in upstreams.journal.entries] == [
        upstreams.journal.entries[0].key
    ] * 2
    assert upstreams.journal.entries[0].headers.get("authorization") is None
    with pytest.raises(InvalidRequest, match="sides 32 to 2048"):
        mine.generate("a heron", model="poster", size="4096x1024")


def test_another_gateway_gets_pictures_and_mask_in_a_form(client, upstreams):
    hosts = {"openai-compatible": HostSettings(base_url=upstreams.hosts["openai"])}
    mine = client(Config(), hosts=hosts, credentials={"openai-compatible": "mine"})
    given = {"image": [picture(8, 8), picture(9, 9)], "mask": picture(8, 8), "size": "1536x1024"}
    result = mine.generate("by night", model="openai-compatible:gpt-image-1.5", n=2, **given)
    assert [image.pixels for image in result.images] == [(1536, 1024)] * 2
    (line,) = upstreams.journal.entries
    assert line.headers["content-type"].startswith("multipart/form-data")
    assert (line.path.rpartition("/v1")[2], line.ignored) == ("/images/edits", ())


def test_a_mask_agrees_with_the_first_picture(client, upstreams):
    """openai-python 3.57.0: a PNG, less than 4 MB, as wide and high as the picture."""
    mine = client(upstreams)

    def problems(mask, **options):
        plan = mine.plan(
            "by night",
            model="openai:gpt-image-2",
            image=[picture(8, 8), picture(9, 9)],
            mask=mask,
            options=options,
        )
        return [str(problem) for problem in plan.problems]

    assert problems(picture(8, 8)) == []
    assert problems(picture(9, 9)) == [
        "mask: is 9x9, and the first picture 8x8; both have to agree"
    ]
    assert problems(picture(8, 8) + bytes(4_000_000))[0].endswith("less than 4 MB are taken")
    marks = {"markup": "https://pictures.example/marks.png"}
    assert problems(picture(8, 8), **marks) == ["markup: can't be given together with mask"]


def test_markup_lies_over_the_first_picture(client, upstreams):
    plan = client(upstreams).plan(
        "as marked",
        model="openai:gpt-image-2.6-flare",
        image="https://pictures.example/a.png",
        options={"markup": "https://pictures.example/marks.png"},
    )
    assert json.loads(plan.request.body.read()) == {
        "model": "gpt-image-2.6-flare",
        "prompt": "as marked",
        "images": [{"image_url": "https://pictures.example/a.png"}],
        "markup": {"image_url": "https://pictures.example/marks.png"},
    }


def test_a_gateway_that_drops_the_kind_of_picture_is_found_out(client):
    """Portkey 1.15.2 leaves ``output_format`` out of what it sends on, and says nothing."""
    drawn = base64.b64encode(picture(8, 8)).decode()
    with Loopback(Answer(json={"created": 1, "data": [{"b64_json": drawn}]})) as server:
        hosts = {"openai-compatible": HostSettings(base_url=server.url)}
        mine = client(Config(), hosts=hosts)
        asked = {"output_format": "jpeg", "size": "16x8"}
        result = mine.generate("a heron", model="openai-compatible:gpt-image-1.5", **asked)
    assert "picture 1: asked for 16x8, image/jpeg, got 8x8, image/png" in result.notes


def test_a_status_in_place_of_a_code_is_said_once(client):
    """LiteLLM 1.106.2 has ``"code": "400"`` in every refusal with HTTP 400."""
    refusal = {"message": "No connected db.", "type": "no_db_connection", "code": "400"}
    with Loopback(Answer(400, {"error": refusal})) as server:
        hosts = {"openai-compatible": HostSettings(base_url=server.url)}
        with pytest.raises(AuthenticationError) as caught:
            client(Config(), hosts=hosts).generate(
                "a heron", model="openai-compatible:gpt-image-1.5"
            )
    assert str(caught.value).startswith(
        "openai-compatible refused (HTTP 400): No connected db.; a LiteLLM without a database"
    )
    assert caught.value.code == "400"


def test_a_key_is_sent_where_there_is_one(client, upstreams):
    hosts = {"sglang": HostSettings(base_url=upstreams.hosts["sglang"])}
    mine = client(Config(), hosts=hosts, credentials={"sglang": "mine"})
    mine.generate("a heron", model="sglang:glm-image")
    assert upstreams.journal.entries[0].headers["authorization"] == "***"


def test_a_server_that_is_not_there_is_told_before_anything_is_paid(client):
    with Upstreams() as gone:
        config = gone.configuration()
    with pytest.raises(NotSent) as caught:
        client(config, retry=Retry(attempts=1)).generate("a heron", model="sglang:glm-image")
    assert caught.value.charged is NO
