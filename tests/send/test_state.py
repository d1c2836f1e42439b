"""What a wire notes with a job is there when the next answer is decoded, in whatever process."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from imagekit import (
    Call,
    Charged,
    Client,
    Family,
    Host,
    HostSettings,
    Image,
    Model,
    NoAuth,
    Offer,
    Pending,
    PluginError,
    Plugins,
    Request,
    Response,
    Result,
    Wire,
    from_json,
    from_plain,
    hookimpl,
    spell,
    to_json,
    to_plain,
)
from imagekit.testing import Answer, Loopback, picture_base64
from imagekit.wires import object_of


class Tickets(Wire):
    """Each answer has a ticket, and the pictures are good for whoever has had all of them."""

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        assert call.state == {}
        return Request("POST", call.route.url(), body=b"{}")

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result | Pending:
        document = object_of(call, response)
        had = [*call.state.get("tickets", ()), document["ticket"]]
        if "picture" in document:
            image = Image(0, blob=document["picture"])
            return Result((image,), metadata={"tickets": had}, receipt=call.receipt)
        look = Request("GET", call.route.url(), step="poll", repeatable=True)
        return Pending(look, wait=1.0, charged=Charged.YES, state=self.noted(had))

    def noted(self, had: list[str]) -> dict[Any, Any]:
        return {"tickets": had}


class Fair:
    """A plugin with one host, whose wire may be another."""

    def __init__(self, kind: type[Tickets] = Tickets) -> None:
        self.kind = kind

    @hookimpl
    def imagekit_families(self) -> Iterable[Family]:
        return [Family("fern", "Fern", (Model("fern", "Fern"),))]

    @hookimpl
    def imagekit_wires(self) -> Iterable[Wire]:
        return [self.kind("tickets", frozenset({"picture"}), paths={"generate": "/jobs"})]

    @hookimpl
    def imagekit_hosts(self) -> Iterable[Host]:
        offers = (Offer("fern", "f-1", "tickets", spell("prompt")),)
        return [Host("fair", "Fair", "https://fair.invalid", NoAuth(), offers)]


class Notes:
    """A journal that keeps every job that it is told of."""

    def __init__(self) -> None:
        self.jobs: list[Pending] = []

    def sending(self, purchase: Any) -> None: ...
    def accepted(self, purchase: Any, pending: Pending) -> None:
        self.jobs.append(pending)

    def answered(self, purchase: Any, result: Result, more: bool) -> None: ...
    def kept(self, purchase: Any, result: Result) -> None: ...
    def left(self, purchase: Any, pending: Pending | None) -> None: ...
    def ended(self, purchase: Any, error: Any) -> None: ...


@contextmanager
def visitor(server: Loopback, plugin: Fair | None = None, **options: Any) -> Iterator[Client]:
    options |= {"hosts": {"fair": HostSettings(base_url=server.url)}, "sleep": lambda seconds: None}
    with Client(plugins=Plugins.of(plugin or Fair()), environment={}, **options) as client:
        yield client


def ticket(name: str) -> Answer:
    return Answer(json={"ticket": name})


DONE = Answer(json={"ticket": "c", "picture": picture_base64(3, 2)})
TROUBLE = Answer(503, body=b"<html>")


def test_each_answer_is_decoded_with_what_was_noted_before() -> None:
    notes = Notes()
    with Loopback(ticket("a"), ticket("b"), DONE) as server, visitor(server, journal=notes) as one:
        result = one.generate("a fern", model="fern")
    assert result.metadata["tickets"] == ["a", "b", "c"]
    noted = [job.state["tickets"] for job in notes.jobs]
    assert noted == [["a"], ["a", "b"]], "whoever goes on after a crash has less than we had"


def test_trouble_and_a_look_that_is_sent_again_lose_nothing() -> None:
    answers = (ticket("a"), TROUBLE, Answer(cut=0), ticket("b"), TROUBLE, DONE)
    with Loopback(*answers) as server, visitor(server) as one:
        result = one.generate("a fern", model="fern")
    assert result.metadata["tickets"] == ["a", "b", "c"]


@pytest.mark.parametrize("way", [(to_json, from_json), (to_plain, from_plain)])
def test_another_process_has_it_as_well(way: Any) -> None:
    write, read = way
    with Loopback(ticket("a"), ticket("b"), DONE) as server:
        with visitor(server) as one:
            pending = one.begin("a fern", model="fern")
            stored = json.dumps(write(pending))
        with visitor(server) as other:
            pending = other.look(read(json.loads(stored), Pending))
            assert isinstance(pending, Pending)
            stored = json.dumps(write(pending))
        with visitor(server) as third:
            result = third.resume(read(json.loads(stored), Pending))
    assert result.metadata["tickets"] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ({"tickets": object()}, "is not JSON: Object of type object is not JSON serializable"),
        ({"tickets": float("nan")}, "is not JSON: Out of range float"),
        ({"tickets": "x" * 20_000}, "has 20,015 characters as JSON; 16,384 are the most"),
        ({"tickets": ("a",)}, "is another once it was JSON"),
        ({7: "a"}, "is another once it was JSON"),
    ],
)
def test_a_state_that_can_go_nowhere_is_the_wires_mistake_and_the_job_is_kept(
    state: Any, why: str
) -> None:
    class Careless(Tickets):
        def noted(self, had: list[str]) -> dict[Any, Any]:
            return state  # type: ignore[no-any-return]

    notes = Notes()
    with Loopback(ticket("a"), DONE) as server:
        with visitor(server, Fair(Careless), journal=notes) as one:
            with pytest.raises(PluginError, match="the wire tickets notes a state") as caught:
                one.generate("a fern", model="fern")
            assert why in str(caught.value)
            assert caught.value.charged is Charged.YES
            assert notes.jobs == [caught.value.pending], "it is written down before it is told"
            assert caught.value.pending is not None
            assert one.resume(caught.value.pending).image.pixels == (3, 2)
        assert [seen.method for seen in server.seen] == ["POST", "GET"]
