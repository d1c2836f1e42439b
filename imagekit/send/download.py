"""Fetching a picture from a link in an answer. Such links are hostile until proven otherwise.

https only; no private, loopback, link-local or otherwise special addresses, checked on
the resolved address at connect time, and again at every redirect; no credentials; caps
on size and time. A host that is itself on loopback may link to loopback over http.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial
from urllib.parse import urljoin, urlsplit

from imagekit.basics.blob import Blob, BlobWriter
from imagekit.basics.media import measure
from imagekit.basics.urls import bare_url, is_loopback
from imagekit.errors import DownloadError, TransportError
from imagekit.send.sockets.public_addresses import is_loopback_address, is_public, is_public_name
from imagekit.send.transport import Send, Transport
from imagekit.values import Reply, Request

__all__ = ["GuardedTransport", "fetch"]

MOST_BYTES = 256 << 20  # a 4K PNG is about 30 MB
MOST_SECONDS = 900.0  # for a whole picture, however slowly it drips
REDIRECTS = 5
_REDIRECT = (301, 302, 303, 307, 308)


def fetch(
    send: Send,
    url: str,
    *,
    local: bool = False,
    timeout: float | None = None,
    tick: Callable[[], None] = lambda: None,
) -> Blob:
    """The picture behind ``url``.

    Args:
        send: how requests are sent; for links outside the sandbox it ends in a
            `GuardedTransport`.
        local: the answer came from a loopback host, so loopback links are its own.
        timeout: seconds for all of it, redirects included.
        tick: called between reads; raises to give up.

    Raises:
        DownloadError: the link is not allowed, failed, or leads to no picture.
    """
    end = math.inf if timeout is None else time.monotonic() + timeout
    for _ in range(REDIRECTS + 1):
        url = url.strip()  # as browsers do
        _check_link(url, local)
        left = None if timeout is None else max(0.0, end - time.monotonic())
        reply = _ask(send, Request("GET", url, {}, None, "download", True, left), tick)
        if reply.status not in _REDIRECT:
            return _picture(reply, url, tick)
        reply.stream.close()
        url = _target(url, reply.headers.get("location", ""))
    raise DownloadError(f"more than {REDIRECTS} redirects from {bare_url(url)}", url=bare_url(url))


def _ask(send: Send, request: Request, tick: Callable[[], None]) -> Reply:
    try:
        return send(request)
    except TransportError as error:  # which would say that nothing was charged
        tick()  # perhaps it is the caller who gave up
        shown = bare_url(request.url)
        raise DownloadError(error.message, url=shown, retryable=error.retryable) from error


def _target(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:  # malformed, as the next check will say
        return location


def _check_link(url: str, local: bool) -> None:
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme, parts.hostname
    except ValueError:
        scheme, host = "", None
    if scheme == "https" and host:
        return
    if scheme == "http" and local and is_loopback(url):
        return
    shown = bare_url(url) if host else url[:80]
    raise DownloadError(f"the link {shown} is not https; not followed", url=shown)


def _picture(reply: Reply, url: str, tick: Callable[[], None]) -> Blob:
    shown = bare_url(url)
    try:
        if reply.status != 200:
            hint = "; the link may have expired" if reply.status in (403, 404, 410) else ""
            raise DownloadError(
                f"the link {shown} answered HTTP {reply.status}{hint}",
                url=shown,
                status=reply.status,
                retryable=reply.status == 429 or reply.status >= 500,
            )
        blob = _collect(reply, shown, tick)
    finally:
        reply.stream.close()
    if measure(blob.open()) is None:
        kind = reply.headers.get("content-type", "something unnamed")
        raise DownloadError(f"the link {shown} leads to {kind}, not to a picture", url=shown)
    return blob


def _collect(reply: Reply, shown: str, tick: Callable[[], None]) -> Blob:
    writer = BlobWriter()
    try:
        while chunk := reply.stream.read1(1 << 16):
            _keep(chunk, writer, shown)
            if writer.size > MOST_BYTES:
                raise DownloadError(f"{shown} is larger than {MOST_BYTES:,} bytes", url=shown)
            tick()
        return writer.finish()
    except BaseException as error:
        writer.discard()
        if not isinstance(error, OSError):
            raise
        tick()  # perhaps it is the caller who gave up
        broke = f"the download of {shown} broke off"
        raise DownloadError(broke, url=shown, retryable=True) from error


def _keep(chunk: bytes, writer: BlobWriter, shown: str) -> None:
    try:
        writer.write(chunk)
    except OSError as error:  # of this machine, not of whoever sends it; there may be room later
        full = f"no room on this machine for {shown}: {error.strerror}"
        raise DownloadError(full, url=shown, retryable=True) from error


# --- the guard at connect time ------------------------------------------------------------


class GuardedTransport(Transport):
    """A transport whose sockets go to public addresses only.

    With ``local`` loopback is allowed as well. The address that is checked is the one
    that is connected to, so a name that resolves differently a second time gains nothing.
    A proxy looks names up by itself: before it is asked, a host is refused that is at such
    an address when it is looked up here, or whose name can only be a local one.
    """

    def __init__(self, concurrency: int, *, local: bool, read_timeout: float = 120.0) -> None:
        guard = partial(_refuse_private, local)
        super().__init__(concurrency, read_timeout=read_timeout, guard=guard)


def _refuse_private(local: bool, host: str, addresses: list[str]) -> None:
    if local and addresses and all(is_loopback_address(address) for address in addresses):
        return
    for address in addresses:
        if not is_public(address):
            raise DownloadError(f"{host} is at {address}, which is not a public address")
    if not is_public_name(host):
        raise DownloadError(f"{host} is no public name, and not a public address")
