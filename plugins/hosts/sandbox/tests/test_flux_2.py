"""FLUX.2 at gateways: OpenRouter's images API, and fal's queue, as their pages write."""

from __future__ import annotations

import pytest
import urllib3

OPENROUTER = "openrouter/api/v1/images"
PRO = {"model": "black-forest-labs/flux.2-pro", "prompt": "a heron"}
SEEDREAM = {"model": "bytedance-seed/seedream-4.5", "prompt": "a heron"}
LINK = "https://pictures.example/1.png"
FAL = "fal/fal-ai/flux-2-pro"
KEY = {"Authorization": "Key key-1"}


# --- openrouter ----------------------------------------------------------------------------------


def test_openrouter_gives_base64_and_says_what_it_has_cost(ask, upstreams, seen):
    answer = ask("POST", OPENROUTER, {**PRO, "aspect_ratio": "16:9", "output_format": "png"}).json()
    (one,) = answer["data"]
    kind, (width, height) = seen(one["b64_json"])
    assert (kind, one["media_type"], width > height) == ("PNG", "image/png", True)
    assert answer["usage"]["cost"] == 0.03
    assert str(upstreams.ledger.entries[0].amount) == "0.03"


def test_openrouter_takes_references_as_objects(ask, refused):
    given = [{"type": "image_url", "image_url": {"url": LINK}}]
    assert (
        "objects of the type image_url"
        in refused(OPENROUTER, {**PRO, "input_references": [LINK]})["message"]
    )
    assert ask("POST", OPENROUTER, {**PRO, "input_references": given}).status == 200


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({**PRO, "resolution": "1K"}, "resolution: is not supported by this model"),
        ({**PRO, "aspect_ratio": "5:4"}, "aspect_ratio: must be one of 1:1"),
        ({**PRO, "n": 2}, "n: must be from 1 to 1"),
        ({**SEEDREAM, "resolution": "1K"}, "resolution: must be one of 2K, 4K"),
    ],
)
def test_openrouter_refuses_what_its_catalogue_does_not_list(refused, body, words):
    assert refused(OPENROUTER, body)["message"].startswith(words)


def test_openrouter_has_the_status_as_its_code(ask):
    answer = ask("POST", OPENROUTER, {**PRO, "model": "nobody/nothing"})
    assert (answer.status, answer.json()["error"]["code"]) == (404, 404)
    assert PRO["model"] in [one["id"] for one in ask("GET", f"{OPENROUTER}/models").json()["data"]]


# --- fal -----------------------------------------------------------------------------------------


def test_fal_gives_a_ticket_and_later_the_pictures(ask, upstreams, seen):
    body = {"prompt": "a heron", "image_size": {"width": 1024, "height": 768}, "seed": 7}
    ticket = ask("POST", FAL, body, **KEY).json()
    assert ticket["status"] == "IN_QUEUE"
    looks = [urllib3.request("GET", ticket["status_url"], headers=KEY) for _ in range(2)]
    said = [(look.status, look.json()["status"]) for look in looks]
    assert said == [(202, "IN_PROGRESS"), (200, "COMPLETED")]
    made = urllib3.request("GET", ticket["response_url"], headers=KEY).json()
    (one,) = made["images"]
    assert (made["seed"], one["width"], one["height"]) == (7, 1024, 768)
    assert seen(urllib3.request("GET", one["url"]).data) == ("JPEG", (1024, 768))
    assert upstreams.ledger.entries[0].id == ticket["request_id"]


def test_fal_links_have_owner_and_app_of_the_model_alone(ask):
    body = {"prompt": "a heron", "image_urls": [LINK]}
    ticket = ask("POST", "fal/fal-ai/bytedance/seedream/v4.5/edit", body, **KEY).json()
    assert f"/fal/fal-ai/bytedance/requests/{ticket['request_id']}" in ticket["response_url"]


def test_fal_has_a_job_that_failed_completed_and_its_result_the_error(ask, upstreams):
    ticket = ask("POST", FAL, {"prompt": "a heron"}, X_Sandbox_Fault="job-fails", **KEY).json()
    states = [urllib3.request("GET", ticket["status_url"], headers=KEY).json() for _ in range(2)]
    assert states[1]["status"] == "COMPLETED"
    result = urllib3.request("GET", ticket["response_url"], headers=KEY, retries=False)
    assert (result.status, result.json()["error_type"]) == (500, "runner_disconnected")
    assert upstreams.ledger.entries == ()


@pytest.mark.parametrize(
    ("path", "fields", "words"),
    [
        (FAL, {"image_size": {"width": 1000, "height": 1000}}, "multiples of 16"),
        (FAL, {"image_size": "huge"}, "must be an object, or one of square_hd"),
        (f"{FAL}/edit", {}, "must be 1 to 8"),
        ("fal/fal-ai/bytedance/seedream/v4.5/text-to-image", {"num_images": 7}, "from 1 to 6"),
    ],
)
def test_fal_says_what_is_wrong_in_a_list(ask, upstreams, path, fields, words):
    answer = ask("POST", path, {"prompt": "a heron", **fields}, **KEY)
    (problem,) = answer.json()["detail"]
    assert (answer.status, words in problem["msg"], problem["type"]) == (422, True, "value_error")
    assert upstreams.ledger.entries == ()


def test_fal_takes_no_bearer(ask):
    assert ask("POST", FAL, {"prompt": "a heron"}).status == 401


def test_fal_has_faults_behind_the_model_in_the_address(ask):
    assert ask("POST", f"{FAL}!429:2", {"prompt": "a heron"}, **KEY).status == 429
    assert ask("POST", f"{FAL}!429:2/edit", {"prompt": "a heron"}, **KEY).status == 429
