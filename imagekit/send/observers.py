"""Telling observers what a call is doing. Made only where somebody watches."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable

from imagekit import events
from imagekit.basics.classes import evolve, frozen
from imagekit.basics.urls import bare_url
from imagekit.errors import ImagekitError
from imagekit.sharing import Full
from imagekit.values import Failure, Image, Pending, Reply, Request, Result

__all__ = ["Observers", "Watched"]

log = logging.getLogger("imagekit")


class Observers:
    """All observers of a client. One that raises is logged and changes nothing."""

    def __init__(
        self, observers: Iterable[events.Observer], now: Callable[[], float] = time.time
    ) -> None:
        self._observers = tuple(observers)
        self._now = now

    def joined_by(self, observer: events.Observer) -> Observers:
        return Observers([*self._observers, observer], self._now)

    def of(self, route: str, call: str, alias: str) -> Watched:
        """What tells them of one call."""
        return Watched(self, route, call, alias)

    def tell(self, event: events.Event, call: str, alias: str) -> None:
        stamped = evolve(event, call=call, alias=alias, at=self._now())
        for observer in self._observers:
            try:
                observer(stamped)
            except Exception:
                log.exception("an observer failed on %s", type(event).__name__)


@frozen
class Watched:
    """One call that observers are told of: ``host:model``, the id of the call, and the alias by
    which it was asked for."""

    _observers: Observers
    route: str
    call: str
    alias: str

    def tell(self, event: events.Event) -> None:
        self._observers.tell(event, self.call, self.alias)

    def sending(self, request: Request) -> None:
        url = bare_url(request.url)
        self.tell(events.Sending(self.route, request.step, request.method, url))

    def received(self, request: Request, reply: Reply, seconds: float) -> None:
        self.tell(events.Received(self.route, request.step, reply.status, seconds))

    def retrying(self, step: str, wait: float, error: ImagekitError) -> None:
        self.tell(events.Retrying(self.route, step, wait, error))

    def failed_over(self, to: str, error: ImagekitError) -> None:
        self.tell(events.FailedOver(self.route, "generate", to, error))

    def queued(self, full: Full) -> None:
        self.tell(events.Queued(self.route, "generate", full.limit, full.why))

    def picture(self, image: Image) -> None:
        """A picture is here, or its link is all there will be of it."""
        if image.error is None:
            self.tell(events.Picture(self.route, "generate", image))
        else:
            self.failure(Failure(image.index, None, str(image.error), error=image.error))

    def failure(self, failure: Failure) -> None:
        self.tell(events.PictureFailed(self.route, "generate", failure))

    def waiting(self, pending: Pending) -> None:
        self.tell(events.Waiting(self.route, "poll", pending))

    def split(self, calls: Iterable[str]) -> None:
        self.tell(events.Split(self.route, "generate", tuple(calls)))

    def part_finished(self, result: Result) -> None:
        self.tell(events.PartFinished(self.route, "generate", result))

    def given_back(self, step: str, pending: Pending) -> None:
        self.tell(events.GivenBack(self.route, step, pending))

    def finished(self, result: Result) -> None:
        self.tell(events.Finished(self.route, "generate", result))

    def failed(self, step: str, error: BaseException) -> None:
        self.tell(events.Failed(self.route, step, error))
