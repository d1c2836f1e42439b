"""A process that is forked has its parent's locks and connections, and none of its threads.

A connection to SQLite must not be open while a process forks, be it used or not: the child would
have the library's own table of who has locked what, in which its parent writes for ever. So no
process forks before its connections are closed, and nobody opens one until it has.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol
from weakref import WeakSet

from imagekit_store.values.errors import StoreUnavailable

__all__ = ["Gate", "begin_anew_in_child", "hold_while_forking"]

#: Seconds that a process waits to be forked until nothing is under way in its database; longer
#: than a lock is waited for.
PATIENCE = 45.0


class Gate:
    """Those inside use connections. While a process forks, nobody is inside.

    Args:
        close: gives all connections back; called when nobody is inside.
    """

    def __init__(self, close: Callable[[], object]) -> None:
        self._close = close
        self._is_stale = self._is_empty = False
        self._begin()
        _gates.add(self)

    def _begin(self) -> None:
        self._changed = threading.Condition()
        self._inside = self._forks = 0

    @contextmanager
    def inside(self) -> Iterator[None]:
        """
        Raises:
            StoreUnavailable: in a child whose parent could not wait.
        """
        with self._changed:
            if self._is_stale:
                raise StoreUnavailable(
                    "this process was forked while its database was in use, and can't use it"
                )
            self._changed.wait_for(lambda: not self._forks)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def before_fork(self) -> None:
        with self._changed:
            self._forks += 1
            self._is_empty = self._changed.wait_for(lambda: not self._inside, PATIENCE)
        if self._is_empty:
            self._close()

    def after_fork_in_parent(self) -> None:
        with self._changed:
            self._forks -= 1
            self._is_empty = False
            self._changed.notify_all()

    def after_fork(self) -> None:
        self._is_stale = self._is_stale or not self._is_empty
        self._begin()


class _Forked(Protocol):
    def after_fork(self) -> None: ...


_locks: list[threading.RLock] = []
_gates: WeakSet[Gate] = WeakSet()
_told: WeakSet[_Forked] = WeakSet()
_shut = threading.local()  # by the thread that forks, which is the same before and after


def hold_while_forking(lock: threading.RLock) -> None:
    """Nobody else has it in any child. It may be held by who opens and asks a database."""
    _locks.append(lock)


def begin_anew_in_child(forked: _Forked) -> None:
    """Have its ``after_fork`` called in every child."""
    _told.add(forked)


def _before() -> None:
    for lock in _locks:
        lock.acquire()
    _shut.gates = [*_gates]
    for gate in _shut.gates:
        gate.before_fork()


def _in_parent() -> None:
    for gate in _shut.gates:
        gate.after_fork_in_parent()
    _release()


def _in_child() -> None:
    for forked in [*_gates, *_told]:
        forked.after_fork()
    _release()


def _release() -> None:
    for lock in _locks:
        lock.release()


if hasattr(os, "register_at_fork"):  # not where nothing forks
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
