"""One request over one connection, pooled by origin, under a time limit."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from http.client import HTTPException
from math import inf
from typing import TypeVar

from urllib3.exceptions import HTTPError, SSLError
from urllib3.util.ssl_match_hostname import CertificateError

import imagekit
from imagekit.basics.forks import tell_in_child
from imagekit.basics.urls import bare_url, with_query
from imagekit.errors import NotSent, OutcomeUnknown, TransportError
from imagekit.send.sockets.answer import Answer
from imagekit.send.sockets.dialing import Guard, Line
from imagekit.send.sockets.pool import Pool, Pools
from imagekit.send.sockets.proxies import Origin, Way, split
from imagekit.send.sockets.watchdog import Watch, watchdog
from imagekit.values import Reply, Request
from imagekit.values.body import TornBody

__all__ = ["Send", "Transport"]

#: One request in, one reply out. Wrappers take one of these and return another.
Send = Callable[[Request], Reply]

#: Every way in which a connection breaks, or what comes on it is no HTTP.
_BROKEN = (OSError, HTTPException, HTTPError, ValueError)


class Transport:
    """Sends requests. Thread-safe; threads beyond ``concurrency`` wait for a connection.

    TLS certificates are verified; proxies are those of the environment, and on macOS and
    Windows of the system where that names none; redirects are never followed. An idle
    connection is looked at before it is used again, so a paid POST does not go out on one that
    the host has already closed. A process that was forked has connections of its own.

    Args:
        connect_timeout: seconds for each address of a host.
        read_timeout: seconds for the head of an answer, and between any two bytes of its
            body. A request's own ``timeout`` is for all of it, from its sending on.
        guard: looks at the addresses of a host before any is connected to.
    """

    def __init__(
        self,
        concurrency: int = 8,
        connect_timeout: float = 10.0,
        read_timeout: float = 600.0,
        guard: Guard | None = None,
    ) -> None:
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._guard = guard
        self._pools = Pools(concurrency)
        self._closed = False
        tell_in_child(self)

    def send(self, request: Request) -> Reply:
        """Send one request; the body of the reply is still to be read.

        Raises:
            NotSent: the request certainly did not get there.
            OutcomeUnknown: it was sent, and no reply came. Not for repeatable ones,
                whose outcome does not matter: those raise `TransportError`.
        """
        origin, path = split(request.url)
        end = inf if request.timeout is None else time.monotonic() + request.timeout
        self._refuse_when_closed(request)
        pool = self._pools.of(origin, self._way)
        line = pool.take(request.timeout)
        if line is None:
            url = bare_url(request.url)
            raise NotSent(f"no connection to {url} became free in time", url=url)
        watch = watchdog.begin(min(end, time.monotonic() + self._read_timeout))
        try:
            self._refuse_when_closed(request)  # meanwhile
            self._open(line, pool.way, watch, request)
            answer = self._ask(line, pool.way, path, watch, request)
            watch.until(end)
        except BaseException as error:
            watch.end()
            line.close()
            pool.give_back(line, whole=False)
            # Ctrl-C, or a task's time limit, as well: what is below has the key in its locals.
            raise error.with_traceback(None)  # noqa: B904 - it is the same error
        return Reply(answer.status, answer.fields, _Body(answer, line, pool, watch))

    def close(self) -> None:
        """Close every idle connection. Nothing is sent any more, but for downloads of what
        is paid for, over connections that are not kept."""
        self._closed = True
        self._pools.close()

    def after_fork(self) -> None:
        self._pools.after_fork()

    def _way(self, origin: Origin) -> Way:
        return Way.to(origin, self._guard)

    def _refuse_when_closed(self, request: Request) -> None:
        if self._closed and request.step != "download":
            url = bare_url(request.url)
            raise NotSent(f"the client is closed: nothing is sent to {url}", retryable=False)

    def _open(self, line: Line, way: Way, watch: Watch, request: Request) -> None:
        if not line.is_closed:
            return None
        way.admit()
        try:
            return line.open(watch, self._connect_timeout)
        except _BROKEN as error:
            failure = _not_sent(error, line, watch, bare_url(request.url))
        raise failure

    def _ask(self, line: Line, way: Way, path: str, watch: Watch, request: Request) -> Answer:
        silence = min(self._read_timeout, max(watch.left(), 0.001))  # 0 would not wait at all
        try:
            return line.ask(
                watch,
                silence,
                request.method,
                way.target(with_query(path, request.signed_query)),
                request.body,
                {
                    "User-Agent": f"imagekit/{imagekit.__version__}",
                    **way.forwarded_headers,
                    **request.headers,
                },
            )
        except TornBody as error:
            failure = _torn(error, bare_url(request.url))
        except _BROKEN as error:
            failure = _unanswered(error, line, watch, request)
        raise failure


class _Body:
    """A body that reports every way of breaking off as the OSError it is."""

    __slots__ = ("_answer", "_closed", "_line", "_pool", "_source", "_watch")

    def __init__(self, answer: Answer, line: Line, pool: Pool, watch: Watch) -> None:
        self._answer, self._line, self._pool, self._watch = answer, line, pool, watch
        self._source = answer.decoded() if answer.is_encoded else answer
        self._closed = False

    @property
    def _whole(self) -> bool:
        """Whether as much has been read as the head has promised, or to the end."""
        done = self._answer.length == 0 and self._source is self._answer
        return (done or self._answer.isclosed()) and not self._watch.bitten

    def read1(self, amount: int, /) -> bytes:
        if self._whole:
            return b""
        try:
            data = self._source.read1(amount)
        except _BROKEN as error:
            self._line.close()
            reason = str(error)
        else:
            reason = "" if data else self._broken_off()
            if not reason:
                return data
        raise ConnectionError(reason)

    def _broken_off(self) -> str:
        """Why there is no more to read, where the end is not the answer's; else empty."""
        if self._watch.bitten:
            return "the time was up"
        missing = self._source is self._answer and self._answer.length
        return f"{missing} bytes are missing" if missing else ""

    def close(self) -> None:
        """Give the connection back; one with an unread rest is closed, not reused."""
        if self._closed:
            return
        self._closed = True
        self._watch.end()
        whole = self._whole
        self._source.close()
        self._pool.give_back(self._line, whole=whole)


T = TypeVar("T", bound=TransportError)


def _because(failure: T, error: Exception) -> T:
    """A failure that is to be raised after ``error`` was handled, and whose cause it is.

    Without the frames of the cause: their locals are the request's headers, which hold the
    key, and some who log errors log locals as well.
    """
    error.__cause__ = error.__context__ = None
    failure.__cause__ = error.with_traceback(None)
    return failure


def _not_sent(error: Exception, line: Line, watch: Watch, url: str) -> NotSent:
    if isinstance(error, ssl.SSLError | SSLError | CertificateError):
        insecure = f"no secure connection to {url}: {error}"
        return _because(NotSent(insecure, url=url, retryable=False), error)
    late = watch.bitten or isinstance(error, TimeoutError)
    direct = line.proxy is None
    what = f"no connection to {url}" if direct else f"the proxy for {url} could not be used"
    return _because(NotSent(f"{what}: {'timed out' if late else error}", url=url), error)


def _torn(error: TornBody, url: str) -> TransportError:
    """Less has left than the head of the request has said: nobody can carry that out."""
    message = f"the request to {url} was not sent whole: {error}"
    return _because(NotSent(message, url=url, retryable=False), error)


def _unanswered(error: Exception, line: Line, watch: Watch, request: Request) -> TransportError:
    url = bare_url(request.url)
    if not line.sent:  # the error's text may quote a header, and that the key
        return NotSent(f"a header for {url} can't be sent", url=url, retryable=False)
    late = watch.bitten or isinstance(error, TimeoutError)
    what = "no answer came" if late else "the connection broke"
    if request.repeatable:
        message = f"{what} while asking {url}"
        return _because(TransportError(message, url=url, retryable=True), error)
    message = (
        f"the request to {url} was sent, but {what}: it may have been carried out, "
        "so it is not sent again"
    )
    return _because(OutcomeUnknown(message, url=url), error)
