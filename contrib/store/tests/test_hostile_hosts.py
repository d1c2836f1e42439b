"""Hosts that answer what no host should. What they say must not keep a picture that is paid for
from being written down; and it must not stop the worker, for whom others wait."""

from __future__ import annotations

import logging
import struct
import time
from base64 import b64encode
from decimal import Decimal

import pytest
from imagekit_sandbox.serving.configuration import KEY
from sqlalchemy import update

from imagekit import Charged, Client, Config, UsageError, from_plain
from imagekit.testing import Answer, Loopback, picture, picture_base64
from imagekit_store import State, Worker
from imagekit_store.schema.tables import REQUESTS, Money

MODEL = "token360:seedream-4.5"
LILY = picture_base64(8, 8)
NO_TEXT = "half \ud800 and \0"


@pytest.fixture
def ask_of(store):
    """A client of the store at a host that answers so."""
    opened = []

    def start(*answers):
        server = Loopback(*answers)
        server.__enter__()
        hosts = {"token360": {"base_url": server.url, "credential": {"file": str(KEY)}}}
        client = Client(config=from_plain({"hosts": hosts}, Config), journal=store)
        opened.extend((client.close, lambda: server.__exit__(None, None, None)))
        return client, server

    yield start
    for close in opened:
        close()


def made(store, ask_of, answer, headers=()):
    """The request that was answered so, as the store has it."""
    client, _ = ask_of(Answer(json=answer, headers=dict(headers)))
    client.generate("a lily", model=MODEL, resolution="2K")
    (entry,) = store.requests()
    return entry


def wide(width: int, height: int) -> str:
    """A picture that says it has so many pixels."""
    head = bytearray(picture(8, 8))
    head[16:24] = struct.pack(">II", width, height)
    return b64encode(head).decode()


def nested(depth: int) -> list:
    inner: list = []
    for _ in range(depth):
        inner = [inner]
    return inner


@pytest.mark.parametrize(
    "item",
    [
        {"b64_json": wide(2**32 - 1, 2**32 - 16)},
        {"b64_json": LILY, "about": nested(400)},
        {"b64_json": LILY, "about": NO_TEXT, NO_TEXT: 1},
    ],
    ids=["more pixels than can be counted", "deeply nested", "no text"],
)
def test_a_picture_is_kept_whatever_is_said_of_it(store, ask_of, item):
    entry = made(store, ask_of, {"data": [item], "model": NO_TEXT})
    assert entry.attempts[0].state is State.STORED
    assert entry.pictures[0].is_kept


def test_a_link_that_is_no_text_leaves_the_other_pictures_alone(store, ask_of):
    data = [{"url": f"https://lily.example/{NO_TEXT}"}, {"b64_json": LILY}]
    entry = made(store, ask_of, {"data": data})
    assert [picture.is_kept for picture in entry.pictures] == [False, True]
    assert entry.pictures[0].url == "https://lily.example/half \\ud800 and \\x00"


@pytest.mark.parametrize("cost", ["1e10", "1e30", "1e999999", 1e300])
def test_a_cost_that_nobody_can_pay_is_not_known(store, ask_of, cost):
    """What no one could write out is no cost at all; what is too much to count is told."""
    entry = made(store, ask_of, {"data": [{"b64_json": LILY}], "usage": {"cost": cost}})
    (attempt,) = entry.attempts
    assert (attempt.state, attempt.charged, attempt.cost) == (State.STORED, Charged.YES, None)
    assert cost != "1e10" or "is not believed" in attempt.notes[-1]


def test_money_is_exact_whatever_precision_a_program_has_set(store):
    from decimal import localcontext

    amount = Decimal("1234567.123456789")
    with localcontext() as context:
        context.prec = 3
        plain = Money().process_bind_param(amount, None)
        assert Money().process_result_value(plain, None) == amount


def lost_and_found(store, ask_of, records):
    """A request whose answer was lost, at a host with these records of it."""

    def answer(seen):
        if seen.method == "POST":
            return Answer(cut=0)
        return Answer(json={"data": records, "has_more": False})

    client, _ = ask_of(answer)
    with pytest.raises(Exception, match="connection"):
        client.generate("a lily", model=MODEL, resolution="2K")
    Worker(store, client).once(horizon=float("inf"))
    (entry,) = store.requests()
    return entry


def test_a_record_whose_id_is_no_text_is_taken_all_the_same(store, ask_of):
    client, _ = ask_of(Answer())
    about = {"model": client.route(MODEL).remote_id, "prompt": "a lily", "status": "completed"}
    record = {**about, "id": NO_TEXT, "created_at": int(time.time())}
    entry = lost_and_found(store, ask_of, [record])
    assert entry.attempts[0].record == "half \\ud800 and \\x00"


# --- and callers, and rows -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        {"prompt": 5},
        {"model": NO_TEXT},
        {"size": {1, 2}},
        {"options": {"deep": nested(20_000)}},
        {"part": 2},
    ],
    ids=lambda asked: next(iter(asked)),
)
def test_what_can_not_be_written_down_is_refused_in_a_sentence(store, asked):
    whole = {"prompt": "a lily", "model": MODEL, **asked}
    with pytest.raises(UsageError, match=next(iter(asked))):
        store.ask(**whole)
    assert len(store.requests()) == 0


def test_a_row_that_nobody_understands_does_not_stop_the_worker(store, ask_of, caplog):
    client, _ = ask_of(Answer(json={"data": [{"b64_json": LILY}]}))
    broken = store.ask("a lily", model=MODEL, resolution="2K")
    damage = update(REQUESTS).where(REQUESTS.c.id == broken).values(asked=["no", "request"])
    store.write(lambda connection: connection.execute(damage))
    whole = store.ask("a heron", model=MODEL, resolution="2K")

    worker = Worker(store, client)
    with caplog.at_level(logging.ERROR, "imagekit.store"):
        worker.once()
        worker.once()
    assert store.request(whole).state == "done"
    assert store.request(broken).state == "queued"
    assert f"{broken}: this worker can't go on with it" in caplog.text
