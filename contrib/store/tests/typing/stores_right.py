"""A store: as the journal of a client, and for requests that workers answer."""

import threading
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, assert_type

from imagekit import Charged, Client, Config, Image, Journal
from imagekit_store import (
    Amount,
    Attempt,
    Caller,
    Checked,
    Costs,
    Entry,
    NoSuchRequest,
    Page,
    RayWorkers,
    Removed,
    RequestState,
    Spent,
    State,
    Store,
    StoredPicture,
    StoreUnavailable,
    Worker,
    workers_on,
)


def draw(url: str) -> bytes:
    with Store(url, pictures="pictures", key="ada", keep_days=30) as store:
        journal: Journal = store
        with Client(journal=journal) as client:
            client.generate("a heron", model="lily-1", id="one")
        assert_type(store, Store)
        return store.picture("one").read()


def ask(store: Store, image: bytes) -> Image | None:
    id = store.ask(
        "a heron", model="lily-1", caller=Caller(idem="today"), image=image, size="2K", n=2
    )
    assert_type(id, str)
    try:
        entry = store.wait(id, timeout=60)
    except (NoSuchRequest, StoreUnavailable, TimeoutError):
        return None
    assert_type(entry, Entry)
    return store.picture(id, 1, key="ada") if entry.state is RequestState.DONE else None


def work(store: Store, client: Client, stop: threading.Event) -> bool:
    worker = Worker(store, client, threads=8, told=lambda entry: entry.prompt.upper())
    worker.run(stop)
    worker.run(until_idle=True)
    assert_type(worker.once(), bool)
    return store.waiting()


def read(store: Store) -> list[str]:
    page = store.requests(
        key="ada", state="done", since="2026-11-01", until=datetime.now(), limit=5
    )
    assert_type(page, Page)
    assert_type(page.more, bool)
    for entry in page:
        assert_type(entry, Entry)
        assert_type(entry.asked, Mapping[str, Any] | None)
        assert_type(entry.finished, datetime | None)
        assert_type(entry.attempts, tuple[Attempt, ...])
        assert_type(entry.pictures, tuple[StoredPicture, ...])
        for attempt in entry.attempts:
            assert_type(attempt.state, State)
            assert_type(attempt.charged, Charged)
            assert_type(attempt.cost, Decimal | None)
    return [picture.sha256 for entry in page for picture in entry.pictures if picture.sha256]


def look_after(store: Store) -> Decimal:
    assert_type(store.settle("one", charged=Charged.NO, note="invoice 17"), tuple[Attempt, ...])
    assert_type(store.forget("one"), Removed)
    assert_type(store.sweep(), Removed)
    assert_type(store.check(pictures=True), Checked)
    assert_type(store.thumbnail("one", 0, 256), Image)
    costs = store.costs("host", since="2026-11-01")
    assert_type(costs, Costs)
    assert_type(costs.groups, tuple[Spent, ...])
    assert_type(costs.total.amounts, tuple[Amount, ...])
    return sum((amount.cost for amount in costs.total.amounts), Decimal(0))


def spread(store: Store, config: Config) -> None:
    with workers_on("auto", config, count=3, threads=8, told=print) as workers:
        assert_type(workers, RayWorkers)
        while store.waiting():
            workers.look(0.5)
