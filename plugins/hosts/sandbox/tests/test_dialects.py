"""Literal requests, as vendors' own clients and pages write them, at the sandbox's upstreams."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import urllib3
from imagekit_sandbox.serving import Upstreams
from PIL import Image as Pillow

Ask = Callable[..., urllib3.BaseHTTPResponse]


@pytest.fixture(scope="module")
def shared() -> Iterator[Upstreams]:
    with Upstreams() as upstreams:
        yield upstreams


@pytest.fixture
def upstreams(shared: Upstreams) -> Upstreams:
    shared.reset()
    return shared


@pytest.fixture
def ask(upstreams: Upstreams) -> Ask:
    def ask(method: str, path: str, body: Any = None, **given: Any) -> urllib3.BaseHTTPResponse:
        key = {"Authorization": "Bearer sk-of-mine", "x-goog-api-key": "sk-of-mine"}
        headers = {**key, **given.pop("headers", {})}
        if body is not None:
            given["json"] = body
        url = f"{upstreams.url}/{path}"
        return urllib3.request(method, url, headers=headers, retries=False, **given)

    return ask


def drawn(kind: str = "PNG", side: int = 16) -> bytes:
    file = io.BytesIO()
    Pillow.effect_noise((side, side), 90).convert("RGB").save(file, kind)
    return file.getvalue()


def format_of(content: str) -> str | None:
    with Pillow.open(io.BytesIO(base64.b64decode(content))) as opened:
        return opened.format


# --- gemini, as google-genai 3 asks ----------------------------------------------------------

FLASH = "gemini-3.1-flash-image"
HERON = {"contents": [{"role": "user", "parts": [{"text": "a heron"}]}]}


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_gemini_has_both_versions(ask, version):
    answer = ask("POST", f"gemini/{version}/models/{FLASH}:generateContent", HERON).json()
    (candidate,) = answer["candidates"]
    data = candidate["content"]["parts"][-1]["inlineData"]
    assert (candidate["finishReason"], format_of(data["data"])) == ("STOP", "JPEG")
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
def test_gemini_refuses_what_is_no_picture(ask, upstreams, data, words):
    part = {"inlineData": {"mimeType": "image/png", "data": data}}
    body = {"contents": [{"parts": [{"text": "by night"}, part]}]}
    answer = ask("POST", f"gemini/v1/models/{FLASH}:generateContent", body)
    assert (answer.status, words in answer.json()["error"]["message"]) == (400, True)
    assert upstreams.ledger.pictures == 0


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
    stopped = ask("POST", path, HERON, headers={"X-Sandbox-Fault": "moderated"}).json()
    assert stopped[0]["candidates"][0]["finishReason"] == "IMAGE_SAFETY"


# --- openai, as openai 3.57 asks ---------------------------------------------------------------

GENERATIONS, EDITS = "openai/v1/images/generations", "openai/v1/images/edits"
SUNBURST = {"model": "gpt-image-2.6-sunburst", "prompt": "a heron"}


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_openai_gives_the_format_that_was_asked_for(ask, kind):
    answer = ask("POST", GENERATIONS, {**SUNBURST, "output_format": kind}).json()
    assert answer["output_format"] == kind
    assert format_of(answer["data"][0]["b64_json"]) == kind.upper()


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
def test_openai_refuses_what_its_types_do_not_allow(ask, upstreams, fields, words):
    answer = ask("POST", GENERATIONS, {**SUNBURST, **fields})
    assert (answer.status, words in answer.json()["error"]["message"]) == (400, True)
    assert upstreams.ledger.entries == ()


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
def test_openais_edits_refuse_a_file_that_is_no_picture(ask, upstreams, name, kind, content, code):
    files = [("image", ("a.png", drawn(), "image/png")), (name, ("b", content, kind))]
    fields = [("model", "gpt-image-2"), ("prompt", "by night"), *files]
    answer = ask("POST", EDITS, fields=fields)
    assert (answer.status, answer.json()["error"]["code"]) == (400, code)
    assert upstreams.ledger.entries == ()


def test_openais_edits_refuse_a_data_url_that_is_no_picture(ask, upstreams):
    url = "data:image/png;base64," + base64.b64encode(b"hello").decode()
    body = {"model": "gpt-image-2", "prompt": "by night", "images": [{"image_url": url}]}
    assert ask("POST", EDITS, body).json()["error"]["code"] == "invalid_image_file"
    assert upstreams.ledger.entries == ()


# --- seedream and its gateways -----------------------------------------------------------------

SEEDREAM = {
    "powertokens/v1/images/generations": "seedream-4-0-250828",
    "token360/v1/images/generations": "seedream-4.0",
    "ark/api/v3/images/generations": "doubao-seedream-4-0-250828",
}
each_seedream = pytest.mark.parametrize("path", SEEDREAM)


@pytest.mark.parametrize("model", [{}, {"model": None}, {"model": ["seedream"]}, {"model": ""}])
@each_seedream
def test_a_body_without_a_model_is_as_wrong_as_one_without_a_prompt(ask, path, model):
    answer = ask("POST", path, {"prompt": "a heron", **model})
    assert answer.status == 400
    assert "missing the required parameter `model`" in answer.json()["error"]["message"]


@each_seedream
def test_a_data_url_whose_bytes_are_no_picture_is_refused(ask, upstreams, path):
    image = "data:image/png;base64," + base64.b64encode(b"hello").decode()
    body = {"model": SEEDREAM[path], "prompt": "by night", "image": image}
    headers = {"Token360-Native-Params": "true"}
    answer = ask("POST", path, body, headers=headers)
    assert (answer.status, answer.json()["error"]["param"]) == (400, "image")
    assert upstreams.ledger.entries == ()


def test_modelark_has_seedream_5_5_with_a_background_of_its_own(ask):
    body = {"model": "dola-seedream-5-5-261028", "prompt": "a heron", "background": "auto"}
    path = "modelark/api/v3/images/generations"
    (item,) = ask("POST", path, {**body, "response_format": "b64_json"}).json()["data"]
    assert (format_of(item["b64_json"]), item["size"]) == ("PNG", "2048x2048")
    assert ask("POST", path, {**body, "background": "transparent"}).status == 200
    assert ask("POST", path, {**body, "stream": True}).status == 400


# --- the journal of a form, and who may read it --------------------------------------------------


def test_the_journal_tells_the_fields_of_a_form_and_the_sizes_of_its_files(ask, upstreams):
    picture = drawn()
    files = [("image[]", ("a.png", picture, "image/png"))]
    fields = [("model", "gpt-image-2"), ("prompt", "why sk-of-mine?"), ("user", "me"), *files]
    assert ask("POST", EDITS, fields=fields).status == 200
    (line,) = upstreams.journal.entries
    about = {"filename": "a.png", "type": "image/png", "bytes": len(picture)}
    assert line.body == [
        {"name": "model", "value": "gpt-image-2"},
        {"name": "prompt", "value": "why ***?"},
        {"name": "user", "value": "me"},
        {"name": "image[]", **about},
    ]
    assert [entry.name for entry in upstreams.ledger.entries] == ["me"]


def test_neither_journal_nor_ledger_keeps_a_key_wherever_it_stands(ask, upstreams):
    key = "sk-of-mine"
    body = {"contents": [{"parts": [{"text": f"a heron {key}"}]}], "api_key": "another-one"}
    ask("POST", f"gemini/v1/models/{FLASH}:generateContent?key={key}&of={key}", body)
    body = {"model_name": "kling-v3", "prompt": key * 300, "external_task_id": f"order-{key}"}
    ask("POST", "klingai/v1/images/generations", body)
    ask("GET", f"klingai/v1/images/generations/{key}")
    told = [ask("GET", f"_sandbox/{what}").data.decode() for what in ("journal", "ledger")]
    assert len(json.loads(told[0])["entries"]) == 3
    for text in told:
        assert key not in text
        assert "another-one" not in text


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:8765"},
        {"Host": "127.0.0.1.evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_strangers_page_can_neither_read_nor_reset(ask, upstreams, headers):
    ask("POST", GENERATIONS, SUNBURST)
    for method, path in [("GET", "journal"), ("GET", "ledger"), ("POST", "reset")]:
        answer = ask(method, f"_sandbox/{path}", headers=headers)
        assert answer.status == 403
        assert answer.json()["error"]["message"].startswith("sandbox: ")
    assert upstreams.ledger.pictures == 1


@pytest.mark.parametrize("host", ["localhost:8765", "[::1]:8765", "10.0.0.7", "sandbox:8765"])
def test_its_owner_can_by_any_name_of_his(ask, host):
    headers = {"Host": host, "Origin": f"http://{host}"}
    assert ask("POST", "_sandbox/reset", headers=headers).json() == {"reset": True}
