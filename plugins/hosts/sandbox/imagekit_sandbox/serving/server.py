"""The sockets: HTTP/1.1 with the standard library, one thread for each connection."""

from __future__ import annotations

import http.client
import itertools
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote

from imagekit.errors import ConfigurationError
from imagekit_sandbox.serving.books.ledger import Ledger
from imagekit_sandbox.serving.messages.answers import Answer, json_answer
from imagekit_sandbox.serving.messages.asked import Asked

__all__ = ["Server"]

MOST_BODY = 128 << 20
PIECES = 16
_AUTHORITY = re.compile(r"[\w.:\[\]-]{1,255}")


class Server(ThreadingHTTPServer):
    """Listens, answers with what ``answer`` says, and tells ``ledger`` what has been written.

    Raises:
        ConfigurationError: the address can't be listened on.
    """

    daemon_threads = True
    request_queue_size = 1024  # the library's 5 turns away what calls at the same moment

    def __init__(
        self,
        address: str,
        port: int,
        answer: Callable[[Asked], Answer],
        ledger: Ledger,
        now: Callable[[], float],
    ) -> None:
        if ":" in address:
            self.address_family = socket.AF_INET6
        self.answer = answer
        self.ledger = ledger
        self.now = now
        self.numbers = itertools.count(1)
        self.stopping = threading.Event()
        try:
            super().__init__((address, port), _Handler)
        except (OSError, OverflowError) as error:
            raise ConfigurationError(_why(address, port, error)) from None

    @property
    def authority(self) -> str:
        """Address and port, as they stand in a URL."""
        host, port = self.server_address[:2]
        return f"[{host!s}]:{port}" if ":" in str(host) else f"{host!s}:{port}"

    def server_bind(self) -> None:
        """Without the look-up of this machine's name, which may take seconds."""
        import socketserver

        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that break off are nothing to report; all else is a bug."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def handle_any(self) -> None:
        asked = self._asked()
        if asked is None:
            return
        answer = self.server.answer(asked)
        self.server.stopping.wait(answer.delay)
        if answer.cut == 0 or self.server.stopping.is_set():
            self.close_connection = True
            return
        self._send(answer, asked.number)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = handle_any  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """The journal has it."""

    def _asked(self) -> Asked | None:
        """The request; None when it can't be read, and has been answered."""
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not length.isdecimal():
            self._refuse(411, "sandbox: requests need a Content-Length")
            return None
        if int(length) > MOST_BODY:
            self._refuse(413, f"sandbox: bodies have at most {MOST_BODY:,} bytes")
            return None
        path, _, query = self.path.partition("?")
        host = self.headers.get("host", "")
        return Asked(
            number=next(self.server.numbers),
            method=self.command,
            path="/" + unquote(path).lstrip("/"),
            query=dict(parse_qsl(query)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
            origin=f"http://{host if _AUTHORITY.fullmatch(host) else self.server.authority}",
            at=self.server.now(),
        )

    def _refuse(self, status: int, message: str) -> None:
        self.close_connection = True
        self._send(json_answer({"error": {"message": message}}, status), 0)

    def _send(self, answer: Answer, number: int) -> None:
        if answer.cut is not None:
            self.close_connection = True
        try:
            self._write(answer, number)
        except OSError:  # the client has gone
            self.close_connection = True

    def _write(self, answer: Answer, number: int) -> None:
        ledger, now = self.server.ledger, self.server.now
        for pause, piece, picture in _pieces(self._head(answer, number), answer):
            if self.server.stopping.wait(pause):
                self.close_connection = True
                return
            self.wfile.write(piece)
            if picture:
                ledger.picture_written(number, now())
        if answer.billed and answer.cut is None:
            ledger.answered(number, now())

    def _head(self, answer: Answer, number: int) -> list[bytes]:
        """The lines before the body."""
        phrase = http.client.responses.get(answer.status, "")
        own = {"Date": self.date_time_string(), "X-Sandbox-Request": str(number)}
        named = {**own, "Content-Length": str(len(answer.body)), **answer.headers}
        lines = [f"{self.protocol_version} {answer.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in named.items()]
        return [f"{line}\r\n".encode("latin-1") for line in [*lines, ""]]


def _pieces(head: list[bytes], answer: Answer) -> Iterator[tuple[float, bytes, bool]]:
    """What is written at a time: after which pause, and whether it ends a picture of a stream."""
    for line in head if answer.drip_head else [b"".join(head)]:
        yield answer.drip_head, line, False
    body = answer.body[: answer.cut]
    size = -(-len(body) // PIECES) if answer.drip else len(body)
    ends = {end for end in answer.ends if end <= len(body)}
    marks = sorted({0, len(body), *ends, *range(0, len(body), size or 1)})
    for start, end in itertools.pairwise(marks):
        begins = answer.ends and (start == 0 or start in answer.ends[:-1])
        pause = answer.pace if begins else 0.0
        yield pause + (answer.drip if start else 0.0), body[start:end], end in ends


def _why(address: str, port: int, error: OSError | OverflowError) -> str:
    import errno

    if isinstance(error, OverflowError):
        return f"{port} is no port; take one from 0 (any that is free) to 65535"
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {address} is in use; --port 0 takes one that is free"
    return f"can't listen on {address}, port {port}: {error.strerror}"
