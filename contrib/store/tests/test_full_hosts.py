"""A host that is asked as much as it may be: its calls wait in the store, and hold no thread."""

from __future__ import annotations

import threading

import pytest
from attrs import evolve

from imagekit import Claim, Client
from imagekit_sandbox.serving import Upstreams
from imagekit_store import RequestState, State, Worker

FULL, FREE = "token360:seedream-4.5", "powertokens:seedream-4.5"
PLACE = Claim("another", "token360", at_once=1)


@pytest.fixture
def client(store):
    """One that may ask a host for one picture at once, whose place is taken."""
    with Upstreams() as upstreams:
        config = upstreams.configuration()
        one = evolve(config.hosts["token360"], at_once=1)
        config = evolve(config, hosts={**config.hosts, "token360": one})
        assert store.claim(PLACE) is None
        with Client(config=config, journal=store, sharing=store) as client:
            yield client


def states(store, *ids: str) -> list[RequestState]:
    return [store.request(id).state for id in ids]


def test_its_calls_give_their_thread_back_and_keep_their_place(store, client):
    worker = Worker(store, client, threads=1)
    first, second = (store.ask("a corgi", model=FULL) for _ in range(2))
    other = store.ask("a corgi", model=FREE)
    while store.request(other).state is not RequestState.DONE:
        assert worker.once()
    assert states(store, first, second) == [RequestState.QUEUED] * 2
    (call,) = store.request(first).attempts
    assert (call.state, call.charged, call.error["type"]) == (State.QUEUED, "no", "LimitReached")
    store.release(PLACE.call, None)
    while store.request(first).state is not RequestState.DONE:
        worker.once()
    assert states(store, second) == [RequestState.QUEUED]


def test_one_thread_at_most_waits_for_its_turn(store, client):
    stop = threading.Event()
    worker = Worker(store, client, threads=2, told=lambda entry: entry.id == other and stop.set())
    full = [store.ask("a corgi", model=FULL) for _ in range(4)]
    other = store.ask("a corgi", model=FREE)
    working = threading.Thread(target=worker.run, args=(stop,))
    working.start()
    assert stop.wait(60)
    store.release(PLACE.call, None)
    working.join()
    assert store.request(other).state is RequestState.DONE
    assert RequestState.FAILED not in states(store, *full)
