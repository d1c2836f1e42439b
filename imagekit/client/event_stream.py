"""A call told while it happens: its events, one by one, for whoever asked for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextvars import copy_context
from queue import Empty, SimpleQueue

from attrs import field

from imagekit.basics.classes import define
from imagekit.events import Event, Heartbeat
from imagekit.values import Result

__all__ = ["Generate", "iterated"]

#: Carries a call out, tells of it, and sends nothing more that may cost once it is stopped.
Generate = Callable[[Callable[[Event], None], threading.Event], Result]


def iterated(generate: Generate, heartbeat: float | None = None) -> Generator[Event]:
    """The events of ``generate``, which runs in a thread of its own, as they come.

    Whoever stops asking for them stops the call: nothing that may cost is sent any more.

    Args:
        heartbeat: seconds without an event after which there is a `Heartbeat`.

    Raises:
        BaseException: what the call ended with, after all its events.
    """
    work = _Work(generate)
    threading.Thread(target=copy_context().run, args=(work.run,), daemon=True).start()
    try:
        while (event := work.next(heartbeat)) is not None:
            yield event
    finally:
        work.stop.set()
    if work.error is not None:
        raise work.error


@define
class _Work:
    generate: Generate
    events: SimpleQueue[Event | None] = field(factory=SimpleQueue)
    stop: threading.Event = field(factory=threading.Event)
    error: BaseException | None = None
    _last: Event | None = field(default=None, init=False)

    def run(self) -> None:
        try:
            self.generate(self.events.put, self.stop)
        except BaseException as error:  # raised where the events are read
            self.error = error
        finally:
            self.events.put(None)

    def next(self, heartbeat: float | None) -> Event | None:
        try:
            event = self.events.get(timeout=heartbeat)
        except Empty:
            return self._beat()
        self._last = event or self._last
        return event

    def _beat(self) -> Event:
        about = self._last
        if about is None:
            return Heartbeat("", "generate", at=time.time())
        return Heartbeat(about.route, about.step, call=about.call, at=time.time())
