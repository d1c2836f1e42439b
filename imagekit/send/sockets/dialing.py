"""Connections to one host: dialled here, plain or with TLS; answers without interim ones."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection

from imagekit.send.sockets.watchdog import Watch
from imagekit.values import Body

__all__ = ["Guard", "Line", "PlainLine", "SecureLine", "addresses"]

#: Looks at a name and all its addresses before any is connected to; raises to refuse.
Guard = Callable[[str, list[str]], None]


def addresses(host: str, port: int) -> list[Any]:
    """What `socket.getaddrinfo` says of a host.

    Raises:
        OSError: it has no address.
    """
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OSError(f"{host} has no address") from error


class _Answer(http.client.HTTPResponse):
    """Passes over interim answers (RFC 9110, 15.2), of which Python knows 100 alone."""

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 100 < status < 200 or status == http.client.SWITCHING_PROTOCOLS:
                return version, status, reason
            http.client.parse_headers(self.fp)


class _Dialled(HTTPConnection):
    """A connection that is opened within a time limit, to addresses that a guard admits.

    Attributes:
        line: the socket itself, also while an answer is read that closes the connection.
        sent: whether anything of the last request may have left.
    """

    response_class = _Answer
    guard: Guard | None = None
    _watch: Watch
    _step: float
    line: socket.socket | None = None
    sent = False

    def open(self, watch: Watch, seconds: float) -> None:
        """Connect, with ``seconds`` for each address and each step, all of it under ``watch``.

        Raises:
            OSError: whatever failed; nothing of the request was sent.
        """
        self._watch, self._step = watch, seconds
        self.connect()
        self.line = _innermost(self.sock)

    def ask(
        self,
        watch: Watch,
        silence: float,
        method: str,
        target: str,
        body: Body | None,
        headers: Mapping[str, str],
    ) -> HTTPResponse:
        """Send a request, wait for the head of its answer, ``silence`` between any two bytes.

        Raises:
            TornBody: the body could not be read to its end, so the request was not sent whole.
        """
        if self.line is not None:
            watch.over(self.line)
        self.timeout, self.sent = silence, False
        if body is not None:  # whatever length the headers say, its own is sent
            headers = {k: v for k, v in headers.items() if k.lower() != "content-length"}
            headers["Content-Length"] = str(body.size)
        with suppress(BrokenPipeError):  # perhaps the host has said why
            self.request(method, target, headers=headers)
            for piece in body.chunks() if body is not None else ():
                self.send(piece)
        answer = self.getresponse()
        if watch.bitten:  # whose end may look like that of the headers
            raise TimeoutError
        return answer

    def send(self, data: Any) -> None:
        self.sent = True
        super().send(data)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        """Not urllib3's, which logs whole URLs, signatures included, with headers it dislikes."""
        answer = http.client.HTTPConnection.getresponse(self)
        return HTTPResponse(
            body=answer,
            headers=HTTPHeaderDict(
                (name, " ".join(value.splitlines())) for name, value in answer.msg.items()
            ),
            status=answer.status,
            reason=answer.reason,
            preload_content=False,
            original_response=answer,
            request_method=answer._method,  # type: ignore[attr-defined]
        )

    def hang_up(self) -> None:
        """Close our end at once, whoever still holds the connection; the other process that
        has it too, after a fork, keeps it."""
        if self.line is not None and self.line.fileno() >= 0:
            with suppress(OSError):
                socket.close(self.line.detach())

    def _new_conn(self) -> socket.socket:
        """Dial; the first address that answers has it."""
        found = addresses(self._dns_host, self.port)
        if self.guard is not None:
            self.guard(self.host, [str(entry[4][0]) for entry in found])
        failure: OSError | None = None
        for family, kind, protocol, _, address in found:
            try:
                return self._dial(socket.socket(family, kind, protocol), address)
            except OSError as error:
                failure = failure or error
        raise failure or OSError(f"{self.host} has no address")

    def _dial(self, line: socket.socket, address: Any) -> socket.socket:
        try:
            for option in self.socket_options or ():
                line.setsockopt(*option)
            line.settimeout(self._within_watch())
            line.connect(address)
            line.settimeout(self._within_watch())  # the TLS handshake as a whole has this
            self._watch.over(line)
            return line
        except BaseException:
            line.close()
            raise

    def _within_watch(self) -> float:
        return max(0.001, min(self._step, self._watch.left()))


class PlainLine(_Dialled):
    """Without encryption."""


class SecureLine(_Dialled, HTTPSConnection):
    """With TLS; the certificate is verified."""


Line = PlainLine | SecureLine


def _innermost(connection: Any) -> socket.socket:
    """The socket under TLS within TLS, which is one that is none."""
    while not isinstance(connection, socket.socket):
        connection = connection.socket
    return connection
