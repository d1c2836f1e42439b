"""A real HTTP server on a loopback socket that answers what a test tells it to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from attrs import field, frozen

__all__ = ["Answer", "Loopback", "Seen"]


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


@frozen
class Answer:
    """What to say to one request.

    Attributes:
        json: the body as a JSON document; or ``body`` as it is.
        delay: seconds of silence before the first byte.
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


Script = Answer | Callable[[Seen], Answer]


class Loopback:
    """``with Loopback(Answer(json=...), ...) as server:`` answers in that order.

    The last answer is repeated. ``server.url`` is where it listens; ``server.seen`` is
    what has arrived.
    """

    def __init__(self, *script: Script) -> None:
        self.seen: list[Seen] = []
        self._script = script or (Answer(),)
        self._lock = threading.Lock()
        self._connections = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def __enter__(self) -> Loopback:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _next(self, seen: Seen) -> Answer:
        with self._lock:
            index = min(len(self.seen), len(self._script) - 1)
            self.seen.append(seen)
        answer = self._script[index]
        return answer if isinstance(answer, Answer) else answer(seen)

    def _new_connection(self) -> int:
        with self._lock:
            self._connections += 1
            return self._connections

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

            do_GET = do_POST = do_DELETE = answer  # noqa: N815

            def send(self, answer: Answer) -> None:
                time.sleep(answer.delay)
                if answer.cut == 0:
                    self.close_connection = True
                    return
                content = answer.content
                headers = {"Content-Length": str(len(content)), **answer.headers}
                if answer.json is not None:
                    headers.setdefault("Content-Type", "application/json")
                self.send_response(answer.status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.close_connection = answer.close or answer.cut is not None
                self.send_body(content[: answer.cut], answer.drip)

            def send_body(self, content: bytes, drip: float) -> None:
                try:
                    if not drip:
                        self.wfile.write(content)
                        return
                    for byte in content:
                        self.wfile.write(bytes([byte]))
                        time.sleep(drip)
                except OSError:  # the client has gone, as some tests want it to
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                """Tests look at `Loopback.seen` instead."""

        return Handler
