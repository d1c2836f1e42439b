"""A sweep leaves no picture without a row, and no row without its picture, whoever works
meanwhile."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from imagekit import Blob
from imagekit.testing import picture
from imagekit_store import RequestState, State, Store
from imagekit_store.upkeep import removing
from imagekit_store.pictures.place import Area
from imagekit_store.schema.tables import ATTEMPTS, REQUESTS

MODEL = "powertokens:seedream-4.5"
DAY = 86_400_000_000
LONG_AGO = time.time() - 7200


def ended(store: Store, id: str, days: float) -> None:
    """As if that were so long ago."""
    at = time.time_ns() // 1000 - int(days * DAY)
    store.write(
        lambda rows: rows.execute(
            update(REQUESTS).where(REQUESTS.c.id == id).values(created=at, finished=at)
        )
    )


def files(store: Store) -> Iterator[Path]:
    return (path for path in store.keeping.place.path.rglob("*") if path.is_file())


def age(store: Store) -> None:
    """As if all files had been written two hours ago."""
    for path in files(store):
        os.utime(path, (LONG_AGO, LONG_AGO))


def test_what_is_older_than_keep_days_is_forgotten_and_the_rest_stays(opened, clients):
    store = opened(keep_days=30)
    for id in ("old", "new"):
        clients(store).generate(f"a corgi, {id}", model=MODEL, id=id)
    ended(store, "old", days=30.1)
    ended(store, "new", days=29.9)
    would = store.sweepable()
    assert store.request("old").prompt == "a corgi, old"
    removed = store.sweep()
    assert (removed.requests, removed.pictures) == (1, 1)
    assert removed.bytes == sum(one.bytes for one in store.request("old").pictures)
    assert would.requests == 1
    assert (store.request("old").prompt, store.request("new").prompt) == ("", "a corgi, new")
    assert store.picture("new").read()
    assert store.sweep().requests == store.sweepable().requests == 0


def test_a_dry_run_counts_what_would_go(opened, clients):
    store = opened(keep_days=30)
    clients(store).generate("a corgi", model=MODEL, id="old")
    store.keeping.keep(Blob.of(b"nobody's"))
    ended(store, "old", days=31)
    age(store)
    would, removed = store.sweepable(), store.sweep()
    assert (would.requests, would.pictures, would.bytes) == (
        removed.requests,
        removed.pictures,
        removed.bytes,
    )
    assert would.pictures == 2


def test_without_keep_days_nothing_is_forgotten(store, clients):
    clients(store).generate("a corgi", model=MODEL, id="old")
    ended(store, "old", days=9999)
    assert store.sweep().requests == 0
    assert store.request("old").prompt == "a corgi"


@pytest.mark.parametrize("state", ["queued", "running", "unknown"])
def test_what_is_not_over_is_not_forgotten_however_old(opened, state):
    store = opened(keep_days=1)
    id = store.ask("a corgi", model=MODEL)
    ended(store, id, days=9999)
    attempt = {"queued": "queued", "running": "accepted", "unknown": "unknown"}[state]
    store.write(lambda rows: rows.execute(update(ATTEMPTS).values(state=attempt)))
    store.write(lambda rows: rows.execute(update(REQUESTS).values(state=state)))
    assert store.sweep().requests == 0
    assert store.request(id).prompt == "a corgi"


def test_one_that_moved_on_since_it_was_found_is_left_alone(opened, clients, monkeypatch):
    store = opened(keep_days=1)
    clients(store).generate("a corgi", model=MODEL, id="old")
    ended(store, "old", days=2)
    original = removing._forget

    def late(store, connection, ids):
        connection.execute(update(ATTEMPTS).values(state=State.UNKNOWN))
        return original(store, connection, ids)

    monkeypatch.setattr(removing, "_forget", late)
    assert store.sweep().requests == 0
    assert store.request("old").prompt == "a corgi"


def test_more_than_fit_into_one_transaction_or_one_look(opened, finish, monkeypatch):
    monkeypatch.setattr(removing, "LOOKED_UP", removing.AT_ONCE + 1)
    store = opened(keep_days=1)
    ids = [store.ask("a corgi", model="none:none") for _ in range(2 * removing.AT_ONCE + 3)]
    finish(store)
    assert {store.request(id).state for id in ids} == {RequestState.FAILED}
    for id in ids:
        ended(store, id, days=2)
    assert store.sweepable().requests == store.sweep().requests == len(ids)


def test_pictures_that_no_row_needs_and_what_was_left_half_written_is_removed(store, clients):
    clients(store).generate("a corgi", model=MODEL, id="pond")
    orphan = store.keeping.keep(Blob.of(b"nobody's")).sha256
    place = store.keeping.place
    place.put(Area.THUMBNAILS, f"{orphan}.128.webp", Blob.of(b"small"), None)
    place.put(Area.LEAVING, "of-a-dead-sweep", Blob.of(orphan.encode()), None)
    (place.path / "parts" / "0123.part").write_bytes(b"half a pict")
    assert store.sweep().pictures == 0  # all of it is young
    age(store)
    removed = store.sweep()
    assert (removed.pictures, removed.bytes, removed.parts) == (1, 8, 3)
    assert [path.name for path in files(store)] == [store.request("pond").pictures[0].sha256]


def test_what_was_announced_long_ago_is_withdrawn_unless_it_may_be_all_there_is(store, clients):
    """After a kill, a picture that no row knows is found by its name alone."""
    clients(store).generate("a corgi", model=MODEL, id="pond")
    clients(store).generate("a heron", model=MODEL, id="lake")
    store.forget("lake")
    waiting = store.ask("an otter", model=MODEL)
    lost = store.keeping.keep(Blob.of(b"not in any row")).sha256
    known = store.request("pond").pictures[0].sha256
    for name, sha256 in (
        ("pond.0", known),
        ("lake.0", lost),
        (f"{waiting}.0", lost),
        ("input-0123", lost),
    ):
        store.keeping.announce(name, sha256)
    assert store.sweep().pictures == 0
    assert len([*store.keeping.announced()]) == 4
    age(store)
    store.sweep()
    assert [*store.keeping.announced()] == [(f"{waiting}.0", lost)]
    assert store.keeping.has(lost)


@pytest.fixture
def swept(opened: Callable[..., Store]) -> Store:
    """A store at its worst moments: before each step is written, another process sweeps and finds
    nothing too young to be removed."""
    store, sweeper = opened(), opened()
    write = store.write

    def late(*step: Any, **how: Any) -> Any:
        removing.sweep(sweeper, grace=0.0)
        return write(*step, **how)

    store.write = late  # type: ignore[method-assign]
    return store


@pytest.mark.parametrize("host", ["powertokens", "token360"])  # by a link, and in the answer
def test_a_picture_is_safe_until_its_row_is_written(swept, clients, host):
    clients(swept).generate("a corgi", model=f"{host}:seedream-4.5", id="pond")
    assert swept.picture("pond").read()
    assert not [*swept.keeping.announced()]


def test_so_is_one_that_a_worker_fetches_later(swept, clients, finish):
    clients(swept).generate("a corgi", model=MODEL, id="pond", fetch=False)
    finish(swept)
    assert swept.picture("pond").read()
    assert not [*swept.keeping.announced()]


def test_so_is_a_reference(swept):
    id = swept.ask("her, at night", model=MODEL, image=[picture(48, 48)])
    assert swept.arguments(swept.request(id))["image"][0].read() == picture(48, 48)
    assert not [*swept.keeping.announced()]


def test_every_row_has_its_picture_though_a_sweep_runs_all_the_time(store, clients):
    """The worst that can be: all make the same picture, others forget it, and the sweep finds
    nothing too young to be removed. It comes as a link and in the answer, and as a reference."""
    same = [picture(48, 48)]
    client, done = clients(store), threading.Event()
    trouble: list[BaseException] = []

    def sweep() -> None:
        while not done.is_set():
            removing.sweep(store, grace=0.0)

    def make(number: int) -> None:
        for turn in range(2):
            model = MODEL if number % 2 else "token360:seedream-4.5"
            id = f"made{number}x{turn}"
            client.generate("the very same", model=model, seed=7, id=id)
            asked = store.ask("her, at night", model=MODEL, image=same)
            if turn % 2:
                store.forget(id)
                store.forget(asked)

    def told(work, *arguments) -> None:
        try:
            work(*arguments)
        except BaseException as error:
            trouble.append(error)

    sweeping = threading.Thread(target=told, args=(sweep,))
    making = [threading.Thread(target=told, args=(make, number)) for number in range(3)]
    for thread in (sweeping, *making):
        thread.start()
    for thread in making:
        thread.join()
    done.set()
    sweeping.join()
    assert trouble == []
    left = [entry for entry in store.requests(limit=1000) if not entry.forgotten]
    assert len(left) == 6
    for entry in left:
        for one in entry.pictures:
            assert one.sha256 is not None
            assert store.keeping.verify(one.sha256)
        if entry.state == RequestState.QUEUED:
            assert store.arguments(entry)["image"][0].read() == same[0]
    removing.sweep(store, grace=0.0)
    needed = {one.sha256 for entry in left for one in entry.pictures}
    assert len([*store.keeping.every()]) == len(needed) + 1
