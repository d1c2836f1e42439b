"""``imagekit work`` at work: in this process, or on a Ray cluster."""

from __future__ import annotations

import threading
from functools import partial

from imagekit import tools
from imagekit_store.beside import beside, watch
from imagekit_store.commands.common import cost_of, store_in_use, where
from imagekit_store.ray_workers.starting import workers_on
from imagekit_store.schema.states import RequestState
from imagekit_store.store import Store
from imagekit_store.values.entries import Entry
from imagekit_store.values.errors import StoreUnavailable
from imagekit_store.workers.worker import Worker

__all__ = ["run", "run_on"]


def run(threads: int, until_idle: bool) -> None:
    """Work until a signal, or until there is nothing left to do."""
    store, stop = store_in_use(), threading.Event()
    with tools.open_client() as client:
        worker = Worker(store, client, threads, told=_tell)
        tools.note(f"working on {store.ledger.database.name}, {threads} steps side by side")
        work = beside(partial(worker.run, stop, until_idle))
        try:
            watch(work)
        except KeyboardInterrupt:
            stop.set()
            tools.note("what is in hand is finished first; once more ends at once")
            watch(work)
        work.result()


def run_on(address: str, count: int | None, threads: int, until_idle: bool) -> None:
    """The same on the nodes of a Ray cluster."""
    store = store_in_use()
    with workers_on(
        address, tools.configuration(), count=count, threads=threads, told=_tell
    ) as workers:
        name = store.ledger.database.name
        tools.note(f"working on {name}, on a Ray cluster: {'; '.join(workers.working)}")
        try:
            while not (until_idle and _is_idle(store)):
                workers.look()
        except KeyboardInterrupt:
            tools.note("what is in hand is finished first; once more ends at once")


def _is_idle(store: Store) -> bool:
    try:
        return not store.waiting()
    except StoreUnavailable:  # which comes back
        return False


def _tell(entry: Entry) -> None:
    """A line for a request that is over."""
    told = f"{entry.id}: {entry.state}, {where(entry)}"
    if entry.state == RequestState.DONE:
        kept = sum(picture.is_kept for picture in entry.pictures)
        told += f", {kept} of {len(entry.pictures)} pictures, cost: {cost_of(entry.attempts)}"
    elif entry.error:
        told += f", {' '.join(str(entry.error.get('message', '')).split())}"
    tools.answer(told)
