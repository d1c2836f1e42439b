"""Paid calls, each in a thread that goes on to its end whoever still waits for it.

Threads are those of one host each: one that answers slowly, or never, holds up its own calls alone.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from secrets import token_hex
from typing import Any

from attrs import define, field

from imagekit import Charged, Client, Image, ImagekitError, NotSent, Result
from imagekit.events import Event, Picture, Queued, Retrying, Sending, Waiting

__all__ = ["Calls", "Told", "Watching", "come_of"]

#: Calls to one host that are under way at once; more wait for their turn.
AT_ONCE = 4
#: Calls that a server can tell of; older ones are in a store, and their pictures in the folder.
REMEMBERED = 100


@define(eq=False)
class Told:
    """One call, as `history` tells of it.

    Attributes:
        state: ``under way``, ``done`` or ``failed``.
        waited_for: whether whoever asked still waits for its answer.
        hear: is told what happens, in a few words, by whichever thread it happens in.
    """

    prompt: str
    model: str | None
    parameters: dict[str, Any] = field(repr=False)
    hear: Callable[[str], object] = field(default=lambda words: None, repr=False)
    id: str = field(factory=lambda: token_hex(8))
    at: float = field(factory=time.time)
    state: str = "under way"
    waited_for: bool = True
    result: Result | None = None
    error: ImagekitError | None = None
    stop: threading.Event = field(factory=threading.Event, repr=False)

    def ended(self, future: Future[Result]) -> None:
        """It is over, or will never begin."""
        if future.cancelled():
            self.state = "cancelled before anything was sent"


class Watching:
    """An observer that tells each call what happens to it."""

    def __init__(self) -> None:
        self.calls: dict[str, Told] = {}

    def __call__(self, event: Event) -> None:
        call = self.calls.get(event.call.partition("-")[0])
        words = _words(event)
        if call is not None and words:
            call.hear(words)


def _words(event: Event) -> str | None:
    match event:
        case Sending(step="generate"):
            return f"sent to {event.route}"
        case Waiting():
            return f"{event.route} is making it"
        case Picture():
            return f"{_named(event.image)} is here"
        case Retrying():
            return f"nothing was charged; sent again in {event.wait:.0f} s"
        case Queued():
            return f"waits for its turn: {event.why}"
    return None


def _named(image: Image) -> str:
    return image.name if image.index >= 0 else "a picture"


@define(eq=False)
class Calls:
    """Those of one server.

    Attributes:
        deadline: seconds after which a call is given up; its job, if it has one, is not lost.
        recent: oldest first.
    """

    client: Client
    watching: Watching
    deadline: float
    recent: deque[Told] = field(factory=lambda: deque(maxlen=REMEMBERED), init=False)
    _threads: dict[str, ThreadPoolExecutor] = field(factory=dict, init=False)
    _closed: bool = field(default=False, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def begin(self, call: Told) -> Future[Result]:
        """Make it, or wait for a thread that does; cancelled where none will.

        Raises:
            NotSent: the server is about to end.
        """
        host = self._host_of(call)
        with self._lock:
            if self._closed:
                raise _not_sent()
            if host not in self._threads:
                self._threads[host] = ThreadPoolExecutor(AT_ONCE, f"imagekit-mcp-{host}")
            future = self._threads[host].submit(self._made, call)
        self.recent.append(call)
        future.add_done_callback(call.ended)
        return future

    def leave(self, call: Told, future: Future[Result]) -> None:
        """Nobody waits for it any more: what is not sent never will be, and what was is kept."""
        call.waited_for = False
        call.stop.set()
        future.cancel()

    def close(self) -> None:
        """Begin nothing more, and wait for what is under way."""
        for call in self.recent:
            call.stop.set()
        with self._lock:
            self._closed = True
        for threads in self._threads.values():
            threads.shutdown(wait=False, cancel_futures=True)
        for threads in self._threads.values():
            threads.shutdown()

    def _host_of(self, call: Told) -> str:
        """Whose threads make it; nobody's, where it leads nowhere, which it says itself."""
        try:
            return self.client.route(call.model).host.name
        except ImagekitError:
            return ""

    def _made(self, call: Told) -> Result:
        asked = {"model": call.model, **call.parameters, "id": call.id}
        self.watching.calls[call.id] = call
        try:
            call.result = self.client.generate(
                call.prompt, deadline=self.deadline, stop=call.stop, **asked
            )
        except BaseException as error:
            call.state = "failed"
            call.error = error if isinstance(error, ImagekitError) else _broken(error)
            call.result = getattr(error, "result", None)
            raise
        finally:
            self.watching.calls.pop(call.id, None)
        call.state = "done"
        return call.result


def come_of(future: Future[Result]) -> Result:
    """What has come of a call that is over.

    Raises:
        NotSent: it has never begun.
        ImagekitError: it failed.
    """
    try:
        return future.result()
    except CancelledError:
        raise _not_sent() from None


def _not_sent() -> NotSent:
    return NotSent("the server is about to end: nothing was sent")


def _broken(error: BaseException) -> ImagekitError:
    return ImagekitError(f"{type(error).__name__}: {error}", charged=Charged.MAYBE)
