"""A clock is set forward or back by a day, while calls are under way and requests wait.

The clock of leases is the database's; with SQLite, that of the machine.
"""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from imagekit_store import RequestState, State, Store, Worker
from imagekit_store.database import database

LINK = "powertokens:seedream-4.5"
DAY = 86400.0

set_by = pytest.mark.parametrize("by", [DAY, -DAY], ids=["forward", "back"])


@pytest.fixture
def clock(monkeypatch):
    """One that can be set; stores notice that when they renew their leases."""
    real = time.time
    fake = SimpleNamespace(by=0.0, time=lambda: real() + fake.by)
    monkeypatch.setattr(database, "time", fake)
    return fake


@pytest.fixture
def url(tmp_path):
    """The machine's own clock counts where the database is a file."""
    return f"sqlite:///{tmp_path}/store.db"


def renew(store: Store) -> None:
    store.write(store.ledger.renew)


@set_by
def test_a_call_under_way_is_kept_though_others_take_its_process_for_dead(
    by, clock, opened, meanwhile, clients, finish, upstreams
):
    mine, other = opened(), opened()
    seen = []

    def set_clock() -> None:
        clock.by = by
        renew(other)
        seen.append(other.request("one").state)

    meanwhile(mine, "answered", set_clock)
    clients(mine).generate("a corgi", model=LINK, id="one")
    finish(other)
    assert seen == [RequestState.UNKNOWN]
    assert mine.request("one").state == RequestState.DONE
    assert len(upstreams.ledger.entries) == 1


@set_by
def test_a_request_that_two_processes_take_up_is_sent_by_one(
    by, clock, opened, meanwhile, clients, upstreams
):
    mine, other = opened(), opened()
    id = mine.ask("a corgi", model=LINK)
    others = Worker(other, clients(other))

    def set_clock() -> None:
        clock.by = by
        renew(other)
        assert others.once()

    meanwhile(mine, "sending", set_clock)
    Worker(mine, clients(mine)).once()
    assert mine.request(id).state == RequestState.DONE
    assert len(upstreams.ledger.entries) == 1


@set_by
def test_what_rests_is_taken_up_soon(by, clock, store, clients, upstreams):
    """Also where it is due tomorrow by the clock of now."""
    worker = Worker(store, clients(store))
    id = store.ask("a corgi", model="klingai:kling-v3")
    worker.once()
    assert store.request(id).attempts[0].state == State.ACCEPTED
    clock.by = by
    renew(store)
    assert worker.once()
    assert len(upstreams.ledger.entries) == 1


def test_nothing_rests_so_long_that_it_looks_like_a_clock_set_back(store, clients):
    worker = Worker(store, clients(store))
    store.ask("a corgi", model=LINK)
    claim = store.ledger.claim
    ((row),) = store.write(lambda connection: claim(connection, 1))
    tomorrow = store.ledger.now() + DAY
    store.write(lambda connection: store.ledger.release(connection, row.id, tomorrow))
    assert not worker.once()
