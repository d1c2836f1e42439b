"""Who answers the requests of a batch: threads of this process.

A crew works while its ``with`` lasts. It gives what waits for so many seconds, or until something
has ended; at the end it finishes what it has in hand.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from imagekit import Client
from imagekit_store.store import Store
from imagekit_store.worker import Worker

__all__ = ["Pause", "threads_here"]

Pause = Callable[[float], object]


@contextmanager
def threads_here(store: Store, client: Client, key: str, count: int) -> Iterator[Pause]:
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
        yield pause
    finally:
        stop.set()
        thread.join()
