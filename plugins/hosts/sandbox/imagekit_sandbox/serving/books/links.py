"""Links to pictures: really served, and really gone once they have expired."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable

from attrs import define, frozen

from imagekit_sandbox.drawing.painter import paint
from imagekit_sandbox.drawing.scene import Scene
from imagekit_sandbox.serving.messages.answers import Answer

__all__ = ["PREFIX", "Links", "Made"]

PREFIX = "/_sandbox/pictures/"
KEPT = 10_000
NO_PICTURE = b"<!DOCTYPE html>\n<html><body>Please wait...</body></html>\n"
_REFUSED = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>\n"
)


@frozen
class Made:
    """A picture as the upstream keeps it: what to draw, and how it goes wrong.

    Attributes:
        media_type: what it is said to be.
        scene: None stands for a page that is no picture.
    """

    media_type: str
    scene: Scene | None

    def content(self) -> bytes:
        return paint(self.scene) if self.scene else NO_PICTURE


@define
class _Link:
    made: Made
    expires: float
    breaks: bool
    missing: int


class Links:
    """The last ten thousand links. Thread-safe."""

    def __init__(self, lifetime: float, now: Callable[[], float]) -> None:
        self.lifetime = lifetime
        self._now = now
        self._links: OrderedDict[str, _Link] = OrderedDict()
        self._lasting: OrderedDict[Made, str] = OrderedDict()
        self._lock = threading.Lock()

    def add(
        self, made: Made, *, expired: bool = False, breaks: bool = False, missing: int = 0
    ) -> str:
        """A new link's path and query. ``breaks``: its first fetch is cut off; ``missing``: so
        many fetches don't find it yet.
        """
        expires = self._now() + (-1 if expired else self.lifetime)
        token = secrets.token_hex(12)
        name = f"{token}.{made.media_type.removeprefix('image/')}"
        with self._lock:
            self._links[name] = _Link(made, expires, breaks, missing)
            while len(self._links) > KEPT:
                self._links.popitem(last=False)
        return f"{PREFIX}{name}?X-Sandbox-Expires={expires:.0f}&X-Sandbox-Signature={token[::-1]}"

    def lasting(self, made: Made) -> str:
        """The path and query of a link to a picture that is listed: the same one while it lasts,
        so that whoever lists many of them often doesn't push out all others."""
        path = self._lasting.get(made, "")
        link = self._links.get(_name(path))
        if link is None or link.expires <= self._now():
            path = self.add(made)
        with self._lock:
            self._lasting[made] = path
            while len(self._lasting) > KEPT:
                self._lasting.popitem(last=False)
        return path

    def remove(self, path: str) -> None:
        """Forget a link: nothing is behind it any more."""
        with self._lock:
            self._links.pop(_name(path), None)

    def clear(self) -> None:
        with self._lock:
            self._links.clear()
            self._lasting.clear()

    def fetch(self, path: str) -> Answer:
        """What is behind a link; its query is not needed, as some clients lose it."""
        with self._lock:
            link = self._links.get(_name(path))
            if link and link.missing:
                link.missing -= 1
                link = None
            breaks = link is not None and link.breaks
            if link:
                link.breaks = False
        if link is None or link.expires <= self._now():
            return Answer(403 if link else 404, _REFUSED, {"Content-Type": "application/xml"})
        kind = link.made.media_type if link.made.scene else "text/html"
        content = link.made.content()
        return Answer(
            200, content, {"Content-Type": kind}, cut=len(content) // 2 if breaks else None
        )


def _name(path: str) -> str:
    return path.partition("?")[0].rpartition("/")[2]
