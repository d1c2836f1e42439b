"""Requests and their paid calls by a name of the caller's, and each call begun by itself."""

from __future__ import annotations

from uuid import uuid4

import anyio
import pytest
from imagekit_sandbox.serving import Upstreams

from imagekit import AsyncClient, Client, Pending, UsageError, events
from imagekit.testing import Answer, Loopback

MODEL = "klingai:kling-v3"  # which makes up to nine pictures in a call


class Rows:
    """A journal that keeps the id of every purchase."""

    def __init__(self):
        self.sent = []

    def sending(self, purchase):
        self.sent.append((purchase.id, purchase.places))

    def accepted(self, purchase, pending): ...
    def answered(self, purchase, result, more): ...
    def kept(self, purchase, result): ...
    def left(self, purchase, pending): ...
    def ended(self, purchase, error): ...


@pytest.fixture
def kling():
    """A client of Kling as the sandbox speaks it, and what that sells."""
    with Upstreams() as upstreams:
        options = {"environment": {}, "sleep": lambda seconds: None, "journal": Rows()}
        with Client(config=upstreams.configuration(), **options) as client:
            yield client, upstreams, options["journal"]


def test_the_one_call_of_a_request_has_its_id(garden, drawn):
    seen, rows, id = [], Rows(), uuid4().hex
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url, observers=[seen.append], journal=rows)
        client.generate("a lily", model="lily-1", id=id)
    assert {event.call for event in seen} == {id}
    assert rows.sent == [(id, ())]


def test_several_calls_have_the_id_and_a_number(garden, drawn):
    seen, rows = [], Rows()
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url, observers=[seen.append], journal=rows)
        list(client.stream("lilies", model="lily-1", n=2, id="row7"))
    assert sorted(rows.sent) == [("row7-1", (0,)), ("row7-2", (1,))]
    assert {event.call for event in seen if isinstance(event, events.Finished)} == {"row7"}


@pytest.mark.parametrize("id", ["", "row-7", "a/b", "_row", "ro w", "7\n", "é", "x" * 101, 7, b"x"])
def test_an_id_is_a_word_without_a_hyphen(garden, id):
    with Loopback() as server:
        client = garden(server.url)
        for ask in (client.generate, client.stream, client.begin, client.plan):
            with pytest.raises(UsageError, match="an id has 1 to 100 of a-z"):
                ask("a lily", model="lily-1", id=id)
    assert server.seen == []


def test_a_plan_has_a_row_for_each_call(kling):
    client, *_ = kling
    plan = client.plan("herons", model=MODEL, n=10, id="row7")
    rows = [(call.id, call.places, call.n) for call in plan.calls]
    assert rows == [("row7-1", tuple(range(9)), 9), ("row7-2", (9,), 1)]
    assert [call.id for call in client.plan("a heron", model=MODEL, id="row8").calls] == ["row8"]
    assert client.plan("a heron", model=MODEL, ratio="8:1").calls == ()


def test_each_of_several_calls_is_begun_by_itself(kling):
    client, upstreams, rows = kling
    for part in (2, 1):
        pending = client.begin("herons", model=MODEL, n=10, id="row7", part=part)
        assert isinstance(pending, Pending)
        places = range(9) if part == 1 else [9]
        assert [image.index for image in client.resume(pending).images] == [*places]
    assert rows.sent == [("row7-2", (9,)), ("row7-1", tuple(range(9)))]
    names = [(entry.name, entry.pictures) for entry in upstreams.ledger.entries]
    assert names == [("imagekit-row7-2", 1), ("imagekit-row7-1", 9)]


def test_the_only_call_is_part_1(kling):
    client, _, rows = kling
    client.begin("a heron", model=MODEL, id="row7", part=1)
    assert rows.sent == [("row7", ())]


@pytest.mark.parametrize("part", [0, 3, -1, True, "2", 1.0])
def test_a_part_that_is_not_there_buys_nothing(kling, part):
    client, upstreams, _ = kling
    with pytest.raises(UsageError, match="takes 2 paid calls, numbered from 1: there is no part"):
        client.begin("herons", model=MODEL, n=10, part=part)
    assert upstreams.journal.entries == ()


def test_an_async_client_passes_ids_and_parts_on(kling):
    client, _, rows = kling

    async def main():
        async with AsyncClient(client) as asking:
            await asking.reserve("herons", model=MODEL, n=10, id="row7")
            await asking.begin("herons", model=MODEL, n=10, id="row7", part=2)
            await asking.generate("a heron", model=MODEL, id="row8")
            plan = await asking.plan("a heron", model=MODEL, id="row9")
            assert plan.calls[0].id == "row9"
            async for _ in asking.stream("a heron", model=MODEL, id="row10"):
                pass

    anyio.run(main)
    assert [id for id, _ in rows.sent] == ["row7-2", "row8", "row10"]
