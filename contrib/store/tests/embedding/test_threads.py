"""One store for all threads of a program, and for all tasks of an event loop."""

from __future__ import annotations

import asyncio
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

from imagekit import AsyncClient
from imagekit_store import RequestState

LINK = "powertokens:seedream-4.5"
NAMES = [f"heron{number}" for number in range(16)]


def has_all(store, upstreams) -> bool:
    """Each request is there once, and so is its picture."""
    entries = list(store.requests(limit=100))
    assert sorted(entry.id for entry in entries) == sorted(NAMES)
    assert {entry.state for entry in entries} == {RequestState.DONE}
    assert all(store.picture(entry.id).pixels for entry in entries)
    return len(upstreams.ledger.entries) == len(NAMES)


def test_sixteen_threads_share_a_client_and_its_store(store, clients, upstreams):
    client = clients(store)
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda name: client.generate(name, model=LINK, id=name), NAMES))
    assert has_all(store, upstreams)


def test_an_event_loop_has_one_as_well(store, clients, upstreams):
    async def draw() -> None:
        async with AsyncClient(clients(store), concurrency=16) as client:
            await asyncio.gather(*(client.generate(name, model=LINK, id=name) for name in NAMES))

    asyncio.run(draw())
    assert has_all(store, upstreams)


def test_a_store_is_not_pickled_but_opened_where_it_is_used(store):
    with pytest.raises(TypeError, match="by its URL"):
        pickle.dumps(store)
