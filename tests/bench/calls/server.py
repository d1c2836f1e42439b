"""The other side: as little as can be called HTTP, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["LINK", "MODEL", "server"]

MODEL = "seedream-4.5"
LINK = "https://pictures.invalid/0001.png"
PICTURES = {
    "created": 1790000000,
    "model": MODEL,
    "data": [{"url": LINK, "size": "2048x2048"}],
    "usage": {"generated_images": 1, "output_tokens": 16384, "total_tokens": 16384},
}


def task(status: str, **more: object) -> dict[str, object]:
    """A job as klingai tells of it."""
    return {"code": 0, "data": {"task_id": "7", "task_status": status, **more}}


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
DONE = task("succeed", task_result={"images": [{"index": 0, "url": LINK}]})


class Answering(asyncio.Protocol):
    """Reads a head, skips its body, answers at once, and keeps the connection.

    A POST to ``/polls/5/...`` makes a job that is done when it is asked for the fifth time; all
    else is answered with a picture.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.waiting, self.polls = transport, b"", 0

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while True:
            head, found, rest = self.waiting.partition(b"\r\n\r\n")
            _, _, length = head.lower().partition(b"content-length:")
            size = int(length.split(b"\r\n")[0] or 0)
            if not found or len(rest) < size:
                return
            self.waiting = rest[size:]
            body = json.dumps(self.answer(head)).encode()
            self.transport.write(HEAD % len(body) + body)

    def answer(self, head: bytes) -> object:
        method, path, *_ = head.split(b" ", 2)
        if not path.startswith(b"/polls/"):
            return PICTURES
        if method == b"POST":
            self.polls = int(path.split(b"/")[2])
            return task("submitted")
        self.polls -= 1
        return task("processing") if self.polls else DONE


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def server() -> Iterator[str]:
    """Gives the URL it listens at."""
    command = [sys.executable, __file__]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


if __name__ == "__main__":
    asyncio.run(serve())
