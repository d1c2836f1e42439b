"""No room for temporary files while a paid answer comes in: nothing of it is lost for that."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest

from imagekit import Charged, DownloadError, ImagekitError, Reply, Wire
from imagekit.send.reading.sse import server_events
from imagekit.testing import Answer, Loopback, picture

SMALL = picture(4, 3)
LARGE = SMALL + bytes(2 << 20)  # from a megabyte on a picture is in a temporary file
STREAM = {"Content-Type": "text/event-stream"}


@pytest.fixture(autouse=True)
def no_files(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))


@pytest.fixture
def no_memory(monkeypatch):
    monkeypatch.setattr("imagekit.basics.blob.MOST_IN_MEMORY", 1 << 20)


def inline(*pictures: bytes) -> Answer:
    return Answer(json={"data": [entry(data) for data in pictures]})


def entry(data: bytes) -> dict[str, Any]:
    return {"b64_json": base64.b64encode(data).decode()}


def test_a_large_picture_is_held_in_memory(garden):
    with Loopback(inline(LARGE)) as server:
        assert garden(server.url).generate("a lily", model="lily-1").image.read() == LARGE


def test_a_picture_that_finds_no_room_at_all_fails_and_the_others_are_kept(garden, no_memory):
    with Loopback(inline(SMALL, LARGE, SMALL)) as server:
        result = garden(server.url).generate("a lily", model="lily-1")
    assert [(image.index, image.read()) for image in result.images] == [(0, SMALL), (2, SMALL)]
    (failure,) = result.failures
    assert failure.index == 1
    assert "no room for it on this machine: No such file" in failure.message


def test_when_none_finds_room_the_error_says_why_and_that_it_may_be_charged(garden, no_memory):
    with Loopback(inline(LARGE)) as server, pytest.raises(ImagekitError) as caught:
        garden(server.url).generate("a lily", model="lily-1")
    assert "no room for it on this machine" in str(caught.value)
    assert caught.value.charged is not Charged.NO


def test_a_text_that_finds_no_room_is_no_bug(garden, no_memory):
    refused = pytest.raises(ImagekitError, match="no room for it on this machine")
    with Loopback(Answer(json={"long": "x" * (2 << 20)})) as server, refused as caught:
        garden(server.url).generate("a lily", model="lily-1")
    assert caught.value.charged is not Charged.NO


def test_a_picture_of_a_stream_that_finds_no_room_ends_neither_the_stream_nor_its_blame(no_memory):
    body = b"".join(b"data: %s\n\n" % json.dumps(entry(data)).encode() for data in (LARGE, SMALL))
    reply = Reply(200, STREAM, io.BytesIO(body))
    wire = Wire("events", blobs=frozenset({"b64_json"}))
    large, small = server_events(reply, wire, lambda: None)
    assert "no room for it" in large.document["b64_json"].reason
    assert small.document["b64_json"].read() == SMALL


def test_a_link_that_finds_no_room_is_not_said_to_have_broken_off(garden, naps, no_memory):
    with Loopback() as server:
        answer = Answer(json={"data": [{"url": f"{server.url}/1.png"}]})
        server.script(answer, Answer(body=LARGE))
        image = garden(server.url).generate("a lily", model="lily-1").image
        with pytest.raises(DownloadError, match=r"no room .*: No such file") as caught:
            image.read()
    assert (caught.value.retryable, caught.value.charged) == (True, Charged.YES)
