"""A host that takes its time, or that sends and takes large pictures."""

from __future__ import annotations

import json
import struct
import threading
import time
import zlib
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from attrs import frozen

from imagekit.testing import picture

__all__ = ["Drawing", "host", "large"]

PIECE = 1 << 20


@frozen
class Drawing:
    """How it answers.

    Attributes:
        seconds: after so many.
        count: how many pictures.
        size: bytes of each.
    """

    seconds: float = 0.0
    count: int = 1
    size: int = 0


def large(size: int, number: int = 0) -> bytes:
    """A picture of about so many bytes, unlike that of another number."""
    filler = f"number\0{number}".encode() + bytes(size)
    chunk = struct.pack(">I", len(filler)) + b"tEXt" + filler
    chunk += struct.pack(">I", zlib.crc32(b"tEXt" + filler))
    small = picture(2048, 2048)
    return small[:-12] + chunk + small[-12:]  # before its last chunk


@contextmanager
def host(drawing: Drawing) -> Iterator[str]:
    """Gives its URL."""
    server = _Server(drawing)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    request_queue_size = 1024
    daemon_threads = True

    def __init__(self, drawing: Drawing) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.drawing = drawing


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        left = int(self.headers["Content-Length"])
        while left:
            left -= len(self.rfile.read(min(left, PIECE)))
        drawing = self.server.drawing
        time.sleep(drawing.seconds)
        head, rest = json.dumps({"created": 1, "data": ["?"]}).encode().split(b'"?"')
        length = drawing.count * (len(_item(drawing, 0)) + 1) - 1
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(head) + length + len(rest)))
        self.end_headers()
        self.wfile.write(head)
        for number in range(drawing.count):
            self.wfile.write((b"," if number else b"") + _item(drawing, number))
        self.wfile.write(rest)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


def _item(drawing: Drawing, number: int) -> bytes:
    """As long whatever the number is, up to two digits."""
    return b'{"b64_json":"%b"}' % b64encode(large(drawing.size, 10 + number))
