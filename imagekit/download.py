"""Fetching a picture from a link in an answer. Such links are hostile until proven otherwise.

https only; no private, loopback, link-local or otherwise special addresses, checked on
the resolved address at connect time, and again at every redirect; no credentials; caps
on size and time. A host that is itself on loopback may link to loopback over http.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.exceptions import NewConnectionError

from imagekit.blob import Blob, BlobWriter
from imagekit.errors import DownloadError, TransportError
from imagekit.media import measure
from imagekit.transport import SecureConnection, Send, Transport
from imagekit.urls import bare_url, is_loopback
from imagekit.values import Reply, Request

__all__ = ["GuardedTransport", "fetch"]

MOST_BYTES = 256 << 20  # a 4K PNG is about 30 MB
MOST_SECONDS = 900.0  # for a whole picture, however slowly it drips
REDIRECTS = 5
_REDIRECT = (301, 302, 303, 307, 308)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # IPv4 behind a translator (RFC 6052, 2010-10)


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
        timeout: seconds for each hop.
        tick: called between reads; raises to give up.

    Raises:
        DownloadError: the link is not allowed, failed, or leads to no picture.
    """
    for _ in range(REDIRECTS + 1):
        _check_link(url, local)
        reply = _ask(send, Request("GET", url, {}, None, "download", True, timeout))
        if reply.status not in _REDIRECT:
            return _picture(reply, url, tick)
        reply.stream.close()
        url = _target(url, reply.headers.get("location", ""))
    raise DownloadError(f"more than {REDIRECTS} redirects from {bare_url(url)}", url=bare_url(url))


def _ask(send: Send, request: Request) -> Reply:
    try:
        return send(request)
    except TransportError as error:  # which would say that nothing was charged
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
                retryable=reply.status >= 500,
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
            writer.write(chunk)
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


# --- the guard at connect time ------------------------------------------------------------


class GuardedTransport(Transport):
    """A transport whose sockets go to public addresses only.

    With ``local`` loopback is allowed as well. The address that is checked is the one
    that is connected to, so a name that resolves differently a second time gains nothing.
    """

    def __init__(self, concurrency: int, *, local: bool, read_timeout: float = 120.0) -> None:
        super().__init__(concurrency, read_timeout=read_timeout)
        self._local = local

    def _open(self, scheme: str, origin: str) -> tuple[Any, bool]:
        pool, absolute = super()._open(scheme, origin)
        if pool.proxy is None:  # behind a proxy, the proxy resolves and decides
            base = _GuardedHTTPS if scheme == "https" else _GuardedHTTP
            pool.ConnectionCls = type("Guarded", (base,), {"local": self._local})
        return pool, absolute


def _allowed(address: str, local: bool) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        translated = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None
        ip = ip.ipv4_mapped or ip.sixtofour or translated or ip
    return (ip.is_global and not ip.is_multicast) or (local and ip.is_loopback)


def _connect(connection: HTTPConnection, local: bool) -> socket.socket:
    """Resolve, refuse every address that is not public, connect to the first that answers."""
    try:
        found = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NewConnectionError(connection, f"{connection.host} has no address") from error
    addresses = [str(entry[4][0]) for entry in found]
    refused = [address for address in addresses if not _allowed(address, local)]
    if refused:
        raise DownloadError(f"{connection.host} is at {refused[0]}, which is not a public address")
    failure: OSError | None = None
    for address in addresses:
        try:
            return urllib3.util.connection.create_connection(
                (address, connection.port or 443),
                connection.timeout,
                socket_options=connection.socket_options,
            )
        except OSError as error:
            failure = failure or error
    raise NewConnectionError(connection, f"{connection.host}: {failure}") from failure


class _GuardedHTTP(HTTPConnection):
    local = False

    def _new_conn(self) -> socket.socket:
        return _connect(self, self.local)


class _GuardedHTTPS(SecureConnection):
    local = False

    def _new_conn(self) -> socket.socket:
        return _connect(self, self.local)
