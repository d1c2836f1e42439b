"""A store whose every step may be its process's last, and calls that the bill has by name."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from attrs import evolve, field, frozen
from imagekit_store import Store
from sqlalchemy import event

from imagekit import Host, Reply, Request, hookimpl
from tests.chaos.moments import reached

__all__ = ["Naming", "Watched"]

STEPS = ("sending", "accepted", "answered", "kept", "left", "ended")


class Watched(Store):
    """Tells when it begins a step of a paid call and when that is durable, and of every statement
    and commit on the way::

        before sending        sql INSERT INTO attempts ...
        after sending         commit
    """

    def __init__(self, *given: Any, naming: Naming, **options: Any) -> None:
        super().__init__(*given, **options)
        for name in STEPS:
            setattr(self, name, _told(name, getattr(self, name), naming))
        engine = self.ledger.database.writing
        event.listen(engine, "commit", lambda _: reached("commit"))
        event.listen(engine, "before_cursor_execute", _statement)


def _told(name: str, step: Callable[..., Any], naming: Naming) -> Callable[..., Any]:
    def told(purchase: Any, *more: Any) -> None:
        naming.current.id = purchase.id
        reached(f"before {name}")
        step(purchase, *more)
        reached(f"after {name}")

    return told


def _statement(connection: object, cursor: object, statement: str, *_: object) -> None:
    reached(f"sql {' '.join(statement.split())}")


@frozen
class Naming:
    """A plugin that sends the id of each paid call with it, so that the bill tells whose it is
    where hosts have no names. No host of the sandbox looks at it."""

    current: threading.local = field(factory=threading.local)

    @hookimpl
    def imagekit_transport_wrapper(self, host: Host) -> Callable[[Any], Any]:
        def wrap(send: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
            return lambda request: send(self._named(request))

        return wrap

    def _named(self, request: Request) -> Request:
        if request.step != "generate":
            return request
        headers = {**request.headers, "X-Client-Request-Id": self.current.id}
        return evolve(request, headers=headers)
