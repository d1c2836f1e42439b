"""The connections to each origin, shared by threads and by no two processes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from imagekit.send.sockets.dialing import Line
from imagekit.send.sockets.proxies import Origin, Way

__all__ = ["Pool", "Pools"]

#: Origins whose connections are kept.
MOST_ORIGINS = 16


class Pool:
    """At most ``most`` connections to one origin at once. Idle ones are used again."""

    def __init__(self, way: Way, most: int, closed: bool = False) -> None:
        self.way = way
        self._turn = threading.Condition()
        self._taken: set[Line] = set()
        self._free = most
        self._idle: list[Line] = []
        self._closed = closed

    @property
    def busy(self) -> bool:
        return bool(self._taken)

    def take(self, seconds: float | None) -> Line | None:
        """A connection, perhaps still to be opened; None when none became free in time.
        Give it back with `give_back`."""
        with self._turn:
            if not self._free and not self._turn.wait_for(lambda: self._free, seconds):
                return None
            self._free -= 1
            line = self._lively() or self.way.line()
            self._taken.add(line)
            return line

    def give_back(self, line: Line, *, whole: bool) -> None:
        """``whole``: its answer was read to the end, so another may follow on it."""
        with self._turn:
            ours = line in self._taken  # not of the process that we were forked from
            self._taken.discard(line)
            self._free += ours
            self._turn.notify()
            kept = ours and whole and not self._closed and not line.is_closed
            if kept:
                self._idle.append(line)
        if not kept:
            line.close()

    def close(self) -> None:
        """Every idle connection now, the others when they are given back."""
        with self._turn:
            self._closed = True
            idle, self._idle = self._idle, []
        for line in idle:
            line.close()

    def after_fork(self) -> None:
        """In the child: all of it is the parent's. Nobody else runs yet."""
        self._turn = threading.Condition()
        for line in [*self._idle, *self._taken]:
            line.hang_up()
        self._idle, self._taken, self._closed = [], set(), True

    def _lively(self) -> Line | None:
        """An idle connection that the host has not closed meanwhile: a paid request that goes
        out on a dead one has an unknown outcome."""
        while self._idle:
            line = self._idle.pop()
            if line.is_connected:
                return line
            line.close()
        return None


class Pools:
    """The pools of the origins that were asked last. None that is in use is forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._pools: OrderedDict[Origin, Pool] = OrderedDict()
        self._closed = False

    def of(self, origin: Origin, way: Callable[[Origin], Way]) -> Pool:
        """The pool of an origin, which is reached as ``way`` says if there is none yet."""
        with self._lock:
            pool = self._pools.get(origin)
            if pool is None:
                pool = self._pools[origin] = Pool(way(origin), self._most, self._closed)
            self._pools.move_to_end(origin)
            forgotten = self._forget()
        for old in forgotten:
            old.close()
        return pool

    def close(self) -> None:
        """Every idle connection is closed, and from now on none is kept."""
        with self._lock:
            self._closed = True
            pools = list(self._pools.values())
        for pool in pools:
            pool.close()

    def after_fork(self) -> None:
        self._lock = threading.Lock()
        for pool in self._pools.values():
            pool.after_fork()
        self._pools = OrderedDict()

    def _forget(self) -> list[Pool]:
        too_many = len(self._pools) - MOST_ORIGINS
        if too_many <= 0:
            return []
        unused = [origin for origin, pool in self._pools.items() if not pool.busy]
        return [self._pools.pop(origin) for origin in unused[:too_many]]
