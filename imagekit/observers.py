"""Telling observers what a call is doing. Made only where somebody watches."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from imagekit import events
from imagekit.errors import ImagekitError
from imagekit.registry import Route
from imagekit.urls import bare_url
from imagekit.values import Pending, Reply, Request, Result

__all__ = ["Observers"]

log = logging.getLogger("imagekit")


class Observers:
    """All observers of a client. One that raises is logged and changes nothing."""

    def __init__(self, observers: Iterable[events.Observer]) -> None:
        self._observers = tuple(observers)

    def joined_by(self, observer: events.Observer) -> Observers:
        return Observers([*self._observers, observer])

    def tell(self, event: events.Event) -> None:
        for observer in self._observers:
            try:
                observer(event)
            except Exception:
                log.exception("an observer failed on %s", type(event).__name__)

    def sending(self, route: Route, request: Request) -> None:
        url = bare_url(request.url)
        self.tell(events.Sending(route.name, request.step, request.method, url))

    def received(self, route: Route, request: Request, reply: Reply, seconds: float) -> None:
        self.tell(events.Received(route.name, request.step, reply.status, seconds))

    def retrying(self, route: Route, step: str, wait: float, error: ImagekitError) -> None:
        self.tell(events.Retrying(route.name, step, wait, error))

    def arrived(self, route: Route, result: Result) -> None:
        for image in result.images:
            self.tell(events.Picture(route.name, "generate", image))
        for failure in result.failures:
            self.tell(events.PictureFailed(route.name, "generate", failure))

    def waiting(self, route: Route, pending: Pending) -> None:
        self.tell(events.Waiting(route.name, "poll", pending))

    def finished(self, route: Route, result: Result) -> None:
        self.tell(events.Finished(route.name, "generate", result))

    def failed(self, route: Route, step: str, error: BaseException) -> None:
        self.tell(events.Failed(route.name, step, error))
