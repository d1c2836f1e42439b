"""PowerTokens and Token360: what they answer, and what they refuse."""

from __future__ import annotations

import json

import pytest
import urllib3

POWERTOKENS = "powertokens/v1/images/generations"
TOKEN360 = "token360/v1/images/generations"


# --- what they answer --------------------------------------------------------------------------


def test_powertokens_answers_with_links_sizes_and_metadata(ask, order, seen):
    document = ask("POST", POWERTOKENS, order(POWERTOKENS)).json()
    assert document.keys() == {"created", "data", "metadata"}
    (item,) = document["data"]
    assert item.keys() == {"url", "size"}
    assert item["size"] == "1024x1024"
    fetched = urllib3.request("GET", item["url"])
    assert fetched.headers["content-type"] == "image/jpeg"
    assert seen(fetched.data) == ("JPEG", (1024, 1024))


def test_token360_answers_with_the_model_and_what_was_used(ask, order):
    document = ask("POST", TOKEN360, order(TOKEN360)).json()
    assert document.keys() == {"created", "model", "data", "usage"}
    assert document["model"] == "seedream-4.0"
    assert [item.keys() for item in document["data"]] == [{"url"}]
    assert document["usage"] == {
        "generated_images": 1,
        "output_tokens": 4096,  # 1024 * 1024 / 256
        "total_tokens": 4096,
    }


def test_b64_json_is_the_bare_picture(ask, path, order, seen):
    body = order(path, response_format="b64_json")
    (item,) = ask("POST", path, body).json()["data"]
    assert "url" not in item
    assert seen(item["b64_json"]) == ("JPEG", (1024, 1024))


def test_the_same_order_gives_the_same_picture(ask, path, order):
    bodies = [order(path, response_format="b64_json", seed=seed) for seed in (7, 7, 8)]
    first, again, other = (ask("POST", path, body).json()["data"] for body in bodies)
    assert first == again != other


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({}, 1),
        ({"prompt": "five herons"}, 1),
        ({"prompt": "five herons", "sequential_image_generation": "auto"}, 5),
        ({"prompt": "a heron", "sequential_image_generation": "auto"}, 1),
        (
            {
                "prompt": "4 herons",
                "sequential_image_generation": "auto",
                "sequential_image_generation_options": {"max_images": 3},
            },
            3,
        ),
        ({"n": 4}, 1),  # not in the contract, and ignored
    ],
)
def test_a_group_has_as_many_pictures_as_the_prompt_asks_for(ask, upstreams, fields, count, order):
    """Auto lets the model decide; the options are no more than a limit."""
    answer = ask("POST", POWERTOKENS, order(POWERTOKENS, **fields))
    assert len(answer.json()["data"]) == count
    assert upstreams.ledger.pictures == count


@pytest.mark.parametrize(
    ("body", "pixels"),
    [
        ({"model": "kling-image-o1", "prompt": "a heron", "size": "2K"}, (2048, 2048)),
        ({"model": "nano-banana-pro", "prompt": "a heron", "ratio": "16:9"}, (1360, 768)),
        ({"model": "glm-image", "prompt": "a heron"}, (1280, 1280)),
        ({"model": "dola-seedream-5.0-lite", "prompt": "a heron", "size": "2k"}, (2048, 2048)),
    ],
)
def test_token360_serves_the_models_of_its_page(ask, body, pixels, seen):
    (item,) = ask("POST", TOKEN360, body).json()["data"]
    assert seen(urllib3.request("GET", item["url"]).data)[1] == pixels


def test_null_is_as_good_as_nothing(ask, order):
    assert ask("POST", POWERTOKENS, order(POWERTOKENS, seed=None, image=None)).status == 200


def test_what_a_host_does_not_read_is_ignored_and_told_in_the_journal(ask, upstreams, order):
    ask("POST", POWERTOKENS, order(POWERTOKENS, n=4, aspect_ratio="16:9"))
    ask("POST", TOKEN360, order(TOKEN360, quality="hd"))
    assert [line.ignored for line in upstreams.journal.entries] == [
        ("n", "aspect_ratio"),
        ("quality",),
    ]


def test_without_a_seed_each_picture_is_another(ask, path, order):
    """Three of one request as well as three requests: a mixed-up index would be seen."""
    body = order(path, prompt="three herons", sequential_image_generation="auto")
    answers = [ask("POST", path, {**body, "response_format": "b64_json"}) for _ in range(2)]
    assert len({one["b64_json"] for answer in answers for one in answer.json()["data"]}) == 6


# --- what they refuse --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"size": "512x512"}, "image size must be at least 921600 pixels"),
        ({"size": "8192x8192"}, "image size must be at most 16777216 pixels"),
        ({"size": "16384x900"}, "aspect ratio must be between 1/16 and 16"),
        ({"size": "3K"}, "size must be one of 'WIDTHxHEIGHT', '1k', '2k', '4k'"),
        ({"size": "1:1"}, "size must be one of"),
        ({"prompt": ["a heron"]}, "`prompt` specified in the request is not valid"),
        ({"prompt": None}, "missing the required parameter `prompt`"),
        ({"seed": 2147483648}, "must be between -1 and 2147483647"),
        ({"seed": "7"}, "must be between -1 and 2147483647"),
        ({"watermark": "no"}, "`watermark`"),
        ({"response_format": "png"}, "must be one of url, b64_json"),
        ({"output_format": "png"}, "not supported by the current model"),
        ({"image": "aGVyb24="}, "invalid url specified"),
        ({"image": ["https://pictures.example/a.png"] * 15}, "at most 14 images"),
        ({"sequential_image_generation": "on"}, "must be one of disabled, auto"),
        (
            {
                "sequential_image_generation": "auto",
                "sequential_image_generation_options": {"max_images": 16},
            },
            "max_images",
        ),
        (
            {
                "sequential_image_generation": "auto",
                "sequential_image_generation_options": {"max_images": 15},
                "image": "https://pictures.example/a.png",
            },
            "at most 14 here",  # references and pictures together are 15
        ),
    ],
)
def test_powertokens_refuses_what_seedream_does_not_take(refused, order, fields, words):
    error = refused(POWERTOKENS, order(POWERTOKENS, **fields))
    assert error["code"] == "InvalidParameter"
    assert words in error["message"]


@pytest.mark.parametrize(
    ("key", "status", "kind"),
    [
        (None, 401, "invalid_api_key"),
        ("bad-1", 401, "invalid_api_key"),
        ("broke-1", 402, "insufficient_balance"),
        ("frozen-1", 403, "api_key_frozen"),
        ("barred-1", 403, "model_access_denied"),
    ],
)
def test_token360_refuses_keys_in_its_own_words(ask, key, status, kind, order):
    answer = ask("POST", TOKEN360, order(TOKEN360), key=key)
    error = answer.json()["error"]
    assert (answer.status, error["type"], error["code"]) == (status, kind, str(status))


def test_a_model_nobody_knows(ask, path, order):
    answer = ask("POST", path, order(path, model="seedream-9"))
    assert answer.status == 404
    assert "model_not_found" in json.dumps(answer.json()["error"])


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object(ask, path, body):
    assert ask("POST", path, body).status == 400


def test_token360s_firewall_turns_references_away(ask, order):
    answer = ask("POST", TOKEN360, order(TOKEN360, image="https://pictures.example/a.png"))
    assert (answer.status, answer.headers["content-type"]) == (403, "text/html")


def test_token360_takes_references_in_native_mode(ask, order):
    body = order(TOKEN360, image="https://pictures.example/a.png")
    assert ask("POST", TOKEN360, body, Token360_Native_Params="yes").status == 200
    for nothing in (b"[]", b"{}"):
        refused = ask("POST", TOKEN360, nothing, Token360_Native_Params="true")
        assert "JSON object body is required" in refused.json()["error"]["message"]


def test_a_path_nobody_has(ask, upstreams):
    assert ask("POST", "token360/v2/images").json()["error"]["type"] == "not_found_error"
    assert [line.status for line in upstreams.journal.entries] == [404]
    assert "upstreams are /ark, /modelark, " in ask("GET", "elsewhere").json()["error"]["message"]


@pytest.mark.parametrize("path", ["powertokens/v1/models", "token360/v1/models"])
def test_the_list_of_models(ask, path):
    assert "seedream" in ask("GET", path).json()["data"][0]["id"]
    assert ask("GET", path, key=None).status == 401
