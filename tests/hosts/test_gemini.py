"""The Gemini API from a call to the picture, over sockets, at the sandbox's upstream."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
import urllib3
from imagekit_sandbox.serving import Rule, Upstreams

from imagekit import (
    AuthenticationError,
    BillingError,
    Blob,
    Charged,
    Client,
    HostSettings,
    HostUnavailable,
    ImagekitError,
    InvalidRequest,
    MissingCredential,
    ModelUnavailable,
    Moderated,
    NoPictures,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    RejectedRequest,
    Result,
    Retry,
    UnreadableAnswer,
)
from imagekit.testing import picture
from imagekit.values.plain.convert import to_plain

NO, MAYBE = Charged.NO, Charged.MAYBE
FLASH, PRO = "gemini:nano-banana", "gemini:nano-banana-pro"


def draw(client: Client, model: str = FLASH, **given: Any) -> Result:
    return client.generate("a heron", model=model, **given)


# --- what comes back --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "asked", "pixels", "kind"),
    [
        (FLASH, {}, (1024, 1024), "image/png"),
        (FLASH, {"ratio": "9:16"}, (768, 1344), "image/png"),
        (PRO, {"size": "2752x1536"}, (2752, 1536), "image/jpeg"),
        ("gemini:nano-banana-2", {"ratio": "1:8", "resolution": "512"}, (192, 1536), "image/jpeg"),
        ("gemini:nano-banana-2-lite", {"ratio": "3:2"}, (1264, 848), "image/jpeg"),
        ("gemini:nano-banana-2.1", {"ratio": "8:1", "resolution": "2K"}, (6144, 768), "image/jpeg"),
    ],
)
def test_every_model_draws_what_was_asked_for(client, upstreams, model, asked, pixels, kind):
    result = draw(client(upstreams), model, **asked)
    assert (result.image.pixels, result.image.media_type) == (pixels, kind)
    assert upstreams.ledger.pictures == 1


def test_the_key_is_in_a_header_and_nowhere_in_the_address(client, upstreams):
    draw(client(upstreams, credentials={"gemini": "my-own-key"}))
    (line,) = upstreams.journal.entries
    assert (line.query, line.headers["x-goog-api-key"]) == ({}, "***")
    assert "authorization" not in line.headers


def test_a_signature_of_a_megabyte_is_kept_verbatim_and_told_briefly(client, upstreams):
    result = draw(client(upstreams), PRO)
    signature = result.image.metadata["thoughtSignature"]
    assert isinstance(signature, Blob)
    assert signature.read() == b"c2ln" * 300_000
    told = json.dumps([to_plain(result.image), to_plain(result.metadata)])
    assert signature.sha256 in told
    assert len(told) < 2_000


def test_thoughts_are_no_results(client, upstreams):
    config = {"thinkingConfig": {"includeThoughts": True}}
    result = draw(client(upstreams), PRO, native={"generationConfig": config})
    assert len(result.images) == 1
    parts = result.metadata["candidates"][0]["content"]["parts"]
    assert [part["text"] for part in parts] == ["First a draft.", "Here is your picture: "]


def test_usage_is_told_with_the_shares_of_its_modalities(client, upstreams):
    result = draw(client(upstreams))
    assert (result.usage.output_tokens, result.usage.total_tokens) == (1302, 1304)
    shares = result.metadata["usageMetadata"]["candidatesTokensDetails"]
    assert shares == [{"modality": "IMAGE", "tokenCount": 1290}]


def test_what_it_cost_is_reckoned_from_the_tokens_that_were_counted(client, upstreams):
    result = draw(client(upstreams))
    sent, words, drawn = 2, 12, 1290  # of which a million cost 0.30, 2.50 and 30 dollars
    expected = (sent * Decimal("0.3") + words * Decimal("2.5") + drawn * 30) / 1_000_000
    assert (result.cost.amount, result.cost.currency) == (expected, "USD")


def test_more_pictures_are_more_calls_with_seeds_that_count_on(client, upstreams):
    result = draw(client(upstreams), n=3, seed=7)
    assert [image.index for image in result.images] == [0, 1, 2]
    assert len({image.blob.sha256 for image in result.images}) == 3
    seeds = [line.body["generationConfig"]["seed"] for line in upstreams.journal.entries]
    assert sorted(seeds) == [7, 8, 9]


@pytest.mark.parametrize("seed", [-7, -1])
def test_a_seed_below_zero_is_one_like_another_here(client, upstreams, seed):
    draw(client(upstreams), n=3, seed=seed)
    seeds = [line.body["generationConfig"]["seed"] for line in upstreams.journal.entries]
    assert sorted(seeds) == [seed, seed + 1, seed + 2]


def test_references_arrive_as_bytes_and_as_the_uri_of_a_file(client, upstreams):
    result = draw(client(upstreams), image=[picture(2, 1), "https://pictures.example/a.png"])
    assert result.receipt["image"].note == "bytes travel as base64"
    _, inline, linked = upstreams.journal.entries[0].body["contents"][0]["parts"]
    assert inline["inlineData"]["mimeType"] == "image/png"
    assert linked == {"fileData": {"fileUri": "https://pictures.example/a.png"}}


def test_references_that_are_too_large_together_are_refused_before_anything_is_sent(
    client, upstreams
):
    large = picture() + bytes(40_000_000)  # which PNG allows
    with pytest.raises(InvalidRequest, match="at most 100,000,000 are taken"):
        draw(client(upstreams), image=[large, large])
    assert upstreams.journal.entries == ()


# --- no picture ---------------------------------------------------------------------------------


def test_words_instead_of_a_picture_are_told(client, upstreams):
    with pytest.raises(NoPictures, match="it answered in words: A heron, described") as caught:
        draw(client(upstreams), options={"response_modalities": ["TEXT"]})
    assert caught.value.vendor_message == "A heron, described in words."
    assert caught.value.request_id
    assert upstreams.ledger.pictures == 0


#: fault -> error, charged, retryable, pictures billed all the same, requests when patient.
ENDS: dict[str, tuple[type[ImagekitError], Charged, bool, int, int]] = {
    "401": (AuthenticationError, NO, False, 0, 1),
    "402": (BillingError, NO, False, 0, 1),
    "403": (PermissionDenied, NO, False, 0, 1),
    "404": (ModelUnavailable, NO, False, 0, 1),
    "429:7": (RateLimited, NO, True, 0, 5),
    "500": (HostUnavailable, MAYBE, True, 0, 1),
    "502": (HostUnavailable, MAYBE, False, 0, 1),
    "503": (HostUnavailable, NO, True, 0, 5),
    "504": (HostUnavailable, MAYBE, True, 0, 1),
    "html:403": (PermissionDenied, MAYBE, False, 0, 1),
    "html:200": (UnreadableAnswer, MAYBE, False, 0, 1),
    "error-200": (HostUnavailable, MAYBE, True, 0, 1),
    "moderated": (Moderated, MAYBE, False, 0, 1),
    "lost": (OutcomeUnknown, MAYBE, False, 1, 1),
    "lost:502": (HostUnavailable, MAYBE, False, 1, 1),
    "truncated": (UnreadableAnswer, MAYBE, False, 1, 1),
    "truncated-base64": (UnreadableAnswer, MAYBE, False, 1, 1),
}


@pytest.mark.parametrize("fault", ENDS)
def test_no_picture_is_the_error_it_deserves_and_nothing_is_bought_twice(client, fault):
    error, charged, retryable, billed, sent = ENDS[fault]
    with Upstreams([Rule(fault)]) as upstreams, pytest.raises(error) as caught:
        draw(client(upstreams, retry=Retry(attempts=5)))
    assert type(caught.value) is error
    assert (caught.value.charged, caught.value.retryable) == (charged, retryable)
    assert (upstreams.ledger.pictures, len(upstreams.journal.entries)) == (billed, sent)


def test_a_busy_host_is_asked_again_after_the_time_it_names_in_the_body(client, naps):
    with Upstreams([Rule("429:3.5", times=2)]) as upstreams:
        assert draw(client(upstreams)).images
    assert naps == [3.5, 3.5]
    assert [line.status for line in upstreams.journal.entries] == [429, 429, 200]


def test_one_refused_call_of_three_leaves_two_pictures(client):
    with Upstreams([Rule("moderated", after=1, times=1)]) as upstreams:
        result = draw(client(upstreams), n=3)
    assert len(result.images) == 2
    (failure,) = result.failures
    assert (failure.code, failure.moderated) == ("IMAGE_SAFETY", True)
    assert upstreams.ledger.pictures == 2


def test_a_smaller_picture_than_asked_is_noted(client):
    with Upstreams([Rule("smaller")]) as upstreams:
        result = draw(client(upstreams), ratio="16:9")
    assert result.notes[-1] == "picture 1: asked for 1344x768, got 672x384"


# --- keys, ids, fields ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "error", "code"),
    [
        ("bad-1", AuthenticationError, "API_KEY_INVALID"),
        ("frozen-1", AuthenticationError, "PERMISSION_DENIED"),
        ("broke-1", BillingError, "RESOURCE_EXHAUSTED"),
        ("barred-1", PermissionDenied, "PERMISSION_DENIED"),
    ],
)
def test_a_key_that_does_not_work(client, upstreams, key, error, code):
    with pytest.raises(error) as caught:
        draw(client(upstreams, credentials={"gemini": key}))
    assert (caught.value.code, caught.value.charged) == (code, NO)


def test_no_key_at_all_says_how_to_give_one(installed):
    with (
        Client(plugins=installed, environment={}) as client,
        pytest.raises(MissingCredential, match="GEMINI_API_KEY"),
    ):
        draw(client)


def test_the_upstream_itself_refuses_a_request_without_a_key(upstreams):
    url = f"{upstreams.hosts['gemini']}/models/gemini-2.5-flash-image:generateContent"
    answer = urllib3.request("POST", url, body=b"{}")
    assert (answer.status, answer.json()["error"]["status"]) == (403, "PERMISSION_DENIED")


def test_an_id_that_is_gone(upstreams):
    mine = HostSettings(upstreams.hosts["gemini"], remote_ids={"nano-banana": "gemini-0"})
    gone = Client(hosts={"gemini": mine}, credentials={"gemini": "a-key"}, environment={})
    with gone, pytest.raises(ModelUnavailable, match="models/gemini-0 is not found"):
        draw(gone)


@pytest.mark.parametrize(
    "native",
    [
        {"generation_config": {"image_config": {"aspect_ratio": "3:1"}}},
        {"generationConfig": {"imageConfig": {"personGeneration": "ALLOW_ALL"}}},
        {"generationConfig": {"candidateCount": 2}},
        {"generationConfig": {"responseModalities": ["image"]}},
        {"generationConfig": {"responseModalities": "IMAGE"}},
        {"generationConfig": {"imageConfig": {"imageSize": "2K"}}},  # 2.5 has no sizes
        {"n": 2},
    ],
    ids=str,
)
def test_what_the_upstream_does_not_take_is_told_in_its_words(client, upstreams, native):
    with pytest.raises(RejectedRequest) as caught:
        draw(client(upstreams), native=native)
    assert (caught.value.code, caught.value.charged) == ("INVALID_ARGUMENT", NO)


@pytest.mark.parametrize("parts", [5, [{"inlineData": {"mimeType": "image/png", "data": "a"}}]])
def test_the_upstream_itself_refuses_parts_that_are_none(upstreams, parts):
    url = f"{upstreams.hosts['gemini']}/models/gemini-2.5-flash-image:generateContent"
    body = json.dumps({"contents": [{"parts": parts}]})
    answer = urllib3.request("POST", url, body=body, headers={"x-goog-api-key": "a-key"})
    assert (answer.status, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_snake_case_is_taken_as_well(client, upstreams):
    config = {"image_config": {"aspect_ratio": "16:9"}}
    result = draw(client(upstreams), native={"generation_config": config})
    assert result.image.pixels == (1344, 768)
