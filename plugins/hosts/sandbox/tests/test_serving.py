"""The sandbox's upstreams by plain HTTP: what each host's pages say that it does."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import imagekit_sandbox
import pytest
import urllib3
from imagekit_sandbox.serving import Entry, Ledger, Rule, Scenario, Upstreams
from imagekit_sandbox.serving.faults.chooser import Chooser
from imagekit_sandbox.serving.kit.visit import Visit
from PIL import Image as Pillow

POWERTOKENS = "powertokens/v1/images/generations"
TOKEN360 = "token360/v1/images/generations"
SMALL = {"prompt": "a heron", "size": "1024x1024"}
SEEDREAM_40 = {POWERTOKENS: "seedream-4-0-250828", TOKEN360: "seedream-4.0"}

each_host = pytest.mark.parametrize("path", [POWERTOKENS, TOKEN360])


@pytest.fixture(scope="module")
def shared() -> Iterator[Upstreams]:
    with Upstreams() as upstreams:
        yield upstreams


@pytest.fixture
def upstreams(shared: Upstreams) -> Upstreams:
    shared.reset()
    return shared


@pytest.fixture
def ask(upstreams: Upstreams) -> Callable[..., urllib3.BaseHTTPResponse]:
    return asking(upstreams)


def asking(upstreams: Upstreams) -> Callable[..., urllib3.BaseHTTPResponse]:
    def ask(
        method: str, path: str, body: Any = None, key: str | None = "key-1", **headers: str
    ) -> urllib3.BaseHTTPResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            named["Authorization"] = f"Bearer {key}"
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        return urllib3.request(
            method,
            f"{upstreams.url}/{path}",
            body=content,
            headers=named,
            retries=False,
            redirect=False,
        )

    return ask


def order(path: str, **fields: Any) -> dict[str, Any]:
    return {"model": SEEDREAM_40[path], **SMALL, **fields}


def picture(content: bytes) -> tuple[str | None, tuple[int, int]]:
    with Pillow.open(io.BytesIO(content)) as opened:
        return opened.format, opened.size


def test_it_is_a_reading_of_its_own():
    """What a host does is not taken from the code that is to be tested against it."""
    folder = Path(imagekit_sandbox.__file__).parent / "serving"
    sources = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py")]
    assert len(sources) > 10
    for other in ("imagekit.wire", "imagekit_powertokens", "imagekit_token360"):
        assert not [source for source in sources if other in source]


# --- what they answer --------------------------------------------------------------------------


def test_powertokens_answers_with_links_sizes_and_metadata(ask):
    document = ask("POST", POWERTOKENS, order(POWERTOKENS)).json()
    assert document.keys() == {"created", "data", "metadata"}
    (item,) = document["data"]
    assert item.keys() == {"url", "size"}
    assert item["size"] == "1024x1024"
    fetched = urllib3.request("GET", item["url"])
    assert fetched.headers["content-type"] == "image/jpeg"
    assert picture(fetched.data) == ("JPEG", (1024, 1024))


def test_token360_answers_with_the_model_and_what_was_used(ask):
    document = ask("POST", TOKEN360, order(TOKEN360)).json()
    assert document.keys() == {"created", "model", "data", "usage"}
    assert document["model"] == "seedream-4.0"
    assert [item.keys() for item in document["data"]] == [{"url"}]
    assert document["usage"] == {
        "generated_images": 1,
        "output_tokens": 4096,  # 1024 * 1024 / 256
        "total_tokens": 4096,
    }


@each_host
def test_b64_json_is_the_bare_picture(ask, path):
    body = order(path, response_format="b64_json")
    (item,) = ask("POST", path, body).json()["data"]
    assert "url" not in item
    assert picture(base64.b64decode(item["b64_json"])) == ("JPEG", (1024, 1024))


@each_host
def test_the_same_order_gives_the_same_picture(ask, path):
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
def test_a_group_has_as_many_pictures_as_the_prompt_asks_for(ask, upstreams, fields, count):
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
def test_token360_serves_the_models_of_its_page(ask, body, pixels):
    (item,) = ask("POST", TOKEN360, body).json()["data"]
    assert picture(urllib3.request("GET", item["url"]).data)[1] == pixels


def test_null_is_as_good_as_nothing(ask):
    assert ask("POST", POWERTOKENS, order(POWERTOKENS, seed=None, image=None)).status == 200


def test_what_a_host_does_not_read_is_ignored_and_told_in_the_journal(ask, upstreams):
    ask("POST", POWERTOKENS, order(POWERTOKENS, n=4, aspect_ratio="16:9"))
    ask("POST", TOKEN360, order(TOKEN360, quality="hd"))
    assert [line.ignored for line in upstreams.journal.entries] == [
        ("n", "aspect_ratio"),
        ("quality",),
    ]


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
def test_powertokens_refuses_what_seedream_does_not_take(ask, upstreams, fields, words):
    answer = ask("POST", POWERTOKENS, order(POWERTOKENS, **fields))
    error = answer.json()["error"]
    assert (answer.status, error["code"]) == (400, "InvalidParameter")
    assert words in error["message"]
    assert upstreams.ledger.entries == ()


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
def test_token360_refuses_keys_in_its_own_words(ask, key, status, kind):
    answer = ask("POST", TOKEN360, order(TOKEN360), key=key)
    error = answer.json()["error"]
    assert (answer.status, error["type"], error["code"]) == (status, kind, str(status))


@each_host
def test_a_model_nobody_knows(ask, path):
    answer = ask("POST", path, {**SMALL, "model": "seedream-9"})
    assert answer.status == 404
    assert "model_not_found" in json.dumps(answer.json()["error"])


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000])
@each_host
def test_a_body_that_is_no_object(ask, path, body):
    assert ask("POST", path, body).status == 400


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
def test_kling_refuses_what_is_of_another_type(ask, upstreams, fields, words):
    body = {"model_name": "kling-v2-1", "prompt": "a heron", **fields}
    answer = ask("POST", "klingai/v1/images/generations", body)
    assert (answer.status, answer.json()["code"]) == (400, 1201)
    assert words in answer.json()["message"]
    assert upstreams.ledger.pictures == 0


def test_token360s_firewall_turns_references_away(ask):
    answer = ask("POST", TOKEN360, order(TOKEN360, image="https://pictures.example/a.png"))
    assert (answer.status, answer.headers["content-type"]) == (403, "text/html")


def test_token360_takes_references_in_native_mode(ask):
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


# --- token360's records ------------------------------------------------------------------------

IMAGES = "token360/v1/images"


@pytest.fixture
def recorded(ask) -> list[str]:
    """Ids of three pictures of key-1, the oldest first."""
    for prompt in ("one", "two", "three"):
        ask("POST", TOKEN360, order(TOKEN360, prompt=prompt))
    return [one["id"] for one in ask("GET", f"{IMAGES}?order=asc").json()["data"]]


def test_records_are_listed_newest_first(ask, recorded):
    document = ask("GET", IMAGES).json()
    assert document.keys() == {"object", "data", "has_more", "first_id", "last_id"}
    assert [one["prompt"] for one in document["data"]] == ["three", "two", "one"]
    assert (document["first_id"], document["last_id"]) == (recorded[2], recorded[0])
    newest = document["data"][0]
    assert newest.keys() == {
        *("id", "object", "status", "model", "prompt", "created_at", "url", "error")
    }
    assert picture(urllib3.request("GET", newest["url"]).data)[1] == (1024, 1024)


def test_records_come_in_pages(ask, recorded):
    first = ask("GET", f"{IMAGES}?limit=2").json()
    assert [one["id"] for one in first["data"]] == [recorded[2], recorded[1]]
    assert first["has_more"] is True
    rest = ask("GET", f"{IMAGES}?limit=2&after={first['last_id']}").json()
    assert [one["id"] for one in rest["data"]] == [recorded[0]]
    assert rest["has_more"] is False
    before = ask("GET", f"{IMAGES}?before={recorded[1]}").json()
    assert [one["id"] for one in before["data"]] == [recorded[2]]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "order=up", "after=nobody"])
def test_a_list_that_makes_no_sense(ask, recorded, query):
    answer = ask("GET", f"{IMAGES}?{query}")
    assert (answer.status, answer.json()["error"]["type"]) == (400, "invalid_request_error")


def test_records_are_invisible_to_another_key(ask, recorded):
    empty = {"object": "list", "data": [], "has_more": False, "first_id": None, "last_id": None}
    assert ask("GET", IMAGES, key="key-2").json() == empty
    assert ask("GET", f"{IMAGES}/{recorded[0]}/content", key="key-2").status == 404
    assert ask("DELETE", f"{IMAGES}/{recorded[0]}", key="key-2").status == 404
    assert ask("DELETE", f"{IMAGES}/{recorded[0]}").status == 200


def test_content_comes_as_a_redirect_a_link_or_the_bytes(ask, recorded):
    path = f"{IMAGES}/{recorded[0]}/content"
    redirect = ask("GET", path)
    assert redirect.status == 302
    link = ask("GET", f"{path}?format=url").json()
    assert (link["image_id"], link["expires_in"]) == (recorded[0], 3600)
    binary = ask("GET", f"{path}?format=binary")
    assert binary.headers["content-type"] == "image/jpeg"
    assert binary.headers["content-disposition"].startswith("attachment")
    others = [
        urllib3.request("GET", url).data for url in (redirect.headers["location"], link["url"])
    ]
    assert others == [binary.data] * 2
    assert ask("GET", f"{path}?format=png").status == 400


def test_a_deleted_record_is_gone(ask, recorded):
    answer = ask("DELETE", f"{IMAGES}/{recorded[1]}")
    assert answer.json() == {"id": recorded[1], "object": "image", "deleted": True}
    assert ask("DELETE", f"{IMAGES}/{recorded[1]}").status == 404
    assert [one["prompt"] for one in ask("GET", IMAGES).json()["data"]] == ["three", "one"]


def test_a_refused_picture_leaves_a_failed_record(ask):
    ask("POST", TOKEN360, order(TOKEN360), X_Sandbox_Fault="moderated")
    (record,) = ask("GET", IMAGES).json()["data"]
    assert (record["status"], record["url"]) == ("failed", None)
    assert "Sensitive" in record["error"]["message"]
    content = ask("GET", f"{IMAGES}/{record['id']}/content").json()
    assert content["error"]["message"] == "Image is not ready yet. Current status: failed"


# --- ledger, journal, reset --------------------------------------------------------------------


def test_the_ledger_has_what_was_made_and_the_price_where_there_is_one(ask):
    pair = {"prompt": "two herons", "sequential_image_generation": "auto"}
    ask("POST", POWERTOKENS, {"model": "seedream-4-5-251128", **pair})
    ask("POST", TOKEN360, order(TOKEN360), key="key-2")
    ask("POST", TOKEN360, order(TOKEN360, size="1x1"))
    ledger = ask("GET", "_sandbox/ledger", key=None).json()
    assert [(one["host"], one["pictures"], one["amount"]) for one in ledger["entries"]] == [
        ("powertokens", 2, "0.076"),
        ("token360", 1, None),
    ]
    assert ledger["usd"] == "0.076"
    assert ledger["pictures_of_unknown_price"] == 1
    assert len({one["key"] for one in ledger["entries"]}) == 2


def test_the_journal_has_no_secrets(ask):
    key = "sk-very-secret"
    ask("POST", TOKEN360, order(TOKEN360, prompt=f"why {key}?"), key=key, Cookie="a=1")
    text = ask("GET", "_sandbox/journal", key=None).data.decode()
    assert "sk-very-secret" not in text
    (line,) = json.loads(text)["entries"]
    assert line["headers"]["authorization"] == line["headers"]["cookie"] == "***"
    assert line["body"]["prompt"] == "why ***?"
    assert (line["operation"], line["status"], line["pictures"]) == ("generate", 200, 1)


def test_the_journal_cuts_pictures_short(ask):
    file = io.BytesIO()
    Pillow.effect_noise((64, 64), 90).save(file, "PNG")
    image = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    ask("POST", POWERTOKENS, order(POWERTOKENS, image=[image]))
    (line,) = ask("GET", "_sandbox/journal").json()["entries"]
    assert line["body"]["image"][0].startswith("data:image/png;base64,")
    assert len(line["body"]["image"][0]) < 100


def test_reset_forgets_everything(ask, upstreams, recorded):
    link = ask("GET", IMAGES).json()["data"][0]["url"]
    assert ask("POST", "_sandbox/reset", key=None).json() == {"reset": True}
    assert (upstreams.ledger.entries, upstreams.journal.entries) == ((), ())
    assert ask("GET", IMAGES).json()["data"] == []
    assert urllib3.request("GET", link).status == 404


def test_every_answer_says_which_request_it_is_in_ledger_and_journal(ask, upstreams):
    answers = [ask("POST", TOKEN360, order(TOKEN360)) for _ in range(2)]
    first, second = (int(answer.headers["x-sandbox-request"]) for answer in answers)
    assert first < second
    assert [one.request for one in upstreams.ledger.entries] == [first, second]
    assert [one.request for one in upstreams.journal.entries] == [first, second]


# --- failures on demand ------------------------------------------------------------------------


@each_host
def test_a_fault_in_the_header_or_after_the_models_id(ask, path):
    by_header = ask("POST", path, order(path), X_Sandbox_Fault="429:7")
    suffixed = {**order(path), "model": f"{SEEDREAM_40[path]}!429:7"}
    by_model = ask("POST", path, suffixed)
    assert by_header.status == by_model.status == 429
    assert by_header.headers["retry-after"] == by_model.headers["retry-after"] == "7"
    assert by_header.json() == by_model.json()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("492", "no fault '492'; did you mean 429?"),
        ("lots", "did you mean lost?"),
        ("429:soon", "429 takes seconds from 0 to 600, not 'soon'"),
        ("html:42", "html takes status from 200 to 599"),
        ("moderated-item:0", "takes which picture from 1 to 15"),
        ("expired:3", "expired takes no number"),
        ("moderated-item:2", "there is no picture 2: this request makes 1"),
        ("truncated-base64", "acts on pictures given as b64_json, not as url"),
    ],
)
@each_host
def test_a_fault_that_cannot_act_is_refused_and_bills_nothing(ask, upstreams, path, fault, words):
    answer = ask("POST", path, order(path), X_Sandbox_Fault=fault)
    assert answer.status == 400
    assert words in answer.json()["error"]["message"]
    assert upstreams.ledger.entries == ()


def test_records_fail_on_demand_too(ask, recorded):
    assert ask("GET", IMAGES, X_Sandbox_Fault="503:2").headers["retry-after"] == "2"
    refused = ask("GET", IMAGES, X_Sandbox_Fault="smaller").json()["error"]["message"]
    assert "none are made here" in refused


def outcomes(upstreams: Upstreams, count: int = 12) -> list[int]:
    ask = asking(upstreams)
    return [ask("POST", POWERTOKENS, order(POWERTOKENS)).status for _ in range(count)]


def test_rules_apply_to_what_they_name():
    rules = [
        Rule("500", host="token360"),
        Rule("429:0", model="seedream-4-0-*", after=1, times=2),
        Rule("404", operation="models"),
    ]
    with Upstreams(rules) as upstreams:
        ask = asking(upstreams)
        assert outcomes(upstreams, 5) == [200, 429, 429, 200, 200]
        assert ask("POST", TOKEN360, order(TOKEN360)).status == 500
        assert ask("GET", "powertokens/v1/models").status == 404
        upstreams.reset()
        assert outcomes(upstreams, 4) == [200, 429, 429, 200]


def test_luck_repeats_with_its_seed():
    rules = [Rule("503", probability=0.5)]
    with Upstreams(rules, seed=7) as one, Upstreams(rules, seed=8) as other:
        first = outcomes(one)
        one.reset()
        assert {*first} == {200, 503}
        assert outcomes(one) == first != outcomes(other)


@pytest.mark.parametrize("latency", ["uniform:0.1,0.5", "lognormal:0.8,0.4"])
def test_latencies_repeat_with_their_seed(latency):
    def drawn(seed: int) -> list[float]:
        chooser = Chooser(Scenario(latency=latency, seed=seed))
        return [chooser.latency() for _ in range(5)]

    assert drawn(7) == drawn(7) != drawn(8)
    assert len({*drawn(7)}) == 5
    assert min(drawn(7)) > 0


def test_only_pictures_take_their_time():
    with Upstreams(latency="600") as upstreams:
        assert asking(upstreams)("GET", "powertokens/v1/models").status == 200
        headers = {"Authorization": "Bearer key-1"}
        with pytest.raises(urllib3.exceptions.TimeoutError):
            urllib3.request(
                "POST",
                f"{upstreams.url}/{POWERTOKENS}",
                json=order(POWERTOKENS),
                headers=headers,
                timeout=0.2,
                retries=False,
            )


def test_a_link_is_served_until_it_expires():
    clock = [1_800_000_000.0]
    with Upstreams(link_lifetime=60, now=lambda: clock[0]) as upstreams:
        answer = asking(upstreams)("POST", POWERTOKENS, order(POWERTOKENS))
        link = answer.json()["data"][0]["url"]
        clock[0] += 59.5
        assert urllib3.request("GET", link).status == 200
        clock[0] += 1
        assert urllib3.request("GET", link).status == 403


# --- jobs, streams, many at once ---------------------------------------------------------------

KLING = "klingai/v1/images/generations"
KLING_BODY = {"model_name": "kling-v3", "prompt": "a heron"}
ZAI = "zai/api/paas/v4/async/images/generations"
ZAI_BODY = {"model": "glm-image", "prompt": "a heron"}


def kling_status(ask: Callable[..., urllib3.BaseHTTPResponse], id: str) -> str:
    return str(ask("GET", f"{KLING}/{id}").json()["data"]["task_status"])


def zai_status(ask: Callable[..., urllib3.BaseHTTPResponse], id: str) -> str:
    return str(ask("GET", f"zai/api/paas/v4/async-result/{id}").json()["task_status"])


def kling_job(ask: Callable[..., urllib3.BaseHTTPResponse], **headers: str) -> str:
    return str(ask("POST", KLING, KLING_BODY, **headers).json()["data"]["task_id"])


def zai_job(ask: Callable[..., urllib3.BaseHTTPResponse], **headers: str) -> str:
    return str(ask("POST", ZAI, ZAI_BODY, **headers).json()["id"])


each_job = pytest.mark.parametrize(
    ("submit", "status", "words"),
    [
        (kling_job, kling_status, ("processing", "succeed", "failed")),
        (zai_job, zai_status, ("PROCESSING", "SUCCESS", "FAIL")),
    ],
    ids=["kling", "zai"],
)


@each_job
def test_a_job_is_accepted_at_once_and_done_when_its_time_has_come(submit, status, words):
    """Its latency is that of the pictures: 600 seconds go by on the clock, and nobody waits."""
    clock = [1_800_000_000.0]
    with Upstreams(latency="600", now=lambda: clock[0]) as upstreams:
        ask = asking(upstreams)
        id = submit(ask)
        entry = answered(upstreams)
        assert (entry.id, entry.answered_at) == (id, clock[0])
        assert [status(ask, id) for _ in range(3)] == [words[0]] * 3
        clock[0] += 600
        assert status(ask, id) == words[1]


@each_job
def test_without_a_latency_a_job_is_done_at_the_second_look(ask, submit, status, words):
    id = submit(ask)
    assert [status(ask, id) for _ in range(3)] == [words[0], words[1], words[1]]


@each_job
def test_a_job_that_fails_is_accepted_and_not_billed(ask, upstreams, submit, status, words):
    id = submit(ask, X_Sandbox_Fault="job-fails")
    assert [status(ask, id) for _ in range(2)] == [words[0], words[2]]
    assert upstreams.ledger.entries == ()
    refused = ask("POST", POWERTOKENS, order(POWERTOKENS), X_Sandbox_Fault="job-fails")
    assert "job-fails acts on jobs" in refused.json()["error"]["message"]


def test_an_external_task_id_belongs_to_one_task_however_many_ask_at_once(upstreams):
    body = {**KLING_BODY, "external_task_id": "order-7"}
    statuses = at_once(16, lambda _: asking(upstreams)("POST", KLING, body).status)
    assert sorted(statuses) == [200, *[400] * 15]
    (entry,) = upstreams.ledger.entries
    found = asking(upstreams)("GET", f"{KLING}/order-7").json()["data"]
    assert (entry.name, entry.id) == ("order-7", found["task_id"])


def at_once(count: int, call: Callable[[int], Any]) -> list[Any]:
    """What so many threads get that all begin in the same moment."""
    barrier = threading.Barrier(count)

    def wait_and_call(number: int) -> Any:
        barrier.wait()
        return call(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(wait_and_call, range(count)))


def test_hundreds_of_connections_at_once_are_all_answered(upstreams):
    def call(number: int) -> int:
        with socket.create_connection(upstreams.url.removeprefix("http://").split(":")) as one:
            one.sendall(b"GET /_sandbox HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return int(one.recv(64).split()[1])

    assert at_once(300, call) == [200] * 300


# --- what a line of the ledger says ------------------------------------------------------------


def test_a_line_of_the_ledger_says_which_call_it_was_and_when_its_answer_was_out(ask, upstreams):
    named = {"X_Client_Request_Id": "call-7"}
    answer = ask("POST", POWERTOKENS, order(POWERTOKENS), **named)
    entry = answered(upstreams)
    assert (entry.name, entry.prompt, entry.model) == ("call-7", "a heron", "seedream-4-0-250828")
    path = urlsplit(answer.json()["data"][0]["url"]).path
    assert entry.links == (path,)
    assert entry.at <= entry.answered_at
    (line,) = ask("GET", "_sandbox/ledger").json()["entries"]
    assert (line["name"], line["links"]) == ("call-7", [path])


def answered(upstreams: Upstreams) -> Entry:
    """The only entry, as soon as it says that its answer is out: the answer is out before that."""
    for _ in range(3000):
        (entry,) = upstreams.ledger.entries
        if entry.answered_at is not None:
            return entry
        time.sleep(0.01)
    raise AssertionError("its answer was never out")


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        (KLING, {**KLING_BODY, "external_task_id": "order-7"}, "order-7"),
        (ZAI, {**ZAI_BODY, "user_id": "somebody", "request_id": "request-7"}, "request-7"),
        (POWERTOKENS, order(POWERTOKENS), None),
    ],
)
def test_a_call_names_itself_in_the_words_of_its_host(ask, upstreams, path, body, name):
    ask("POST", path, body)
    (entry,) = upstreams.ledger.entries
    assert entry.name == name


def test_long_prompts_are_told_apart_by_their_digests(ask, upstreams):
    for last in ("7", "8"):
        ask("POST", POWERTOKENS, order(POWERTOKENS, prompt="a heron " * 100 + last))
    prompts = {entry.prompt for entry in upstreams.ledger.entries}
    assert len(prompts) == 2
    assert all(len(prompt) < 100 for prompt in prompts)


@pytest.mark.parametrize("fault", ["lost", "lost:502", "truncated"])
def test_an_answer_that_was_lost_is_never_out(ask, upstreams, fault):
    with contextlib.suppress(urllib3.exceptions.HTTPError):
        ask("POST", POWERTOKENS, order(POWERTOKENS), X_Sandbox_Fault=fault)
    ask("GET", "powertokens/v1/models")
    (entry,) = upstreams.ledger.entries
    assert (entry.pictures, entry.answered_at) == (1, None)


def test_a_stream_says_of_each_picture_when_it_was_out(ask, upstreams):
    body = {
        "model": "doubao-seedream-4-0-250828",
        "prompt": "three herons",
        "sequential_image_generation": "auto",
        "stream": True,
    }
    assert b"[DONE]" in ask("POST", "ark/api/v3/images/generations", body).data
    entry = answered(upstreams)
    assert len(entry.pictures_at) == entry.pictures == 3
    assert [*entry.pictures_at, entry.answered_at] == sorted(
        [*entry.pictures_at, entry.answered_at]
    )


def test_a_streams_pictures_come_one_by_one():
    """A third of 600 seconds before the first of three: the beginning is there, and no picture."""
    body = {
        "model": "doubao-seedream-4-0-250828",
        "prompt": "three herons",
        "sequential_image_generation": "auto",
        "stream": True,
    }
    with Upstreams(latency="600") as upstreams:
        answer = urllib3.request(
            "POST",
            f"{upstreams.url}/ark/api/v3/images/generations",
            json=body,
            headers={"Authorization": "Bearer key-1"},
            preload_content=False,
        )
        assert answer.headers["content-type"] == "text/event-stream"
        (entry,) = upstreams.ledger.entries
        assert (entry.pictures, entry.pictures_at, entry.answered_at) == (3, (), None)
        answer.close()


def test_the_ledger_is_complete_however_much_was_bought():
    ledger = Ledger()
    for number in range(100_000):
        ledger.add(Entry(number, 0.0, "ark", "key-1", "seedream", 1, None))
        ledger.answered(number, 1.0)
    assert len(ledger.entries) == 100_000
    assert ledger.document()["requests"] == 100_000


# --- one picture and another -------------------------------------------------------------------


@each_host
def test_without_a_seed_each_picture_is_another(ask, path):
    """Three of one request as well as three requests: a mixed-up index would be seen."""
    body = order(path, prompt="three herons", sequential_image_generation="auto")
    answers = [ask("POST", path, {**body, "response_format": "b64_json"}) for _ in range(2)]
    assert len({one["b64_json"] for answer in answers for one in answer.json()["data"]}) == 6


# --- a mistake of its own ----------------------------------------------------------------------


def test_a_mistake_in_a_dialect_is_said_in_words(upstreams, monkeypatch, capsys):
    def broken(visit: object, order: object) -> None:
        raise KeyError("a mistake")

    monkeypatch.setattr(Visit, "make", broken)
    answer = asking(upstreams)("POST", POWERTOKENS, order(POWERTOKENS))
    assert answer.status == 500
    words = "sandbox: a mistake of the sandbox itself: KeyError in test_serving.py, line "
    assert answer.json()["error"]["message"].startswith(words)
    assert [line.status for line in upstreams.journal.entries] == [500]
    assert "a mistake" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"times": "x"}, "times of a rule is a whole number, or None, not 'x'"),
        ({"after": 1.5}, "after of a rule is a whole number, not 1.5"),
        ({"probability": "1"}, "probability of a rule is a number"),
        ({"host": 5}, "host of a rule is a text, or None"),
        ({"operation": []}, "operation of a rule is a text"),
    ],
)
def test_a_rule_says_what_it_takes(options, says):
    with pytest.raises(ValueError, match=says):
        Rule("lost", **options)
