"""Work in another thread, so that no signal comes in the middle of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait

__all__ = ["beside", "watch"]

#: Seconds between two looks, so that signals are heard on every system.
LOOK = 0.5


def beside(work: Callable[[], None]) -> Future[None]:
    """Its outcome. Who waits for a `threading.Thread` and is interrupted takes it for ended ever
    after, while it goes on (Python 3.11); a future does not."""
    outcome: Future[None] = Future()

    def run() -> None:
        try:
            work()
        except BaseException as error:
            outcome.set_exception(error)
        else:
            outcome.set_result(None)

    threading.Thread(target=run, daemon=True).start()
    return outcome


def watch(outcome: Future[None], look: Callable[[], object] = lambda: None) -> None:
    """Until it is there.

    Args:
        look: called now and then meanwhile.
    """
    while not outcome.done():
        wait([outcome], LOOK)
        look()
