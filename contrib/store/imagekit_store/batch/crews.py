"""Who answers the requests of a batch: threads of this process, or the nodes of a Ray cluster.

A crew works while its ``with`` lasts, and at the end finishes what it has in hand.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from attrs import frozen

from imagekit import Client, Config
from imagekit_store.ray_workers.starting import workers_on
from imagekit_store.store import Store
from imagekit_store.workers.worker import Worker

__all__ = ["Crew", "nodes_of", "threads_here"]


@frozen
class Crew:
    """
    Attributes:
        pause: waits for so many seconds, or until something has ended.
        nudge: tells it that something new is to be done.
    """

    pause: Callable[[float], object]
    nudge: Callable[[], object]


@contextmanager
def threads_here(store: Store, client: Client, key: str, count: int) -> Iterator[Crew]:
    """So many threads, for the requests of this key alone.

    Raises:
        whatever ended their work.
    """
    ended, stop, failures = threading.Event(), threading.Event(), list[BaseException]()

    def pause(seconds: float) -> None:
        if failures:
            raise failures[0]
        ended.wait(seconds)
        ended.clear()

    def work() -> None:
        try:
            worker.run(stop)
        except BaseException as error:
            failures.append(error)

    worker = Worker(store, client, count, told=lambda entry: ended.set(), key=key)
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield Crew(pause, worker.nudge)
    finally:
        stop.set()
        thread.join()


@contextmanager
def nodes_of(address: str, config: Config, threads: int) -> Iterator[Crew]:
    """Workers on a Ray cluster, which answer whatever waits in the store.

    Args:
        threads: so many steps side by side on each node.

    Raises:
        ConfigurationError: see `imagekit_store.workers_on`.
    """
    with workers_on(address, config, threads=threads) as workers:
        yield Crew(workers.look, lambda: None)
