"""The links of an answer, fetched side by side before the caller gets it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextvars import copy_context
from functools import partial
from queue import Empty, SimpleQueue

from attrs import field

from imagekit.basics.blob import Blob
from imagekit.basics.classes import define, frozen
from imagekit.errors import DownloadError, ImagekitError
from imagekit.values import Image

__all__ = ["Fetching"]

#: Links of one call that are fetched at once.
AT_ONCE = 8


@define(eq=False)
class Fetching:
    """The pictures of one call on their way here.

    Attributes:
        fetch: brings the bytes behind a link.
        wanted: False leaves links as they are.
        tell: is told of each picture once it is here, or won't be; by any thread.
    """

    fetch: Callable[[str], Blob]
    wanted: bool
    tell: Callable[[Image], object]
    _seen: set[int] = field(factory=set, init=False)
    _waiting: SimpleQueue[Image] = field(factory=SimpleQueue, init=False)
    _threads: list[threading.Thread] = field(factory=list, init=False)

    def take(self, images: Iterable[Image], ahead: bool = False) -> None:
        """Take in pictures; one that was taken before is passed over. ``ahead``: begin at
        once, since more of the answer is still to come."""
        for image in images:
            if id(image) in self._seen:
                continue
            self._seen.add(id(image))
            if image.is_here or not self.wanted:
                self.tell(image)
                continue
            self._waiting.put(image)
            if ahead:
                self._help()

    def wait(self) -> None:
        """Return when every picture is here, or has its ``error``."""
        for _ in range(self._waiting.qsize() - 1):  # one is for this thread
            self._help()
        self._work()
        for thread in self._threads:
            thread.join()

    def _help(self) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        if len(self._threads) < AT_ONCE:
            work = partial(copy_context().run, self._work)
            thread = threading.Thread(target=work, name="imagekit-fetch", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while True:
            try:
                image = self._waiting.get(block=False)
            except Empty:
                return
            self._bring(image)
            self.tell(image)

    def _bring(self, image: Image) -> None:
        try:
            image.fetch(self.fetch)
        except (ImagekitError, LookupError) as error:  # wrappers of plugins may raise any of them
            failure = _as_download_error(error)
            image.comes_by(Unfetched(failure), failure.trouble)


@frozen
class Unfetched:
    """What a picture says, for good, whose bytes could not be fetched: the same again.
    `Client.fetch` brings a way of its own.
    """

    error: DownloadError

    def __call__(self, url: str) -> Blob:
        raise self.error


def _as_download_error(error: ImagekitError | LookupError) -> DownloadError:
    """Without the frames of its thread, which pictures would keep alive."""
    retryable, status = getattr(error, "retryable", False), getattr(error, "status", None)
    url = getattr(error, "url", None)
    return DownloadError(str(error), retryable=retryable, status=status, url=url)
