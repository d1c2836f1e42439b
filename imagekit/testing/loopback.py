"""A real HTTP server on a loopback socket that answers what a test tells it to."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from attrs import field

from imagekit.basics.classes import frozen

__all__ = ["Answer", "Loopback", "Script", "Seen"]


@frozen
class Seen:
    """One request as it arrived. ``connection`` numbers the TCP connection it came on."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def server(self) -> str:
        """The base URL of the server at which it arrived."""
        return f"http://{self.headers['host']}"


@frozen
class Answer:
    """What to say to one request.

    Attributes:
        json: the body as a JSON document; or ``body`` as it is.
        headers: sent as they are; they replace ``Date``, ``Content-Type`` and, when they
            name a ``Transfer-Encoding``, ``Content-Length``.
        delay: seconds of silence before the first byte; cut short when the server closes.
        drip: seconds between the single bytes of the body.
        cut: close the connection after this many bytes of the body; 0 sends no answer
            at all, not even a status.
        close: close the connection afterwards, without saying so beforehand.
    """

    status: int = 200
    json: Any = None
    body: bytes = b""
    headers: Mapping[str, str] = field(factory=dict)
    delay: float = 0.0
    drip: float = 0.0
    cut: int | None = None
    close: bool = False

    @property
    def content(self) -> bytes:
        return self.body if self.json is None else json.dumps(self.json).encode()


#: An answer, or what makes one of the request.
Script = Answer | Callable[[Seen], Answer]


class Loopback:
    """``with Loopback(Answer(json=...), ...) as server:`` answers in that order.

    The last answer is repeated. ``server.url`` is where it listens; ``server.seen`` is
    what has arrived, on ``server.connections`` connections so far;
    ``server.wait_for_closed(n)`` returns once n of them have been closed on this side.
    """

    def __init__(self, *script: Script) -> None:
        self.seen: list[Seen] = []
        self._script = list(script) or [Answer()]
        self._lock = threading.Lock()
        self.connections = 0
        self._closed = threading.Semaphore(0)
        self._stopping = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler(), self._closed.release)
        self._thread = threading.Thread(target=self._server.accept_until, args=(self._stopping,))

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def __enter__(self) -> Loopback:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.wake()
        self._thread.join()
        self._server.server_close()

    def script(self, *script: Script) -> None:
        """Answer in this order from now on: for answers that name the server's own URL."""
        with self._lock:
            self._script = list(script)

    def wait_for_closed(self, count: int = 1, timeout: float = 60.0) -> None:
        """Wait until ``count`` more connections have been closed by this server."""
        for _ in range(count):
            if not self._closed.acquire(timeout=timeout):
                raise TimeoutError("the connection stayed open")

    def _next(self, seen: Seen) -> Answer:
        with self._lock:
            self.seen.append(seen)
            answer = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        return answer if isinstance(answer, Answer) else answer(seen)

    def _new_connection(self) -> int:
        with self._lock:
            self.connections += 1
            return self.connections

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        loopback = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                self.number = loopback._new_connection()

            def answer(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                seen = Seen(
                    self.command,
                    self.path,
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(length),
                    self.number,
                )
                self.send(loopback._next(seen))

            do_GET = do_POST = do_DELETE = do_CONNECT = answer  # noqa: N815

            def send(self, answer: Answer) -> None:
                loopback._stopping.wait(answer.delay)
                if answer.cut == 0 or loopback._stopping.is_set():
                    self.close_connection = True
                    return
                content = answer.content
                headers = {"Date": self.date_time_string()}
                if answer.json is not None:
                    headers["Content-Type"] = "application/json"
                if "Transfer-Encoding" not in answer.headers:
                    headers["Content-Length"] = str(len(content))
                self.send_response_only(answer.status)
                for name, value in {**headers, **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.close_connection |= answer.close or answer.cut is not None
                self.send_body(content[: answer.cut], answer.drip)

            def send_body(self, content: bytes, drip: float) -> None:
                try:
                    if not drip:
                        self.wfile.write(content)
                        return
                    for byte in content:
                        self.wfile.write(bytes([byte]))
                        if loopback._stopping.wait(drip):
                            return
                except OSError:  # the client has gone, as some tests want it to
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                """Tests look at `Loopback.seen` instead."""

        return Handler


class _Server(ThreadingHTTPServer):
    """One thread per connection; says when one has been closed."""

    daemon_threads = True

    def __init__(
        self,
        address: tuple[str, int],
        handler: type[BaseHTTPRequestHandler],
        closed: Callable[[], object],
    ) -> None:
        super().__init__(address, handler)
        self._closed = closed

    def accept_until(self, stopping: threading.Event) -> None:
        """Waits in ``accept`` alone, where `serve_forever` would look up at every so often: a
        suite of tests opens and closes thousands of these."""
        while True:
            connection, address = self.get_request()
            if stopping.is_set():
                connection.close()
                return
            self.process_request(connection, address)

    def wake(self) -> None:
        """One last connection, which ends the waiting."""
        host, port = self.server_address[:2]
        socket.create_connection((str(host), port)).close()

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self._closed()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that break off are what some tests are about; all else is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)
