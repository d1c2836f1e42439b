"""Time limits that hold however slowly the other side drips: at its end a connection is shut.

The timeouts of a socket begin anew with every byte, so a host that sends one now and then is
never too slow for them.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from math import inf

from imagekit.basics.forks import tell_in_child

__all__ = ["Watch", "Watchdog", "watchdog"]


class Watch:
    """The time limit of one request.

    Attributes:
        at: when it is over, by `time.monotonic`; infinite for no limit.
        bitten: whether it was over, and the connection has been shut.
    """

    def __init__(self, dog: Watchdog, at: float) -> None:
        self.at = at
        self.bitten = False
        self._dog = dog
        self._socket: socket.socket | None = None

    def left(self) -> float:
        return max(0.0, self.at - time.monotonic())

    def over(self, connection: socket.socket) -> None:
        """What is shut at the end. Shut at once if that has passed."""
        self._socket = connection
        if self.bitten:
            self.bite()

    def until(self, at: float) -> None:
        """Another end than before."""
        self.at = at
        self._dog.watch(self)

    def end(self) -> None:
        self._socket = None
        self._dog.forget(self)

    def bite(self) -> None:
        """Both sides find the connection at its end; whoever reads of it wakes up."""
        self.bitten = True
        if (connection := self._socket) is not None:
            with suppress(OSError):  # it has gone by itself
                # Not the method of an SSLSocket, which would read on without decrypting.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


class Watchdog:
    """One thread for the time limits of a whole process, made when there is the first."""

    def __init__(self) -> None:
        self.after_fork()
        tell_in_child(self)

    def after_fork(self) -> None:
        """The limits of the parent are the parent's: shutting its connections is not ours."""
        self._watches: set[Watch] = set()
        self._news = threading.Condition()
        self._wakes_at = inf
        self._thread: threading.Thread | None = None

    def begin(self, at: float) -> Watch:
        """A new watch, which has to be ended."""
        watch = Watch(self, at)
        self.watch(watch)
        return watch

    def watch(self, watch: Watch) -> None:
        with self._news:
            self._watches.discard(watch)
            if watch.at == inf:
                return
            self._watches.add(watch)
            if self._thread is None:
                self._start()
            if watch.at < self._wakes_at:
                self._news.notify()

    def forget(self, watch: Watch) -> None:
        with self._news:
            self._watches.discard(watch)

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="imagekit-watchdog", daemon=True)
        with suppress(RuntimeError):  # Python is ending: the sockets' own timeouts remain
            thread.start()
            self._thread = thread

    def _run(self) -> None:
        while True:
            with self._news:
                self._sleep()
                now = time.monotonic()
                over = {watch for watch in self._watches if watch.at <= now}
                self._watches -= over
            for watch in over:
                watch.bite()

    def _sleep(self) -> None:
        """Until the next end, or until there is one that comes earlier."""
        self._wakes_at = min((watch.at for watch in self._watches), default=inf)
        seconds = self._wakes_at - time.monotonic()
        self._news.wait(None if seconds == inf else min(max(seconds, 0), threading.TIMEOUT_MAX))
        self._wakes_at = -inf  # awake: whatever is new is looked at before the next sleep


watchdog = Watchdog()
