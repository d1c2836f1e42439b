"""Ledger and journal: what they say, what they never say, and who may read them."""

from __future__ import annotations

import base64
import contextlib
import json
from urllib.parse import urlsplit

import pytest
import urllib3
from imagekit_sandbox.serving import Entry, Ledger, Upstreams

from imagekit.testing import picture

POWERTOKENS = "powertokens/v1/images/generations"
TOKEN360 = "token360/v1/images/generations"
RECORDS = "token360/v1/images"
KLING = "klingai/v1/images/generations"
ZAI = "zai/api/paas/v4/async/images/generations"
EDITS = "openai/v1/images/edits"
FLASH = "gemini-3.1-flash-image"


# --- what the ledger says ----------------------------------------------------------------------


def test_the_ledger_has_what_was_made_and_the_price_where_there_is_one(ask, order):
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


def test_a_line_of_the_ledger_says_which_call_it_was_and_when_its_answer_was_out(
    ask, upstreams, order, answered
):
    named = {"X_Client_Request_Id": "call-7"}
    answer = ask("POST", POWERTOKENS, order(POWERTOKENS), **named)
    entry = answered(upstreams)
    assert (entry.name, entry.prompt, entry.model) == ("call-7", "a heron", "seedream-4-0-250828")
    path = urlsplit(answer.json()["data"][0]["url"]).path
    assert entry.links == (path,)
    assert entry.at <= entry.answered_at
    (line,) = ask("GET", "_sandbox/ledger").json()["entries"]
    assert (line["name"], line["links"]) == ("call-7", [path])


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        (
            KLING,
            {"model_name": "kling-v3", "prompt": "a heron", "external_task_id": "order-7"},
            "order-7",
        ),
        (ZAI, {"model": "glm-image", "prompt": "a heron", "request_id": "7"}, "7"),
        (POWERTOKENS, {"model": "seedream-4-0-250828", "prompt": "a heron"}, None),
    ],
)
def test_a_call_names_itself_in_the_words_of_its_host(ask, upstreams, path, body, name):
    ask("POST", path, body)
    (entry,) = upstreams.ledger.entries
    assert entry.name == name


def test_long_prompts_are_told_apart_by_their_digests(ask, upstreams, order):
    for last in ("7", "8"):
        ask("POST", POWERTOKENS, order(POWERTOKENS, prompt="a heron " * 100 + last))
    prompts = {entry.prompt for entry in upstreams.ledger.entries}
    assert len(prompts) == 2
    assert all(len(prompt) < 100 for prompt in prompts)


@pytest.mark.parametrize("fault", ["lost", "lost:502", "truncated"])
def test_an_answer_that_was_lost_is_never_out(ask, upstreams, fault, order):
    with contextlib.suppress(urllib3.exceptions.HTTPError):
        ask("POST", POWERTOKENS, order(POWERTOKENS), X_Sandbox_Fault=fault)
    ask("GET", "powertokens/v1/models")
    (entry,) = upstreams.ledger.entries
    assert (entry.pictures, entry.answered_at) == (1, None)


def test_a_stream_says_of_each_picture_when_it_was_out(ask, upstreams, answered):
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


# --- what the journal says ---------------------------------------------------------------------


def test_the_journal_has_no_secrets(ask, order):
    key = "sk-very-secret"
    ask("POST", TOKEN360, order(TOKEN360, prompt=f"why {key}?"), key=key, Cookie="a=1")
    text = ask("GET", "_sandbox/journal", key=None).data.decode()
    assert "sk-very-secret" not in text
    (line,) = json.loads(text)["entries"]
    assert line["headers"]["authorization"] == line["headers"]["cookie"] == "***"
    assert line["body"]["prompt"] == "why ***?"
    assert (line["operation"], line["status"], line["pictures"]) == ("generate", 200, 1)


def test_the_journal_cuts_pictures_short(ask, order):
    content = picture(64, 64) + bytes(4096)
    image = "data:image/png;base64," + base64.b64encode(content).decode()
    ask("POST", POWERTOKENS, order(POWERTOKENS, image=[image]))
    (line,) = ask("GET", "_sandbox/journal").json()["entries"]
    assert line["body"]["image"][0].startswith("data:image/png;base64,")
    assert len(line["body"]["image"][0]) < 100


def test_the_journal_tells_the_fields_of_a_form_and_the_sizes_of_its_files(ask, upstreams):
    content = picture(64, 64)
    files = [("image[]", ("a.png", content, "image/png"))]
    fields = [("model", "gpt-image-2"), ("prompt", "why key-1?"), ("user", "me"), *files]
    assert ask("POST", EDITS, fields=fields).status == 200
    (line,) = upstreams.journal.entries
    about = {"filename": "a.png", "type": "image/png", "bytes": len(content)}
    assert line.body == [
        {"name": "model", "value": "gpt-image-2"},
        {"name": "prompt", "value": "why ***?"},
        {"name": "user", "value": "me"},
        {"name": "image[]", **about},
    ]
    assert [entry.name for entry in upstreams.ledger.entries] == ["me"]


def test_neither_journal_nor_ledger_keeps_a_key_wherever_it_stands(ask, upstreams):
    key = "key-1"
    body = {"contents": [{"parts": [{"text": f"a heron {key}"}]}], "api_key": "another-one"}
    ask("POST", f"gemini/v1/models/{FLASH}:generateContent?key={key}&of={key}", body)
    body = {"model_name": "kling-v3", "prompt": key * 300, "external_task_id": f"order-{key}"}
    ask("POST", KLING, body)
    ask("GET", f"{KLING}/{key}")
    told = [ask("GET", f"_sandbox/{what}").data.decode() for what in ("journal", "ledger")]
    assert len(json.loads(told[0])["entries"]) == 3
    for text in told:
        assert key not in text
        assert "another-one" not in text


def test_every_answer_says_which_request_it_is_in_ledger_and_journal(ask, upstreams, order):
    answers = [ask("POST", TOKEN360, order(TOKEN360)) for _ in range(2)]
    first, second = (int(answer.headers["x-sandbox-request"]) for answer in answers)
    assert first < second
    assert [one.request for one in upstreams.ledger.entries] == [first, second]
    assert [one.request for one in upstreams.journal.entries] == [first, second]


# --- reset, and who may ------------------------------------------------------------------------


def test_reset_forgets_everything(ask, upstreams, recorded):
    link = ask("GET", RECORDS).json()["data"][0]["url"]
    assert ask("POST", "_sandbox/reset", key=None).json() == {"reset": True}
    assert (upstreams.ledger.entries, upstreams.journal.entries) == ((), ())
    assert ask("GET", RECORDS).json()["data"] == []
    assert urllib3.request("GET", link).status == 404


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
def test_a_strangers_page_can_neither_read_nor_reset(ask, upstreams, headers, order):
    ask("POST", POWERTOKENS, order(POWERTOKENS))
    for method, path in [("GET", "journal"), ("GET", "ledger"), ("POST", "reset")]:
        answer = ask(method, f"_sandbox/{path}", **headers)
        assert answer.status == 403
        assert answer.json()["error"]["message"].startswith("sandbox: ")
    assert upstreams.ledger.pictures == 1


@pytest.mark.parametrize("host", ["localhost:8765", "[::1]:8765", "10.0.0.7", "sandbox:8765"])
def test_its_owner_can_by_any_name_of_his(ask, host):
    answer = ask("POST", "_sandbox/reset", Host=host, Origin=f"http://{host}")
    assert answer.json() == {"reset": True}
