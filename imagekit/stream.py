"""A call told while it happens: its events, one by one, for whoever asked for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextvars import copy_context
from queue import SimpleQueue

from attrs import define, field

from imagekit.events import Event, Failed
from imagekit.values import Result

__all__ = ["told"]


def told(
    generate: Callable[[Callable[[Event], None], threading.Event], Result],
) -> Iterator[Event]:
    """The events of ``generate``, which runs in a thread of its own, as they come.

    Whoever stops asking for them stops the call: nothing that may cost is sent any more.

    Raises:
        BaseException: what the call ended with, after all its events.
    """
    work = _Work(generate)
    threading.Thread(target=copy_context().run, args=(work.run,), daemon=True).start()
    try:
        while (event := work.events.get()) is not None:
            yield event
    finally:
        work.stop.set()
    if work.error is not None:
        raise work.error


@define
class _Work:
    generate: Callable[[Callable[[Event], None], threading.Event], Result]
    events: SimpleQueue[Event | None] = field(factory=SimpleQueue)
    stop: threading.Event = field(factory=threading.Event)
    error: BaseException | None = None

    def run(self) -> None:
        try:
            self.generate(self._tell, self.stop)
        except BaseException as error:  # raised where the events are read
            self.error = error
        finally:
            self.events.put(None)

    def _tell(self, event: Event) -> None:
        if not isinstance(event, Failed):  # which is raised instead
            self.events.put(event)
