"""The upstream: an image host that answers at once, in OpenAI's dialect, with a link that works.

``python -m tests.bench.gateway.upstream`` prints its port. It is as little as can be called HTTP,
so that what is measured is what stands before it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imagekit.testing import picture

__all__ = ["SIZE", "upstream"]

SIZE = (2048, 2048)
ROOT = Path(__file__).parents[3]

_NUMBERS = itertools.count(1)
_PICTURE = picture(*SIZE)
#: The last chunk of a PNG.
_END = 12


@contextmanager
def upstream() -> Iterator[str]:
    """In a process of its own; gives its URL."""
    command = [sys.executable, "-m", "tests.bench.gateway.upstream"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


class _Answering(asyncio.Protocol):
    """Reads a head, skips its body, answers; keeps the connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.waiting = transport, b""
        host, port = transport.get_extra_info("sockname")
        self.base = f"http://{host}:{port}"

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while True:
            head, found, rest = self.waiting.partition(b"\r\n\r\n")
            _, _, length = head.lower().partition(b"content-length:")
            size = int(length.split(b"\r\n")[0] or 0)
            if not found or len(rest) < size:
                return
            self.waiting = rest[size:]
            is_link = head.startswith(b"GET /pictures/")
            self.transport.write(_drawn(head) if is_link else _made(self.base))


def _made(base: str) -> bytes:
    size = "{}x{}".format(*SIZE)
    told = {
        "created": 1790000000,
        "model": "seedream-4.5",
        "data": [{"url": f"{base}/pictures/{next(_NUMBERS)}.png", "size": size}],
        "usage": {"generated_images": 1, "output_tokens": 16384, "total_tokens": 16384},
    }
    return _reply(b"application/json", json.dumps(told).encode())


def _drawn(head: bytes) -> bytes:
    """The picture behind a link: unlike any other, so that each is kept by itself."""
    text = b"number\0" + head.split(maxsplit=2)[1]
    chunk = struct.pack(">I", len(text)) + b"tEXt" + text
    chunk += struct.pack(">I", zlib.crc32(b"tEXt" + text))
    return _reply(b"image/png", _PICTURE[:-_END] + chunk + _PICTURE[-_END:])


def _reply(kind: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
    return head % (kind, len(body)) + body


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
