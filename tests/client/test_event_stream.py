"""`Client.stream`: a call told while it happens."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from imagekit import (
    Charged,
    Client,
    DeadlineExceeded,
    Family,
    Host,
    HostSettings,
    InvalidRequest,
    Model,
    Moderated,
    NoAuth,
    Offer,
    Parameter,
    Plugins,
    Result,
    events,
    hookimpl,
    spell,
)
from imagekit.testing import Answer, Loopback
from imagekit.testing.pictures import picture_base64

Garden = Callable[..., Client]

IRIS = Family("iris", "Iris", (Model("iris-1", "Iris 1", parameters=(Parameter("stream", bool),)),))


class Irises:
    """A model that is streamed at one host and not at the other."""

    @hookimpl
    def imagekit_families(self) -> list[Family]:
        return [IRIS]

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        return [host("brook", "stream"), host("pond", "")]


def host(name: str, parameters: str) -> Host:
    offers = (Offer("iris-1", "iris-1", "openai-images", spells=spell(parameters)),)
    return Host(name, name, f"https://{name}.invalid", NoAuth(), offers=offers)


def irises(url: str, *more: object, **options: Any) -> Client:
    settings = {name: HostSettings(base_url=url) for name in ("brook", "pond")}
    return Client(plugins=Plugins.of(Irises(), *more), environment={}, hosts=settings, **options)


def sse(*documents: dict[str, Any], **fault: Any) -> Answer:
    body = "".join(f"data: {json.dumps(document)}\n\n" for document in documents)
    headers = {"Content-Type": "text/event-stream"}
    return Answer(body=body.encode(), headers=headers, **fault)


def picture(number: int) -> dict[str, Any]:
    url = f"https://pictures.invalid/{number}.png"
    return {"type": "image_generation.partial_succeeded", "image_index": number, "url": url}


DONE = {"type": "image_generation.completed", "usage": {"generated_images": 2}}
KINDS = ["Sending", "Received", "Picture", "Picture", "Completed", "Finished"]


def kinds(stream: Any) -> list[str]:
    return [type(event).__name__ for event in stream]


def test_a_host_that_streams_is_asked_to_and_the_receipt_says_by_whom() -> None:
    with (
        Loopback(sse(picture(0), picture(1), DONE)) as server,
        irises(server.url) as client,
    ):
        told = list(client.stream("an iris", model="brook:iris-1", fetch=False))
    assert kinds(told) == KINDS
    assert server.seen[0].json["stream"] is True
    finished = told[-1]
    assert isinstance(finished, events.Finished)
    assert finished.result.receipt["stream"].by == "Client.stream"


def test_a_picture_can_be_used_before_the_next_is_made(png: bytes) -> None:
    saved = threading.Event()

    def slow(seen: Any) -> Answer:
        if seen.method == "GET":
            return Answer(body=png)
        return sse({**picture(0), "url": f"{server.url}/0.png"}, DONE, drip=0.001)

    with Loopback(slow) as server, irises(server.url) as client:
        for event in client.stream("an iris", model="brook:iris-1"):
            if isinstance(event, events.Picture):
                assert event.image.read() == png
                saved.set()
            if isinstance(event, events.Completed):
                assert saved.is_set()
    assert saved.is_set()


def test_other_hosts_tell_the_same_when_the_answer_is_here(drawn: dict[str, Any]) -> None:
    with Loopback(Answer(json={**drawn, "data": drawn["data"] * 2})) as server:
        with irises(server.url) as client:
            told = kinds(client.stream("an iris", model="pond:iris-1"))
        assert told == [kind for kind in KINDS if kind != "Completed"]
        assert "stream" not in server.seen[0].json


def test_several_calls_are_one_stream_with_every_picture_numbered(garden: Garden, drawn) -> None:
    with Loopback(Answer(json=drawn)) as server:
        told = list(garden(server.url).stream("a lily", model="lily-1", n=3))
    pictures = [event.image.index for event in told if isinstance(event, events.Picture)]
    assert sorted(pictures) == [0, 1, 2]
    assert [type(event).__name__ for event in told].count("Finished") == 1


def test_what_is_wrong_with_a_call_is_said_at_once(garden: Garden) -> None:
    with pytest.raises(InvalidRequest):  # not only when the first event is asked for
        garden("https://garden.invalid").stream("a lily", model="lily-1", seed="seven")


def test_an_error_comes_after_the_events_before_it(garden: Garden) -> None:
    refused = Answer(400, json={"error": {"code": "content_policy_violation", "message": "no"}})
    with Loopback(refused) as server:
        told = garden(server.url).stream("a lily", model="lily-1")
        assert [type(next(told)).__name__ for _ in range(2)] == ["Sending", "Received"]
        with pytest.raises(Moderated):
            next(told)


def test_a_deadline_ends_it(garden: Garden) -> None:
    with Loopback(Answer(delay=60)) as server, pytest.raises(DeadlineExceeded) as caught:
        list(garden(server.url).stream("a lily", model="lily-1", deadline=0.5))
    assert caught.value.charged is Charged.MAYBE


def test_leaving_early_sends_nothing_more_and_sinks_still_get_the_picture(
    garden: Garden, drawn
) -> None:
    stored: list[Result] = []
    here = threading.Event()

    def store(result: Result) -> None:
        stored.append(result)
        here.set()

    go_on = threading.Event()

    def answer(seen: Any) -> Answer:
        go_on.wait(60)
        return Answer(json=drawn)

    with Loopback(answer) as server:
        client = garden(server.url, sinks=[store], concurrency=1)
        for event in client.stream("a lily", model="lily-1", n=3):
            if isinstance(event, events.Sending):
                break
        go_on.set()
        assert here.wait(60)
        assert len(server.seen) == 1
    assert [len(result.images) for result in stored] == [1]


def test_silence_is_told_to_those_who_ask(png: bytes) -> None:
    beaten = threading.Event()

    def slow(seen: Any) -> Answer:
        beaten.wait(60)
        return sse(picture(0), DONE)

    with Loopback(slow) as server, irises(server.url) as client:
        stream = client.stream("an iris", model="brook:iris-1", fetch=False, heartbeat=0.05)
        for event in stream:
            if isinstance(event, events.Heartbeat):
                assert (event.route, event.step) == ("brook:iris-1", "generate")
                beaten.set()
    assert beaten.is_set()


def test_policies_are_asked_once(png: bytes) -> None:
    """What was admitted is what is sent."""
    asked: list[str] = []

    class Policy:
        @hookimpl
        def imagekit_prepare_call(self, call: Any) -> Any:
            asked.append(call.prompt)

    with Loopback(sse(picture(0), DONE)) as server, irises(server.url, Policy()) as client:
        list(client.stream("an iris", model="brook:iris-1", fetch=False))
    assert asked == ["an iris"]


def test_an_unfinished_picture_is_no_picture() -> None:
    png = picture_base64(2, 1)
    partial = {"type": "image_generation.partial_image", "b64_json": png, "partial_image_index": 0}
    whole = {"type": "image_generation.completed", "b64_json": png}
    with Loopback(sse(partial, whole)) as server, irises(server.url) as client:
        told = list(client.stream("an iris", model="brook:iris-1"))
    assert kinds(told) == ["Sending", "Received", "Partial", "Picture", "Completed", "Finished"]
    assert len(told[-1].result.images) == 1
