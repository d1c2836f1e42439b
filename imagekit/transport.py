"""The only socket: urllib3, one pool per origin, sized to the client's concurrency."""

from __future__ import annotations

import logging
import queue
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

import urllib3
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    EmptyPoolError,
    HTTPError,
    LocationValueError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    SSLError,
)

from imagekit.errors import NotSent, OutcomeUnknown, TransportError
from imagekit.urls import bare_url
from imagekit.values import Reply, Request

__all__ = ["Send", "Transport"]

#: One request in, one reply out. Wrappers take one of these and return another.
Send = Callable[[Request], Reply]

USER_AGENT = "imagekit"


class _WithoutQueries(logging.Filter):
    """urllib3 logs whole paths at DEBUG; links of pictures are signed in their query.

    Cuts the query off in what is logged for requests of this module, and of no other.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sending = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(self.sending, "now", False) and isinstance(record.args, tuple):
            record.args = tuple(
                part.partition("?")[0] if isinstance(part, str) else part for part in record.args
            )
        return True


_quiet = _WithoutQueries()
logging.getLogger("urllib3.connectionpool").addFilter(_quiet)


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
        self._patience = urllib3.Timeout(connect=connect_timeout, read=read_timeout)
        self._options: dict[str, Any] = {"maxsize": concurrency, "block": True, "retries": False}
        self._pools: dict[str, tuple[Any, bool]] = {}
        self._closed = False
        self._lock = threading.Lock()

    def send(self, request: Request) -> Reply:
        """Send one request; the body of the reply is still to be read.

        Raises:
            NotSent: the request certainly did not get there.
            OutcomeUnknown: it was sent, and no reply came. Not for repeatable ones,
                whose outcome does not matter: those raise `TransportError`.
        """
        if self._closed:
            url = bare_url(request.url)
            raise NotSent(f"the client is closed: nothing is sent to {url}", retryable=False)
        scheme, _, rest = request.url.partition("://")
        authority, slash, path = rest.partition("/")
        pool, absolute = self._pool(scheme, authority)
        _quiet.sending.now = True
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
        finally:
            _quiet.sending.now = False
        return Reply(response.status, response.headers, _Body(response))

    def close(self) -> None:
        """Close every idle connection, and send nothing more."""
        self._closed = True
        for pool, _ in list(self._pools.values()):
            _close_idle(pool)

    def _timeout(self, request: Request) -> urllib3.Timeout:
        if request.timeout is None:
            return self._patience
        read = min(self._read_timeout, max(request.timeout, 0.001))  # urllib3 refuses 0
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
        from urllib.request import getproxies, proxy_bypass  # heavy, and needed once

        proxy = getproxies().get(scheme)
        if proxy and proxy_bypass(origin.rpartition("/")[2]):
            proxy = None
        manager = _proxied(proxy, self._options) if proxy else urllib3.PoolManager(**self._options)
        try:
            pool: Any = manager.connection_from_url(origin)
        except LocationValueError as error:
            raise NotSent(f"{origin!r} is no address", url=origin, retryable=False) from error
        if scheme == "https":
            pool.ConnectionCls = SecureConnection
        return pool, bool(proxy) and scheme == "http"


class HandshakeError(NewConnectionError):
    """TLS was refused by one side, e.g. for the certificate, before anything was sent."""


def _close_idle(pool: Any) -> None:
    """Not `pool.close`: threads that wait for a connection of it would wait for ever."""
    for _ in range(pool.pool.qsize()):
        with suppress(queue.Empty):  # another thread was quicker
            connection = pool.pool.get(block=False)
            if connection is not None:
                connection.close()
            pool.pool.put(connection)


class SecureConnection(HTTPSConnection):
    """Says of every handshake that failed or broke off that nothing was sent. TLS may
    also break later, and then nobody knows.
    """

    def connect(self) -> None:
        try:
            super().connect()
        except (ssl.SSLError, SSLError) as error:
            raise HandshakeError(self, str(error)) from error
        except OSError as error:
            raise NewConnectionError(self, f"no secure connection: {error}") from error


def _proxied(proxy: str, options: dict[str, Any]) -> urllib3.PoolManager:
    """A manager for a proxy as environments name it: perhaps without scheme, with a password."""
    address = proxy if "://" in proxy else f"http://{proxy}"
    try:
        auth = urllib3.util.parse_url(address).auth
        headers = urllib3.util.make_headers(proxy_basic_auth=unquote(auth)) if auth else None
        return urllib3.ProxyManager(address, proxy_headers=headers, **options)
    except LocationValueError:  # its text may hold the password
        raise NotSent(
            "the environment names a proxy that is no http:// or https:// address",
            retryable=False,
        ) from None


class _Body:
    """A body that reports every way of breaking off as the OSError it is."""

    __slots__ = ("_response",)

    def __init__(self, response: Any) -> None:
        self._response = response

    def read1(self, amount: int, /) -> bytes:
        try:
            data: bytes = self._response.read1(amount)
        except HTTPError as error:
            self._response.close()
            raise ConnectionError(str(error)) from error
        return data

    def close(self) -> None:
        """Give the connection back; one with an unread rest is closed, not reused."""
        if not self._response.closed:
            self._response.close()
        self._response.release_conn()


def _translated(error: HTTPError, request: Request) -> TransportError:
    url = bare_url(request.url)
    if isinstance(error, EmptyPoolError):
        return NotSent(f"no connection to {url} became free in time", url=url)
    if isinstance(error, HandshakeError):
        reason = _reason(error)
        return NotSent(f"no secure connection to {url}: {reason}", url=url, retryable=False)
    if isinstance(error, ProxyError):
        return NotSent(f"the proxy for {url} could not be used: {error}", url=url)
    if isinstance(error, NewConnectionError):  # a kind of ConnectTimeoutError in urllib3
        return NotSent(f"no connection to {url}: {_reason(error)}", url=url)
    if isinstance(error, ConnectTimeoutError):
        return NotSent(f"no connection to {url}: timed out", url=url)
    broke = isinstance(error, ProtocolError | SSLError)
    what = "the connection broke" if broke else "no answer came"
    if request.repeatable:
        return TransportError(f"{what} while asking {url}", url=url, retryable=True)
    return OutcomeUnknown(
        f"the request to {url} was sent, but {what}: it may have been carried out, "
        "so it is not sent again",
        url=url,
    )


def _reason(error: HTTPError) -> str:
    """The operating system's words, without urllib3's object address before them."""
    return str(error).partition(": ")[2] or str(error)
