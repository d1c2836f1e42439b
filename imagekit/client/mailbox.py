"""From the threads that work to the event loop that waits."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from imagekit.basics.classes import evolve
from imagekit.events import Event, Heartbeat

__all__ = ["Mailbox", "in_this_loop"]


def in_this_loop(function: Callable[[], object]) -> Callable[[], None]:
    """``function``, to be called from any thread: it runs in this loop, and isn't waited for.

    `anyio.from_thread` waits, which would be for ever if the loop just ended.
    """
    from anyio.lowlevel import current_token

    loop: Any = current_token().native_token
    soon = getattr(loop, "run_sync_soon", None) or loop.call_soon_threadsafe  # trio, asyncio

    def call() -> None:
        with suppress(RuntimeError):  # the loop has ended, and its tasks with it
            soon(function)

    return call


class Mailbox:
    """Events on their way from a thread to the loop that this was made in."""

    def __init__(self) -> None:
        self._letters: deque[Event] = deque()
        self._closed = False
        self._last = Heartbeat("", "generate")
        self._wake = in_this_loop(self._ring)
        self._bell: Any = None

    def put(self, event: Event) -> None:
        self._letters.append(event)
        self._wake()

    def close(self) -> None:
        self._closed = True
        self._wake()

    async def next(self, heartbeat: float | None) -> Event | None:
        """The next that is put, or a `Heartbeat`; None when it is closed, and empty."""
        import anyio

        while True:
            self._bell = anyio.Event()  # before it is looked into, so that nothing is missed
            if self._letters:
                event = self._letters.popleft()
                self._last = Heartbeat(event.route, event.step, call=event.call)
                return event
            if self._closed and not self._letters:
                return None
            with anyio.move_on_after(heartbeat) as waiting:
                await self._bell.wait()
            if waiting.cancelled_caught:
                return evolve(self._last, at=time.time())

    def _ring(self) -> None:
        if self._bell is not None:
            self._bell.set()
