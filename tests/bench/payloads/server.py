"""Answers with pictures as base64, in the forms in which hosts send it."""

from __future__ import annotations

import base64
import os
import socket
import sys
import threading
from collections.abc import Iterator

MIB = 1 << 20
_LINE = 76  # characters, as in a mail

#: How the base64 of a picture may stand in an answer.
FLAT, SSE, ESCAPED, BROKEN = "flat", "sse", "escaped", "line-broken"
FORMS = (FLAT, SSE, ESCAPED, BROKEN)


def serve() -> None:
    """Answer each POST to ``/FORM/COUNT/MIB/...`` with so many pictures of so many MiB, less what
    is no whole group of base64."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=_accept, args=(listener,), daemon=True).start()
    sys.stdin.read()


def _accept(listener: socket.socket) -> None:
    block = base64.b64encode(b"\x89PNG\r\n\x1a\n" + os.urandom(3 * 256 * 1024 - 8))
    while True:
        connection, _ = listener.accept()
        with connection:
            form, count, size = _read_request(connection)
            kind = "text/event-stream" if form == SSE else "application/json"
            many, rest = divmod(size * MIB // 3 * 4, len(block))
            picture = [_as_sent(form, block)] * many + [_as_sent(form, block[:rest])]
            pieces = [*_answer(form, count, picture)]
            length = sum(map(len, pieces))
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n"
            connection.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode())
            for piece in pieces:
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)


def _as_sent(form: str, block: bytes) -> bytes:
    if form == ESCAPED:
        return block.replace(b"/", b"\\/")
    if form == BROKEN:
        return b"".join(
            block[begin : begin + _LINE] + b"\\n" for begin in range(0, len(block), _LINE)
        )
    return block


def _answer(form: str, count: int, picture: list[bytes]) -> Iterator[bytes]:
    if form == SSE:
        for index in range(count):
            kind = b"image_generation.partial_succeeded"
            yield b'data: {"type":"%b","image_index":%d,"b64_json":"' % (kind, index)
            yield from picture
            yield b'"}\n\n'
        yield b'data: {"type":"image_generation.completed"}\n\ndata: [DONE]\n\n'
        return
    yield b'{"created":1,"data":['
    for index in range(count):
        yield b',{"b64_json":"' if index else b'{"b64_json":"'
        yield from picture
        yield b'"}'
    yield b"]}"


def _read_request(connection: socket.socket) -> tuple[str, int, int]:
    """To its end: closing a connection on unread bytes would reset it. Gives what is wanted."""
    with connection.makefile("rb") as request:
        form, count, size = request.readline().split()[1].decode().split("/")[1:4]
        length = 0
        while (line := request.readline().lower()) not in (b"\r\n", b""):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        while length > 0:
            length -= len(request.read(min(length, MIB)))
    return form, int(count), int(size)
