"""Answers that differ from the pages of their host, as gateways and newer versions write them."""

from __future__ import annotations

import json

import pytest

from imagekit import (
    BillingError,
    Client,
    HostError,
    HostSettings,
    Moderated,
    NoPictures,
    PermissionDenied,
    RateLimited,
    RejectedRequest,
    Usage,
)
from imagekit.testing import Answer, Loopback, picture_base64

GEMINI, ZAI, KLING = "gemini:nano-banana-pro", "zai:cogview-4", "klingai:kling-v3"
OPENAI = "openai:gpt-image-2"
PICTURE = picture_base64(3, 2)
ENDLESS = "9" * 5000


def came(route, document, status=200):
    """The result of one call that is answered so, or its error."""
    host = route.partition(":")[0]
    body = json.dumps(document).replace('"endless"', ENDLESS)
    with (
        Loopback(Answer(status, body=body.encode())) as server,
        Client(
            environment={},
            hosts={host: HostSettings(base_url=server.url)},
            credentials={host: "a-key"},
            sleep=lambda seconds: None,
        ) as client,
    ):
        try:
            return client.generate("a heron", model=route, fetch=False)
        except HostError as error:
            return error


def candidate(**more):
    part = {"inlineData": {"mimeType": "image/png", "data": PICTURE}}
    return {"candidates": [{"content": {"parts": [part]}, "finishReason": "STOP"}], **more}


EMPTY = [{"code": "", "message": ""}, {"code": None, "message": None}, {}, "", None]


@pytest.mark.parametrize("error", EMPTY)
def test_an_error_that_says_nothing_costs_no_picture(error):
    assert came(GEMINI, candidate(error=error)).image.pixels == (3, 2)
    assert came(ZAI, {"data": [{"b64_json": PICTURE}], "error": error}).image.pixels == (3, 2)
    assert came(OPENAI, {"data": [{"b64_json": PICTURE}], "error": error}).image.pixels == (3, 2)


def test_a_number_without_an_end_costs_no_picture():
    """Python reads none of more than 4,300 digits."""
    endless = {"total_tokens": "endless", "totalTokenCount": "endless"}
    for result in (
        came(GEMINI, candidate(usageMetadata=endless)),
        came(OPENAI, {"data": [{"b64_json": PICTURE}], "usage": endless}),
    ):
        assert (result.image.pixels, result.usage.total_tokens) == ((3, 2), None)


@pytest.mark.parametrize("said", [-1, 10**9 + 1, 10**30, 7.0, True, "7"])
def test_a_count_that_none_can_be_is_not_known(said):
    names = ("generated_images", "input_images", "input_tokens", "output_tokens", "total_tokens")
    shares = {"text_tokens": said, "image_tokens": said}
    usage = {**dict.fromkeys(names, said), "input_tokens_details": shares}
    usage["output_tokens_details"] = shares
    assert came(OPENAI, {"data": [{"b64_json": PICTURE}], "usage": usage}).usage == Usage()
    listed = [{"modality": "IMAGE", "tokenCount": said}, {"modality": "TEXT", "tokenCount": said}]
    usage = {"candidatesTokenCount": said, "promptTokenCount": said, "totalTokenCount": said}
    usage |= {"candidatesTokensDetails": listed, "promptTokensDetails": listed}
    assert came(GEMINI, candidate(usageMetadata=usage)).usage == Usage()


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("MODEL_ARMOR", Moderated),
        ("ESCALATION", Moderated),
        ("safety", Moderated),
        ("IMAGE_SAFETY", Moderated),
        ("PUP_LIMITED_DISABLED", PermissionDenied),
        ("MALFORMED_RESPONSE", NoPictures),
    ],
)
def test_geminis_reasons_of_today(reason, error):
    assert type(came(GEMINI, {"candidates": [{"finishReason": reason}]})) is error


def test_zais_error_may_stand_flat_inside_of_a_success():
    error = came(ZAI, {"code": 1301, "msg": "unsafe", "success": False})
    assert (type(error), error.code, error.vendor_message) == (Moderated, "1301", "unsafe")


@pytest.mark.parametrize("route", [KLING, ZAI, OPENAI])
@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"error": "model overloaded"}, "model overloaded"),
        ({"detail": "no such field"}, "no such field"),
        ({"detail": [{"loc": ["body", "n"], "msg": "too many"}]}, "body.n: too many"),
    ],
)
def test_a_refusal_is_quoted_in_whatever_place_its_words_stand(route, said, words):
    error = came(route, said, status=400)
    assert (type(error), error.vendor_message) == (RejectedRequest, words)


@pytest.mark.parametrize(
    ("code", "error"),
    [(1102, BillingError), (1201, RejectedRequest), (1301, Moderated), (1302, RateLimited)],
)
def test_klings_codes_mean_the_same_with_http_200(code, error):
    assert type(came(KLING, {"code": code, "message": "no"})) is error


def test_a_hard_limit_on_billing_is_one():
    said = {"code": "billing_hard_limit_reached", "message": "no", "type": "invalid_request_error"}
    assert type(came(OPENAI, {"error": said}, status=400)) is BillingError
