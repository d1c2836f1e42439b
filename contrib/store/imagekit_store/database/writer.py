"""Group commit: one thread commits what has queued up, and everybody waits for the same disk.

A commit costs a disk's round trip, however little is in it. So whoever writes hands a step to
the one thread that does, which takes all that wait into one transaction: with sixteen threads
that is some twenty times as many steps a second. The thread renews leases as well, for it is the
one that knows whether the database can be reached.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from operator import attrgetter
from typing import Any, TypeVar

from attrs import define, field
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError

from imagekit_store.database.database import PerhapsWritten
from imagekit_store.values.errors import why

__all__ = ["Step", "Writer"]

T = TypeVar("T")

log = logging.getLogger("imagekit.store")

#: A step of a transaction. It is told when it is tried again after a commit whose outcome nobody
#: knows, for then it may find that it has been taken already.
Step = Callable[[Connection, bool], T]

MOST = 256  # steps of one transaction
PAUSE = 0.25  # seconds before a database that is gone is asked again


@define(eq=False)
class _Waiting:
    """A step, who waits for it, and until when it is tried again."""

    step: Step[Any]
    until: float
    turn: str
    future: Future[Any] = field(factory=Future)
    again: bool = False


class Writer:
    """Writes steps, each whole or not at all. Thread-safe; its thread begins with the first.

    Args:
        transaction: begins one, and ends it.
        renew: called each ``every`` seconds on a connection, inside a transaction of its own.
    """

    def __init__(
        self,
        transaction: Callable[[], AbstractContextManager[Connection]],
        renew: Callable[[Connection], object],
        every: float,
    ) -> None:
        self._begin, self._renew, self._every = transaction, renew, every
        self.after_fork()

    def after_fork(self) -> None:
        """A child has none of its parent's threads."""
        self._steps: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def write(self, step: Step[T], patience: float = 0.0, turn: str = "") -> T:
        """What ``step`` gives, once it is committed.

        Args:
            patience: seconds for which a database that is gone, or full, is asked again.
            turn: steps of one transaction are taken in the order of these. Two processes that
                lock the same rows in one order don't wait for each other.

        Raises:
            whatever the step raises; DBAPIError: the database does not take it.
        """
        waiting = _Waiting(step, time.monotonic() + patience, turn)
        with self._lock:
            if self._closed:
                raise RuntimeError("the store is closed")
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._serve, name="imagekit-store", daemon=True
                )
                self._thread.start()
            self._steps.put(waiting)
        return waiting.future.result()  # type: ignore[no-any-return]

    def close(self) -> None:
        """Finish what has queued up."""
        with self._lock:
            thread, self._closed = self._thread, True
            self._steps.put(None)
        if thread is not None:
            thread.join()

    # --- its thread ------------------------------------------------------------------------

    def _serve(self) -> None:
        renewed = time.monotonic()
        while True:
            batch, goes_on = self._batch(max(0.0, renewed + self._every - time.monotonic()))
            if batch:
                self._commit(batch)
            if time.monotonic() >= renewed + self._every:
                self._renewed()
                renewed = time.monotonic()
            if not goes_on:
                return

    def _batch(self, wait: float) -> tuple[list[_Waiting], bool]:
        """What waits, or comes within ``wait`` seconds; and whether more may come."""
        batch: list[_Waiting] = []
        try:
            while len(batch) < MOST:
                waiting = self._steps.get(timeout=wait) if not batch else self._steps.get_nowait()
                if waiting is None:
                    return batch, False
                batch.append(waiting)
        except queue.Empty:
            pass
        return batch, True

    def _commit(self, batch: list[_Waiting]) -> None:
        """All in one transaction; one by one where one of them stands in the way."""
        batch.sort(key=attrgetter("turn"))
        try:
            told = self._transaction(batch)
        except Exception as error:
            if _passes(error):
                self._put_back(batch, error)
            elif len(batch) > 1:
                for waiting in batch:
                    self._commit([waiting])
            else:
                batch[0].future.set_exception(error)
        else:
            for waiting, outcome in zip(batch, told, strict=True):
                waiting.future.set_result(outcome)

    def _transaction(self, batch: list[_Waiting]) -> list[Any]:
        with self._begin() as connection:
            return [waiting.step(connection, waiting.again) for waiting in batch]

    def _put_back(self, batch: list[_Waiting], error: Exception) -> None:
        """They wait for the database, each as long as it can."""
        now = time.monotonic()
        for waiting in batch:
            waiting.again = waiting.again or _is_gone(error)
            with self._lock:  # after `close` has put the end into the queue, nothing is
                goes_on = not self._closed and now + PAUSE <= waiting.until
                if goes_on:
                    self._steps.put(waiting)
            if not goes_on:
                waiting.future.set_exception(PerhapsWritten(why(error)) if waiting.again else error)
        time.sleep(PAUSE)

    def _renewed(self) -> None:
        try:
            with self._begin() as connection:
                self._renew(connection)
        except Exception as error:  # whatever it is, this thread has steps to write
            # Nobody waits for it: the leases pass, and whoever held them learns it at its next
            # step, which is told to its caller.
            log.warning("leases could not be renewed: %s", why(error))


def _is_gone(error: Exception) -> bool:
    """Whether the connection broke, so that nobody knows what was committed."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _passes(error: Exception) -> bool:
    """Whether it is the database's trouble: out of reach, locked, out of space, or a copy that
    is read-only until it takes over."""
    return isinstance(error, OperationalError | InternalError) or _is_gone(error)
