"""Literal requests, as vendors' own clients and pages write them, at the sandbox's upstreams."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import imagekit_sandbox
import pytest
from PIL import Image as Pillow


def drawn(kind: str = "PNG", side: int = 16) -> bytes:
    file = io.BytesIO()
    Pillow.effect_noise((side, side), 90).convert("RGB").save(file, kind)
    return file.getvalue()


def test_it_is_a_reading_of_its_own():
    """What a host does is not taken from the code that is to be tested against it."""
    folder = Path(imagekit_sandbox.__file__).parent / "serving"
    sources = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py")]
    assert len(sources) > 10
    for other in ("imagekit.wires", "imagekit_powertokens", "imagekit_token360"):
        assert not [source for source in sources if other in source]


# --- gemini, as google-genai 3 asks ----------------------------------------------------------

FLASH = "gemini-3.1-flash-image"
HERON = {"contents": [{"role": "user", "parts": [{"text": "a heron"}]}]}


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_gemini_has_both_versions(ask, version, seen):
    answer = ask("POST", f"gemini/{version}/models/{FLASH}:generateContent", HERON).json()
    (candidate,) = answer["candidates"]
    data = candidate["content"]["parts"][-1]["inlineData"]
    assert (candidate["finishReason"], seen(data["data"])[0]) == ("STOP", "JPEG")
    assert FLASH in [
        one["name"].removeprefix("models/")
        for one in ask("GET", f"gemini/{version}/models").json()["models"]
    ]
    missing = ask("POST", f"gemini/{version}/models/gemini-9:generateContent", HERON)
    assert f"not found for API version {version}" in missing.json()["error"]["message"]


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_gemini_takes_base64_of_either_alphabet_padded_or_not(ask, upstreams, encode, padded):
    picture = drawn() + b"\xfb\xff\xfe" * 4 + b"\xff"  # with + and /, and in need of padding
    data = encode(picture).decode()
    assert {*"+/-_"} & {*data}
    part = {"inlineData": {"mimeType": "image/png", "data": data if padded else data.rstrip("=")}}
    body = {"contents": [{"parts": [{"text": "by night"}, part]}]}
    assert ask("POST", f"gemini/v1/models/{FLASH}:generateContent", body).status == 200
    assert upstreams.ledger.pictures == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("a heron!", "Base64 decoding failed"),
        (base64.b64encode(b"hello, I am no picture").decode(), "Unable to process input image"),
    ],
)
def test_gemini_refuses_what_is_no_picture(refused, data, words):
    part = {"inlineData": {"mimeType": "image/png", "data": data}}
    body = {"contents": [{"parts": [{"text": "by night"}, part]}]}
    assert words in refused(f"gemini/v1/models/{FLASH}:generateContent", body)["message"]


def test_gemini_describes_a_model(ask):
    found = ask("GET", f"gemini/v1/models/{FLASH}").json()
    assert found["name"] == f"models/{FLASH}"
    assert "generateContent" in found["supportedGenerationMethods"]
    assert ask("GET", "gemini/v1/models/gemini-9").status == 404


@pytest.mark.parametrize("whole", [False, True])
def test_gemini_counts_tokens_and_bills_nothing(ask, upstreams, whole):
    body = {"generateContentRequest": {"model": f"models/{FLASH}", **HERON}} if whole else HERON
    assert ask("POST", f"gemini/v1/models/{FLASH}:countTokens", body).json()["totalTokens"] == 2
    assert upstreams.ledger.entries == ()


def test_gemini_streams_as_events_or_as_an_array(ask, upstreams):
    path = f"gemini/v1/models/{FLASH}:streamGenerateContent"
    events = ask("POST", f"{path}?alt=sse", HERON)
    assert events.headers["content-type"] == "text/event-stream"
    frames = events.data.decode().split("\r\n\r\n")
    assert frames.pop() == ""
    chunks = [json.loads(frame.removeprefix("data: ")) for frame in frames]
    array = ask("POST", path, HERON)
    assert array.headers["content-type"].startswith("application/json")
    for answers in (chunks, array.json()):
        first, last = (one["candidates"][0] for one in answers)
        assert first["content"]["parts"] == [{"text": "Here is your picture: "}]
        assert "finishReason" not in first
        assert last["content"]["parts"][0]["inlineData"]["mimeType"] == "image/jpeg"
        assert (last["finishReason"], "usageMetadata" in answers[-1]) == ("STOP", True)
    assert upstreams.ledger.pictures == 2
    stopped = ask("POST", path, HERON, X_Sandbox_Fault="moderated").json()
    assert stopped[0]["candidates"][0]["finishReason"] == "IMAGE_SAFETY"


# --- openai, as openai 3.57 asks ---------------------------------------------------------------

GENERATIONS, EDITS = "openai/v1/images/generations", "openai/v1/images/edits"
SUNBURST = {"model": "gpt-image-2.6-sunburst", "prompt": "a heron"}


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_openai_gives_the_format_that_was_asked_for(ask, kind, seen):
    answer = ask("POST", GENERATIONS, {**SUNBURST, "output_format": kind}).json()
    assert answer["output_format"] == kind
    assert seen(answer["data"][0]["b64_json"])[0] == kind.upper()


@pytest.mark.parametrize("model", ["gpt-image-1", "dall-e-2", "dall-e-3"])
def test_openai_says_of_a_model_that_was_shut_down_that_it_was(ask, model):
    for answer in (
        ask("POST", GENERATIONS, {"model": model, "prompt": "a heron"}),
        ask("GET", f"openai/v1/models/{model}"),
    ):
        error = answer.json()["error"]
        assert (answer.status, error["code"]) == (404, "model_not_found")
        assert f"The model `{model}` has been deprecated, learn more here:" in error["message"]


def test_openais_newest_models_take_their_newest_fields(ask):
    fields = {"quality": "max", "complexity": "high", "safety_identifier": "hash-7"}
    answer = ask("POST", GENERATIONS, {**SUNBURST, **fields, "background": "auto"}).json()
    assert (answer["quality"], answer["background"]) == ("max", "opaque")
    assert answer["safety_identifier"] == "hash-7"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"output_format": "gif", "frame_count": 4}, "sandbox: it draws no gif"),
        ({"output_format": "svg"}, "sandbox: it draws no svg"),
        ({"frame_count": 4}, "only supported with output_format=gif"),
        ({"svg": {"model": "gpt-6"}}, "only supported with output_format=svg"),
        ({"output_format": "bmp"}, "must be one of png, webp, jpeg, gif, svg"),
        ({"model": "gpt-image-2", "quality": "max"}, "must be one of low, medium, high, auto"),
        ({"output_compression": 101}, "must be from 0 to 100"),
        ({"partial_images": [1]}, "must be from 0 to 3"),
        ({"model": None}, "you must provide a model parameter"),
        ({"response_format": "url"}, "Unknown parameter: 'response_format'"),
    ],
)
def test_openai_refuses_what_its_types_do_not_allow(refused, fields, words):
    assert words in refused(GENERATIONS, {**SUNBURST, **fields})["message"]


def test_openai_describes_its_models(ask):
    listed = ask("GET", "openai/v1/models").json()["data"]
    assert {"gpt-image-2.6-flare", "gpt-image-2.5-sunburst"} < {one["id"] for one in listed}
    for one in listed:
        assert ask("GET", f"openai/v1/models/{one['id']}").json() == one
        assert one["created"] > 1_750_000_000


@pytest.mark.parametrize(
    ("name", "kind", "content", "code"),
    [
        ("image", "text/plain", b"hello", "unsupported_file_mimetype"),
        ("image", "image/png", b"hello", "invalid_image_file"),
        ("mask", "image/jpeg", drawn("JPEG"), "invalid_image_file"),
    ],
)
def test_openais_edits_refuse_a_file_that_is_no_picture(refused, name, kind, content, code):
    files = [("image", ("a.png", drawn(), "image/png")), (name, ("b", content, kind))]
    fields = [("model", "gpt-image-2"), ("prompt", "by night"), *files]
    assert refused(EDITS, fields=fields)["code"] == code


def test_openais_edits_refuse_a_data_url_that_is_no_picture(refused):
    url = "data:image/png;base64," + base64.b64encode(b"hello").decode()
    body = {"model": "gpt-image-2", "prompt": "by night", "images": [{"image_url": url}]}
    assert refused(EDITS, body)["code"] == "invalid_image_file"


# --- seedream and its gateways -----------------------------------------------------------------

SEEDREAM = {
    "powertokens/v1/images/generations": "seedream-4-0-250828",
    "token360/v1/images/generations": "seedream-4.0",
    "ark/api/v3/images/generations": "doubao-seedream-4-0-250828",
}
each_seedream = pytest.mark.parametrize("path", SEEDREAM)


@pytest.mark.parametrize("model", [{}, {"model": None}, {"model": ["seedream"]}, {"model": ""}])
@each_seedream
def test_a_body_without_a_model_is_as_wrong_as_one_without_a_prompt(refused, path, model):
    error = refused(path, {"prompt": "a heron", **model})
    assert "missing the required parameter `model`" in error["message"]


@each_seedream
def test_a_data_url_whose_bytes_are_no_picture_is_refused(refused, path):
    image = "data:image/png;base64," + base64.b64encode(b"hello").decode()
    body = {"model": SEEDREAM[path], "prompt": "by night", "image": image}
    assert refused(path, body, Token360_Native_Params="true")["param"] == "image"


def test_modelark_has_seedream_5_5_with_a_background_of_its_own(ask, seen):
    body = {"model": "dola-seedream-5-5-261028", "prompt": "a heron", "background": "auto"}
    path = "modelark/api/v3/images/generations"
    (item,) = ask("POST", path, {**body, "response_format": "b64_json"}).json()["data"]
    assert (seen(item["b64_json"])[0], item["size"]) == ("PNG", "2048x2048")
    assert ask("POST", path, {**body, "background": "transparent"}).status == 200
    assert ask("POST", path, {**body, "stream": True}).status == 400


# --- kling


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"watermark_info": "yes"}, "watermark_info must be {enabled: true or false}"),
        ({"external_task_id": 7}, "external_task_id must be a text"),
        ({"resolution": ["1k"]}, "resolution value ['1k'] is invalid"),
        ({"element_list": 7}, "element_list must be a list"),
        ({"image_fidelity": "high"}, "image_fidelity must be from 0 to 1"),
    ],
)
def test_kling_refuses_what_is_of_another_type(refused, fields, words):
    body = {"model_name": "kling-v2-1", "prompt": "a heron", **fields}
    error = refused("klingai/v1/images/generations", body)
    assert error["code"] == 1201
    assert words in error["message"]
