"""The only socket: urllib3, one pool per origin, sized to the client's concurrency."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    EmptyPoolError,
    HTTPError,
    LocationParseError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    SSLError,
)

from imagekit.errors import NotSent, OutcomeUnknown, TransportError
from imagekit.values import Reply, Request

__all__ = ["Send", "Transport", "bare_url"]

#: One request in, one reply out. Wrappers take one of these and return another.
Send = Callable[[Request], Reply]

USER_AGENT = "imagekit"


def bare_url(url: str) -> str:
    """The URL without query, fragment and user: fit for logs and errors."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"


class Transport:
    """Sends requests. Thread-safe; threads beyond ``concurrency`` wait for a connection.

    TLS certificates are verified; proxies are taken from the environment; redirects
    are never followed. urllib3 checks an idle connection before using it again, so a
    paid POST does not go out on one that the host has already closed.
    """

    def __init__(
        self, concurrency: int = 8, connect_timeout: float = 10.0, read_timeout: float = 600.0
    ) -> None:
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._options: dict[str, Any] = {"maxsize": concurrency, "block": True, "retries": False}
        self._pools: dict[str, tuple[Any, bool]] = {}
        self._managers: list[urllib3.PoolManager] = []
        self._lock = threading.Lock()

    def send(self, request: Request) -> Reply:
        """Send one request; the body of the reply is still to be read.

        Raises:
            NotSent: the request certainly did not get there.
            OutcomeUnknown: it was sent, and no reply came. Not for repeatable ones,
                whose outcome does not matter: those raise `TransportError`.
        """
        scheme, _, rest = request.url.partition("://")
        authority, slash, path = rest.partition("/")
        pool, absolute = self._pool(scheme, authority)
        try:
            response = pool.urlopen(
                request.method,
                request.url if absolute else slash + path or "/",
                body=request.body,
                headers={"User-Agent": USER_AGENT, **request.headers},
                redirect=False,
                retries=False,
                assert_same_host=False,
                timeout=self._timeout(request),
                pool_timeout=request.timeout,
                preload_content=False,
            )
        except HTTPError as error:
            raise _translated(error, request) from error
        return Reply(response.status, response.headers, _Body(response))

    def close(self) -> None:
        """Close every idle connection."""
        for manager in self._managers:
            manager.clear()

    def _timeout(self, request: Request) -> urllib3.Timeout:
        read = self._read_timeout
        if request.timeout is not None:
            read = min(read, request.timeout)
        return urllib3.Timeout(connect=min(self._connect_timeout, read), read=read)

    def _pool(self, scheme: str, authority: str) -> tuple[Any, bool]:
        """The origin's pool, and whether it wants absolute URLs (a plain HTTP proxy)."""
        origin = f"{scheme}://{authority}"
        found = self._pools.get(origin)
        if found is None:
            with self._lock:
                found = self._pools.get(origin) or self._open(scheme, origin)
                self._pools[origin] = found
        return found

    def _open(self, scheme: str, origin: str) -> tuple[Any, bool]:
        host = urlsplit(origin).hostname or ""
        proxy = getproxies().get(scheme)
        manager: urllib3.PoolManager
        if proxy and not proxy_bypass(host):
            manager = urllib3.ProxyManager(proxy, **self._options)
        else:
            proxy, manager = None, urllib3.PoolManager(**self._options)
        self._managers.append(manager)
        try:
            return manager.connection_from_url(origin), bool(proxy) and scheme == "http"
        except LocationParseError as error:
            raise NotSent(f"{origin!r} is no address", url=origin, retryable=False) from error


class _Body:
    """A body that reports every way of breaking off as the OSError it is."""

    __slots__ = ("_response", "read1")

    def __init__(self, response: Any) -> None:
        self._response = response
        self.read1: Callable[[int], bytes] = self._read1

    def _read1(self, amount: int) -> bytes:
        try:
            data: bytes = self._response.read1(amount)
        except HTTPError as error:
            self._response.close()
            raise ConnectionError(str(error)) from error
        return data

    def close(self) -> None:
        """Give the connection back; one with an unread rest is closed, not reused."""
        if self._response.closed:
            self._response.release_conn()
        else:
            self._response.close()


def _translated(error: HTTPError, request: Request) -> TransportError:
    url = bare_url(request.url)
    if isinstance(error, EmptyPoolError):
        return NotSent(f"no connection to {url} became free in time", url=url)
    if isinstance(error, SSLError):
        return NotSent(f"no secure connection to {url}: {error}", url=url, retryable=False)
    if isinstance(error, ProxyError):
        return NotSent(f"the proxy for {url} could not be used: {error}", url=url)
    if isinstance(error, ConnectTimeoutError | NewConnectionError):
        reason = "timed out" if isinstance(error, ConnectTimeoutError) else _reason(error)
        return NotSent(f"no connection to {url}: {reason}", url=url)
    what = "the connection broke" if isinstance(error, ProtocolError) else "no answer came"
    if request.repeatable:
        return TransportError(f"{what} while asking {url}", url=url, retryable=True)
    return OutcomeUnknown(
        f"the request to {url} was sent, but {what}: it may have been carried out and charged, "
        "so it is not sent again",
        url=url,
    )


def _reason(error: HTTPError) -> str:
    """The operating system's words, without urllib3's object address before them."""
    return str(error).partition(": ")[2] or str(error)
