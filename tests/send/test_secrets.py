"""What must never get out: keys that hosts echo, headers that carry them, signed queries."""

from __future__ import annotations

import base64
import json
import logging
from urllib.parse import quote

import pytest

from imagekit import (
    AuthenticationError,
    HostError,
    HostSettings,
    Request,
    SecretReference,
    UnreadableAnswer,
)
from imagekit.send.scrubbing import Scrubber
from imagekit.settings.credentials import Keyring
from imagekit.settings.hidden import Hidden
from imagekit.testing import Answer, Loopback
from imagekit.values.plain.convert import to_plain

KEY = "key-of-the-garden"  # as conftest has it


def test_a_host_that_quotes_the_key_it_refuses_does_not_get_it_into_the_error(garden):
    quoting = {"error": {"code": "invalid_api_key", "message": f"no such key: {KEY}"}}
    with Loopback(Answer(401, quoting)) as server, pytest.raises(AuthenticationError) as caught:
        garden(server.url).generate("a lily", model="lily-1")
    assert KEY not in f"{caught.value} {vars(caught.value)}"
    assert "no such key: ***" in str(caught.value)


def test_a_page_that_quotes_the_key_does_not_keep_it_either(garden):
    page = Answer(body=f"<h1>no route for {KEY}</h1>".encode())
    with Loopback(page) as server, pytest.raises(UnreadableAnswer) as caught:
        garden(server.url).generate("a lily", model="lily-1")
    assert KEY not in f"{caught.value} {vars(caught.value)}"
    assert b"no route for ***" in caught.value.head


def test_the_users_own_headers_are_sent_and_shown_by_name_only(garden, drawn):
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url, settings={"headers": {"X-Gate": "gate-secret"}})
        result = client.generate("a lily", model="lily-1")
        assert server.seen[0].headers["x-gate"] == "gate-secret"
    assert [added.field for added in result.receipt.added] == ["header X-Gate"]
    shown = repr(result.receipt) + repr(HostSettings(headers={"X-Gate": "gate-secret"}))
    assert "gate-secret" not in shown


def test_the_query_of_a_signed_link_is_in_no_log(garden, caplog, png):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="imagekit")  # which a command may have quietened
    with Loopback(
        lambda seen: Answer(json={"data": [{"url": f"{server.url}/a.png?signature=hidden"}]}),
        Answer(body=png),
    ) as server:
        assert garden(server.url).generate("a lily", model="lily-1").image.read() == png
        assert server.seen[1].path == "/a.png?signature=hidden"
    assert "download: HTTP 200" in caplog.text
    assert "hidden" not in caplog.text


def test_a_key_quoted_in_a_streamed_error_is_scrubbed_as_well(garden):
    frame = f'data: {{"error": {{"code": "x", "message": "no such key: {KEY}"}}}}\n\n'
    answer = Answer(body=frame.encode(), headers={"Content-Type": "text/event-stream"})
    with Loopback(answer) as server, pytest.raises(HostError) as caught:
        garden(server.url).generate("a lily", model="lily-1")
    assert KEY not in f"{caught.value} {vars(caught.value)}"


@pytest.mark.parametrize("echo", [KEY, base64.b64encode(KEY.encode()).decode().rstrip("=")])
def test_what_an_answer_echoes_of_a_key_gets_into_no_result(garden, drawn, echo):
    said = f"by {echo}"
    item = {**drawn["data"][0], "revised_prompt": said, echo: said}
    flaw = {"error": {"code": echo, "message": said}}
    answer = Answer(
        json={"data": [item, flaw], "model": said, "usage": {"key": [said, {"deep": said}]}},
        headers={"X-Request-Id": f"req-{echo}"},
    )
    with Loopback(answer) as server:
        result = garden(server.url).generate("a lily", model="lily-1")
    assert result.image.pixels == (2, 1)
    assert (result.served_model, result.request_id) == ("by ***", "req-***")
    assert [failure.code for failure in result.failures] == ["***"]
    told = json.dumps(to_plain(result)) + repr(result)
    assert echo not in told


def test_an_error_has_nothing_of_the_key_in_any_attribute(garden):
    quoting = {"error": {"code": KEY, "type": KEY, "message": f"no such key: {KEY}"}}
    answer = Answer(401, quoting, headers={"X-Request-Id": KEY})
    with Loopback(answer) as server, pytest.raises(AuthenticationError) as caught:
        garden(server.url).generate("a lily", model="lily-1")
    assert KEY not in f"{caught.value} {vars(caught.value)}"
    assert caught.value.request_id == "***"


def test_what_a_stream_echoes_of_a_key_is_scrubbed_as_well(garden, drawn):
    picture = {"b64_json": drawn["data"][0]["b64_json"], "revised_prompt": f"by {KEY}"}
    frames = [
        {"type": "image_generation.completed", **picture},
        {"error": {"code": KEY, "message": f"no such key: {KEY}"}},
    ]
    body = "".join(f"data: {json.dumps(frame)}\n\n" for frame in frames)
    answer = Answer(
        body=body.encode(),
        headers={"Content-Type": "text/event-stream", "X-Request-Id": KEY},
    )
    with Loopback(answer) as server:
        result = garden(server.url).generate("a lily", model="lily-1")
    assert result.request_id == "***"
    assert KEY not in json.dumps(to_plain(result))


def test_a_secret_header_and_a_signed_token_are_scrubbed_like_a_key(garden, drawn, monkeypatch):
    drawn["model"] = "gate gate-secret"
    settings = {"headers": {"X-Gate": SecretReference(env="GATE")}}
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url, settings=settings, environment={"GATE": "gate-secret"})
        assert client.generate("a lily", model="lily-1").served_model == "gate ***"


def test_a_literal_header_of_the_users_is_scrubbed_like_a_key(garden):
    """Gateways put keys there."""
    with Loopback(Answer(401, json={"error": {"message": "no gatewaysecret99 here"}})) as server:
        client = garden(server.url, settings={"headers": {"X-Gate": "gatewaysecret99"}})
        with pytest.raises(HostError) as caught:
            client.generate("a lily", model="lily-1")
    assert "gatewaysecret99" not in str(caught.value)


def test_a_key_too_short_to_be_one_tears_no_holes_into_answers(garden, drawn):
    drawn["model"] = "token360"
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url, credentials={"garden": "k"})
        assert client.generate("a lily", model="lily-1").served_model == "token360"


def test_a_deep_answer_is_scrubbed_without_recursion():
    deep: object = KEY
    for _ in range(5000):
        deep = [deep]
    found = Scrubber([KEY]).document(deep)
    while isinstance(found, list):
        (found,) = found
    assert found == "***"


def test_forms_in_which_a_secret_comes_back():
    secret = "sk/a+b=c?d-0123456789"
    said = f"{quote(secret, safe='')} {json.dumps(secret)} " + secret.replace("/", r"\/")
    assert Scrubber([secret]).text(said) == '*** "***" ***'
    assert secret not in repr(Scrubber([secret]))


def test_reprs_show_no_secrets():
    command = SecretReference(command=("pass", "show", "--token", "sk-argument"))
    signed = Request("GET", "https://host.example/t?signature=hidden", {"Authorization": KEY})
    ring = Keyring({}, {}, None, {"GARDEN_API_KEY": KEY}, lambda host: None)
    shown = f"{command!r} {signed!r} {ring!r} {Hidden({'A': KEY})!r}"
    assert not [secret for secret in ("sk-argument", "hidden=", KEY, "=hidden") if secret in shown]
    assert "pass" in repr(command)
    assert "https://host.example/t" in repr(signed)


def test_a_signed_link_is_not_in_the_repr_of_its_picture(garden):
    link = "https://pictures.example/1.png?X-Amz-Signature=0123456789abcdef"
    with Loopback(Answer(json={"data": [{"url": link}]})) as server:
        result = garden(server.url).generate("a lily", model="lily-1")
    assert result.image.url == link
    assert "https://pictures.example/1.png" in repr(result)
    assert "Signature" not in repr(result)
