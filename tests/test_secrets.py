"""What must never get out: keys that hosts echo, headers that carry them, signed queries."""

from __future__ import annotations

import logging

import pytest

from imagekit import AuthenticationError, HostError, HostSettings, UnreadableAnswer
from imagekit.testing import Answer, Loopback

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
    with Loopback(
        lambda seen: Answer(json={"data": [{"url": f"{server.url}/a.png?signature=hidden"}]}),
        Answer(body=png),
    ) as server:
        assert garden(server.url).generate("a lily", model="lily-1").image.read() == png
        assert server.seen[1].path == "/a.png?signature=hidden"
    assert "/a.png" in caplog.text
    assert "hidden" not in caplog.text


def test_a_key_quoted_in_a_streamed_error_is_scrubbed_as_well(garden):
    frame = f'data: {{"error": {{"code": "x", "message": "no such key: {KEY}"}}}}\n\n'
    answer = Answer(body=frame.encode(), headers={"Content-Type": "text/event-stream"})
    with Loopback(answer) as server, pytest.raises(HostError) as caught:
        garden(server.url).generate("a lily", model="lily-1")
    assert KEY not in f"{caught.value} {vars(caught.value)}"


def test_a_signed_link_is_not_in_the_repr_of_its_picture(garden):
    link = "https://pictures.example/1.png?X-Amz-Signature=0123456789abcdef"
    with Loopback(Answer(json={"data": [{"url": link}]})) as server:
        result = garden(server.url).generate("a lily", model="lily-1")
    assert result.image.url == link
    assert "https://pictures.example/1.png" in repr(result)
    assert "Signature" not in repr(result)
