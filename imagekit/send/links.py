"""Pictures behind the links of an answer: fetched with patience, at once or when first used."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from imagekit.basics.blob import Blob
from imagekit.basics.classes import define
from imagekit.basics.urls import bare_url
from imagekit.declare.host import Host
from imagekit.errors import DeadlineExceeded, DownloadError
from imagekit.send.deadline import Deadline
from imagekit.send.sender import Sender
from imagekit.values import Image, Reply, Request

if TYPE_CHECKING:
    from imagekit.send.observers import Watched

__all__ = ["download", "make_reachable"]

#: Seconds that a link may answer like one that is not there yet, at any host; and what a
#: content delivery network says of one.
FRESH_LINKS = 6.0
NOT_YET = (403, 404, 425)


def download(
    sender: Sender,
    host: Host,
    url: str,
    within: Deadline | None = None,
    watched: Watched | None = None,
) -> Blob:
    """The bytes behind a link of an answer, by the rules of `imagekit.send.download`.

    Without the deadline of a call, a download has a time of its own: the picture is paid
    for, and may be fetched long after. A link that is new may take a while to be everywhere.
    """
    waited, pause = 0.0, 0.5
    patience = max(FRESH_LINKS, host.fresh_links)
    deadline = _deadline(sender, within)
    attempt = partial(_fetched, sender, host, url, deadline, watched)
    while True:
        try:
            return sender.again(attempt, "download", True, deadline, watched)
        except DownloadError as error:
            late = waited + pause > patience or not deadline.allows(pause)
            if error.status not in NOT_YET or late:
                raise
        sender.wait(pause)
        waited, pause = waited + pause, min(2.0, pause * 2)


def make_reachable(sender: Sender, host: Host, image: Image) -> None:
    """A picture that is still a link can be fetched when it is first used."""
    image.host = host.name
    if not image.is_here:
        image.comes_by(FetchedLater(partial(download, sender, host)))


@define(eq=False)
class FetchedLater:
    """How a picture that was left alone is fetched when it is first used. In another process
    there is no client that could: pickled, it only says so.
    """

    _download: Callable[[str], Blob] | None

    def __call__(self, url: str) -> Blob:
        if self._download is None:
            link = bare_url(url)
            message = f"the picture at {link} is not here yet; Client.fetch(image) fetches it"
            raise DownloadError(message, url=link)
        return self._download(url)

    def __reduce__(self) -> tuple[type[FetchedLater], tuple[None]]:
        return FetchedLater, (None,)


def _deadline(sender: Sender, within: Deadline | None) -> Deadline:
    from imagekit.send.download import MOST_SECONDS

    left = within.left() if within else None
    return sender.deadline(MOST_SECONDS if left is None else min(left, MOST_SECONDS))


def _fetched(
    sender: Sender, host: Host, url: str, deadline: Deadline, watched: Watched | None
) -> Blob:
    from imagekit.send.download import fetch

    connection = sender.connect(host)

    def send(request: Request) -> Reply:
        return sender.send(host.name, connection.send, request, watched)

    try:
        deadline.check()
        local, left = connection.local, deadline.left()
        return fetch(send, url, local=local, timeout=left, tick=deadline.check)
    except DeadlineExceeded as error:
        shown = bare_url(url)
        message = f"{shown} was not fetched in time; the picture is there, and paid for"
        raise DownloadError(message, url=shown, retryable=True) from error
