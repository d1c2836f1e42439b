"""Connections to one host: dialled here, plain or with TLS."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

from imagekit.send.sockets.answer import Answer
from imagekit.send.sockets.watchdog import Watch
from imagekit.values import Body

__all__ = ["Guard", "Line", "PlainLine", "SecureLine", "addresses"]

_WITH_BODY = ("POST", "PUT", "PATCH")  # which say so when there is none
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


class _Dialled(HTTPConnection):
    """A connection that is opened within a time limit, to addresses that a guard admits.

    Attributes:
        line: the socket itself, also while an answer is read that closes the connection.
        sent: whether anything of the last request may have left.
    """

    response_class = Answer
    guard: Guard | None = None
    _watch: Watch
    _step: float
    line: socket.socket | None = None
    sent = False
    _following = b""

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
    ) -> Answer:
        """Send a request, wait for the head of its answer, ``silence`` between any two bytes.

        Raises:
            TornBody: the body could not be read to its end, so the request was not sent whole.
        """
        if self.line is not None:
            watch.over(self.line)
        if self.sock is not None:
            self.sock.settimeout(silence)
        self.sent = False
        with suppress(BrokenPipeError):  # perhaps the host has said why
            self._put_head(method, target, body, headers)
            pieces = iter(() if body is None else body.chunks())
            self._following = next(pieces, b"")
            self.endheaders()
            for piece in pieces:
                self.send(piece)
        answer: Answer = self.getresponse()
        if watch.bitten:  # whose end may look like that of the headers
            raise TimeoutError
        return answer

    def send(self, data: Any) -> None:
        """The head takes the first piece of the body with it: one packet for most requests."""
        self.sent = True
        following, self._following = self._following, b""
        super().send(data + following if following else data)

    #: Without urllib3's own, which looks for a word of urllib3's in every value, and without its
    #: ``getresponse``, which logs whole URLs, signatures included, with headers it dislikes.
    putheader = http.client.HTTPConnection.putheader
    getresponse: Any = http.client.HTTPConnection.getresponse

    def _put_head(
        self, method: str, target: str, body: Body | None, headers: Mapping[str, str]
    ) -> None:
        """Whatever length the headers say, the body's own is sent."""
        given = {name.lower() for name in headers}
        self.putrequest(
            method,
            target,
            skip_host="host" in given,
            skip_accept_encoding="accept-encoding" in given,
        )
        sized = body is not None or method in _WITH_BODY
        for name, value in headers.items():
            if not sized or name.lower() != "content-length":
                self.putheader(name, value)
        if sized:
            self.putheader("Content-Length", str(body.size if body is not None else 0))

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
