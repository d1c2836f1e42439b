"""How requests leave: over whose connection, by whose clock, and when one is sent again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from attrs import field

from imagekit.basics.classes import frozen
from imagekit.declare.auth import Credential
from imagekit.declare.host import Host
from imagekit.errors import ImagekitError, UsageError
from imagekit.send.deadline import Deadline
from imagekit.send.retry import Retry
from imagekit.send.transport import Send
from imagekit.values import Reply, Request

if TYPE_CHECKING:
    from imagekit.send.observers import Observers, Watched

__all__ = ["Connection", "Sender"]

log = logging.getLogger("imagekit")

T = TypeVar("T")


@frozen(eq=False)
class Connection:
    """How requests of one host leave: the folded transport, how they are signed, the user's
    own headers that are secret as well, and whether the host is on this machine, so that its
    links may be, too."""

    send: Send
    credential: Callable[[], Credential]
    headers: Callable[[], Mapping[str, str]] = dict
    local: bool = False


@frozen(eq=False)
class Sender:
    """Sends requests. Shared by all threads of a client.

    Attributes:
        connect: the connection to a host.
        retry: when a request is sent again.
        observers: as the hook of that name describes.
        monotonic, now, sleep: the clocks, handed in so that tests need not wait; None really
            waits.
    """

    connect: Callable[[Host], Connection]
    retry: Retry = field(factory=Retry)
    observers: Observers | None = None
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], object] | None = None

    def deadline(
        self,
        seconds: float | None,
        stop: threading.Event | None = None,
        patience: float | None = None,
    ) -> Deadline:
        """That of one call, ``seconds`` from now.

        Args:
            patience: seconds within which its turn has to come.
        """
        at, turn_at = self._after("deadline", seconds), self._after("patience", patience)
        return Deadline(at, self.monotonic, stop, turn_at=turn_at)

    def _after(self, name: str, seconds: float | None) -> float | None:
        if seconds is not None and not _is_time(seconds):
            raise UsageError(f"{name} is a number of seconds, not {seconds!r}")
        return None if seconds is None else self.monotonic() + seconds

    def watched(self, route: str, call: str, alias: str = "") -> Watched | None:
        """What tells the observers of one call; None where nobody watches."""
        return self.observers.of(route, call, alias) if self.observers else None

    def wait(self, seconds: float, stop: threading.Event | None = None) -> None:
        """Wait, or until ``stop`` is set."""
        if self.sleep is not None:
            self.sleep(seconds)
        else:
            (stop or threading.Event()).wait(seconds)

    def send(self, route: str, send: Send, request: Request, watched: Watched | None) -> Reply:
        """Send once, and tell of it."""
        if watched:
            watched.sending(request)
        begun = self.monotonic()
        reply = send(request)
        seconds = self.monotonic() - begun
        if log.isEnabledFor(logging.INFO):
            id = reply.headers.get("x-request-id")
            about = (route, request.step, reply.status, seconds, f", request id {id}" * bool(id))
            log.info("%s: %s: HTTP %d after %.2f s%s", *about)
        if watched:
            watched.received(request, reply, seconds)
        return reply

    def again(
        self,
        attempt: Callable[[], T],
        step: str,
        repeatable: bool,
        deadline: Deadline,
        watched: Watched | None,
    ) -> T:
        """What ``attempt`` gives, made as often as the retry policy finds certain to be free."""
        number = 1
        while True:
            try:
                return attempt()
            except ImagekitError as error:
                error.with_details(attempts=number)
                wait = self.retry.wait(number, error, repeatable)
                if wait is None or not deadline.allows(wait):
                    raise
                log.info("sending again in %.1f s (%s): %s", wait, step, type(error).__name__)
                if watched:
                    watched.retrying(step, wait, error)
                stop = None if repeatable else deadline.stop
                self.wait(wait, stop)
                if stop is not None and stop.is_set():
                    raise
            number += 1


def _is_time(seconds: object) -> bool:
    return isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds == seconds
