"""The programs: workers of one store. Those that are killed, and the one that comes after them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from imagekit_store import Worker

from imagekit import Client, Plugins
from tests.chaos.store.orders import MODELS
from tests.chaos.store.watched import Naming, Watched

__all__ = ["LEASE", "PROGRAMS", "finish", "warm", "work"]

#: Seconds: short, so that whoever is killed is soon taken for dead.
LEASE = 1.0
#: Seconds after which a call did not arrive that its host does not know; answers take far less.
GRACE = 8.0
#: Seconds between two steps of who comes to the end: what rests is asked for again at once.
PAUSE = 0.1
THREADS = 4


def work(where: Path, config: str, **store: Any) -> None:
    """A worker as `imagekit work` is one."""
    with _worker(config, store) as worker:
        worker.run(until_idle=True)


def finish(where: Path, config: str, **store: Any) -> None:
    """Comes to the end of what rests, without waiting for its time."""
    with _worker(config, store) as worker, ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(_hurry, worker) for _ in range(THREADS)]:
            done.result()


def _hurry(worker: Worker) -> None:
    while worker.store.waiting():
        worker.once(horizon=float("inf"))
        time.sleep(PAUSE)


PROGRAMS: Mapping[str, Any] = {one.__name__: one for one in (work, finish)}

#: What is imported only where it is used.
NEEDED = (
    "imagekit.client.config_checks",
    "imagekit.send.download",
    "imagekit.settings.config_file",
    "imagekit.values.plain.convert",
    "imagekit_store.workers.fetching",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
)


def warm() -> None:
    """Import what they need, so that what is forked from here need not."""
    for name in NEEDED:
        import_module(name)
    with Client() as client:
        for model in MODELS:
            client.plan("three herons", model=model)


@contextmanager
def _worker(config: str, store: Mapping[str, Any]) -> Iterator[Worker]:
    naming = Naming()
    plugins = Plugins.load(extra=[naming])
    with (
        Watched(**store, lease=LEASE, naming=naming) as watched,
        Client(config=Path(config), journal=watched, plugins=plugins) as client,
    ):
        yield Worker(watched, client, THREADS, grace=GRACE)
