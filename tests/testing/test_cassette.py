"""Recording what goes through a client, and playing it back without the server."""

from __future__ import annotations

import base64
import json
import socket
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imagekit import (
    Call,
    Client,
    DownloadError,
    Family,
    Model,
    NotSent,
    Offer,
    OutcomeUnknown,
    Pending,
    Plugins,
    Request,
    Response,
    Result,
    Retry,
    Wire,
    hookimpl,
)
from imagekit.testing import Answer, Cassette, Loopback, OpenAIAnswers, Seen, picture_base64
from imagekit.testing.cassette.cassette import NotOnCassette, Unplayed
from imagekit.wires.openai_images import OpenAIImages

KEY = "key-of-the-garden"
SIGNED = "X-Amz-Expires=600&X-Amz-Signature=0123456789abcdef0123456789abcdef"

Garden = Callable[..., Client]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "lily.json"


def files(path: Path) -> list[str]:
    return sorted(found.name for found in path.with_name("lily.files").glob("*"))


# --- what is recorded can be played ---------------------------------------------------------


def test_the_first_run_records_and_the_second_needs_neither_server_nor_key(
    garden: Garden, path: Path, drawn: dict[str, Any], png: bytes
) -> None:
    with Loopback(Answer(json=drawn)) as server, Cassette(path) as cassette:
        first = garden(server.url, cassette).generate("a lily", model="lily-1")
        assert cassette.recording
    with Cassette(path) as cassette:
        client = garden(server.url, cassette, credentials={})
        again = client.generate("a lily", model="lily-1")
        assert not cassette.recording
    assert first.image.blob.read() == again.image.blob.read() == png


def test_links_are_played_as_well(garden: Garden, path: Path, png: bytes) -> None:
    with Loopback() as server:
        link = f"{server.url}/1.png?{SIGNED}"
        server.script(Answer(json={"data": [{"url": link}]}), Answer(body=png))
        with Cassette(path) as cassette:
            garden(server.url, cassette).generate("a lily", model="lily-1").image.blob  # noqa: B018
    with Cassette(path) as cassette:
        image = garden(server.url, cassette).generate("a lily", model="lily-1").image
        assert image.blob.read() == png


class Sprouts:
    """A wire of jobs: what has no pictures yet is asked for again."""

    @hookimpl
    def imagekit_wires(self) -> list[Wire]:
        return [Sprouting()]

    @hookimpl
    def imagekit_offers(self) -> list[Offer]:
        return [Offer("lily-2", "lily-two", "sprouts", host="garden")]

    @hookimpl
    def imagekit_families(self) -> list[Family]:
        return [Family("lily2", "Lily 2", (Model("lily-2", "Lily 2"),))]


class Sprouting(OpenAIImages):
    def __init__(self) -> None:
        super().__init__("sprouts")

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result | Pending:
        if response.document == {"state": "budding"}:
            return Pending(Request("GET", call.route.url(), step="poll", repeatable=True), wait=7)
        return super().imagekit_decode_response(call, response)


def test_a_job_is_played_look_by_look_and_nobody_waits_for_it(
    garden: Garden, path: Path, drawn: dict[str, Any], naps: list[float]
) -> None:
    budding = Answer(json={"state": "budding"})
    with Loopback(budding, budding, Answer(json=drawn)) as server, Cassette(path) as cassette:
        garden(server.url, Sprouts(), cassette).generate("a lily", model="lily-2")
    assert naps == [7, 7]
    with Cassette(path) as cassette:
        client = garden(server.url, Sprouts(), cassette, sleep=cassette.sleep)
        assert len(client.generate("a lily", model="lily-2").images) == 1
        assert cassette.unplayed == []


def test_a_stream_is_played_event_by_event(garden: Garden, path: Path) -> None:
    documents = OpenAIAnswers().events(picture_base64(3, 3), picture_base64(5, 3))
    body = "".join(f"data: {json.dumps(one)}\n\n" for one in documents).encode()
    streamed = Answer(body=body, headers={"Content-Type": "text/event-stream"})

    def told(client: Client) -> list[str]:
        return [type(event).__name__ for event in client.stream("a lily", model="lily-1")]

    with Loopback(streamed) as server, Cassette(path) as cassette:
        first = told(garden(server.url, cassette))
    with Cassette(path) as cassette:
        assert told(garden(server.url, cassette)) == first
    assert first.count("Picture") == 2


def test_two_links_that_differ_in_their_signature_stay_two(
    garden: Garden, path: Path, png: bytes
) -> None:
    other = png + b"\0"

    def answer(seen: Seen) -> Answer:
        if seen.method == "POST":
            data = [{"url": f"{server.url}/get?token={name}"} for name in ("one", "two")]
            return Answer(json={"data": data})
        return Answer(body=png if seen.path.endswith("one") else other)

    with Loopback(answer) as server, Cassette(path) as cassette:
        one, two = garden(server.url, cassette).generate("a lily", model="lily-1").images
        assert (one.blob.read(), two.blob.read()) == (png, other)
    with Cassette(path) as cassette:
        one, two = garden(server.url, cassette).generate("a lily", model="lily-1").images
        assert (two.blob.read(), one.blob.read()) == (other, png)


def test_the_same_request_twice_gets_what_was_said_each_time(
    garden: Garden, path: Path, drawn: dict[str, Any], naps: list[float]
) -> None:
    slow = Answer(429, json={"error": {"code": "slow_down"}}, headers={"Retry-After": "7"})
    with Loopback(slow, Answer(json=drawn)) as server:
        for _ in range(2):
            with Cassette(path) as cassette:
                garden(server.url, cassette).generate("a lily", model="lily-1")
    assert naps == [7.0, 7.0]
    assert len(server.seen) == 2


def test_pictures_of_a_request_are_compared_and_not_kept(
    garden: Garden, path: Path, drawn: dict[str, Any], png: bytes
) -> None:
    def ask(client: Client, picture: bytes) -> None:
        link = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
        client.generate("a lily", model="lily-1", native={"image": link})

    with Loopback(Answer(json=drawn)) as server, Cassette(path) as cassette:
        ask(garden(server.url, cassette), png * 20)
    asked = json.loads(path.read_text())["interactions"][0]["request"]
    assert len(json.dumps(asked)) < 500
    with Cassette(path) as cassette:
        client = garden(server.url, cassette)
        with pytest.raises(NotOnCassette, match=r"body\.image"):
            ask(client, png * 21)
        ask(client, png * 20)


# --- faults -----------------------------------------------------------------------------------


def test_a_refused_connection_is_played(garden: Garden, path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    messages = []
    for _ in range(2):
        with Cassette(path) as cassette:
            client = garden(url, cassette, retry=Retry(attempts=1))
            with pytest.raises(NotSent) as caught:
                client.generate("a lily", model="lily-1")
            messages.append((type(caught.value), caught.value.message, caught.value.retryable))
    assert messages[0] == messages[1]


def test_a_lost_answer_is_played(garden: Garden, path: Path) -> None:
    with Loopback(Answer(cut=0)) as server:
        for _ in range(2):
            with Cassette(path) as cassette, pytest.raises(OutcomeUnknown) as caught:
                garden(server.url, cassette).generate("a lily", model="lily-1")
            assert caught.value.charged == "maybe"
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(502, body=b"<html>bad gateway</html>"),
        Answer(body=b'{"data": [{"b64_json": "iVBOR', headers={"Content-Type": "application/json"}),
        Answer(body=b'{"data": [' + b"1, " * 500 + b"2]}", cut=700),
        Answer(body=b"\xff\xfe\0 no text at all"),
        Answer(body=b'{"a": "\xff"}'),
        Answer(body=b""),
    ],
    ids=["html", "torn", "cut", "binary", "no UTF-8", "empty"],
)
def test_a_broken_answer_is_as_broken_when_it_is_played(
    garden: Garden, path: Path, answer: Answer
) -> None:
    found = []
    with Loopback(answer) as server:
        for _ in range(2):
            with Cassette(path) as cassette:
                client = garden(server.url, cassette, retry=Retry(attempts=1))
                with pytest.raises(Exception) as caught:  # noqa: PT011
                    client.generate("a lily", model="lily-1")
                head = getattr(caught.value, "head", b"")
                found.append((type(caught.value), str(caught.value), head))
    assert len(server.seen) == 1
    assert found[0] == found[1]


def test_a_download_that_breaks_off_breaks_off_again(
    garden: Garden, path: Path, png: bytes
) -> None:
    with Loopback() as server:
        link = Answer(json={"data": [{"url": f"{server.url}/1.png"}]})
        server.script(link, Answer(body=png, cut=len(png) - 1))
        for _ in range(2):
            with Cassette(path) as cassette:
                client = garden(server.url, cassette, retry=Retry(attempts=1))
                image = client.generate("a lily", model="lily-1").image
                with pytest.raises(DownloadError, match="broke off"):
                    image.blob  # noqa: B018
    assert len(server.seen) == 2


# --- a request that is not on the tape ----------------------------------------------------------


def test_another_request_is_told_what_it_differs_in(
    garden: Garden, path: Path, drawn: dict[str, Any]
) -> None:
    with Loopback(Answer(json=drawn)) as server, Cassette(path) as cassette:
        client = garden(server.url, cassette)
        client.generate("a rose", model="lily-1", seed=1)
        client.generate("a lily", model="lily-1", seed=7)
    with Cassette(path) as cassette:
        client = garden(server.url, cassette)
        with pytest.raises(NotOnCassette) as caught:
            client.generate("a lily", model="lily-1", seed=8)
        client.generate("a rose", model="lily-1", seed=1)
        client.generate("a lily", model="lily-1", seed=7)
    assert "interaction 2" in str(caught.value)
    assert "body.seed: 7 on the tape, 8 now" in str(caught.value)
    assert "prompt" not in str(caught.value)
    assert caught.value.charged == "no"
    assert not caught.value.retryable
    assert len(server.seen) == 2


def test_what_was_played_is_not_played_twice(
    garden: Garden, path: Path, drawn: dict[str, Any]
) -> None:
    with Loopback(Answer(json=drawn)) as server, Cassette(path) as cassette:
        garden(server.url, cassette).generate("a lily", model="lily-1")
    with Cassette(path) as cassette:
        client = garden(server.url, cassette)
        client.generate("a lily", model="lily-1")
        with pytest.raises(NotOnCassette, match="recorded once, and has been played already"):
            client.generate("a lily", model="lily-1")


def test_the_order_of_fields_does_not_matter() -> None:
    from imagekit.testing.cassette.comparing import is_same
    from imagekit.testing.cassette.tape import Asked

    one = Asked("generate", "POST", "https://garden.invalid", {"a": 1, "b": {"c": [1, 2], "d": 2}})
    two = Asked("generate", "POST", "https://garden.invalid", {"b": {"d": 2, "c": [1, 2]}, "a": 1})
    other = Asked(
        "generate", "POST", "https://garden.invalid", {"b": {"d": 2, "c": [2, 1]}, "a": 1}
    )
    assert is_same(one, two)
    assert not is_same(one, other)


def test_what_was_not_played_is_reported(garden: Garden, path: Path, drawn: dict[str, Any]) -> None:
    with Loopback(Answer(json=drawn)) as server, Cassette(path) as cassette:
        client = garden(server.url, cassette)
        client.generate("a lily", model="lily-1")
        client.generate("a rose", model="lily-1")
    cassette = Cassette(path).__enter__()
    garden(server.url, cassette).generate("a lily", model="lily-1")
    assert len(cassette.unplayed) == 1
    with pytest.warns(Unplayed, match=r"1 of 2 interactions .* 2 \(POST http"):
        cassette.__exit__(None)


# --- memory --------------------------------------------------------------------------------------


def test_memory_does_not_grow_with_the_answer(garden: Garden, path: Path, png: bytes) -> None:
    picture = base64.b64encode(png + bytes(24_000_000)).decode()
    answer = Answer(body=json.dumps({"data": [{"b64_json": picture}] * 2}).encode())
    with Loopback(answer) as server:
        answer.content  # noqa: B018
        peaks = []
        for _ in range(2):
            with Cassette(path) as cassette:
                client = garden(server.url, cassette)
                tracemalloc.start()
                result = client.generate("a lily", model="lily-1")
                peaks.append(tracemalloc.get_traced_memory()[1])
                tracemalloc.stop()
    assert len(result.images) == 2
    assert len(files(path)) == 1
    assert max(peaks) < 16_000_000, peaks


# --- among real plugins ---------------------------------------------------------------------------


def test_a_cassette_joins_the_installed_plugins(path: Path) -> None:
    digests = set()
    for _ in range(2):
        with Cassette(path) as cassette:
            client = Client(plugins=Plugins.load({}, extra=[cassette]))
            result = client.generate("a lily", model="sandbox:seedream-4.0", size="1K")
            digests.add(result.image.blob.sha256)
            assert cassette.unplayed == []
    assert len(digests) == 1
