"""Who asks: some connections, on each of which one request follows the other."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from attrs import define, field, frozen

__all__ = ["Asked", "ask"]

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


@frozen
class Asked:
    """What came back.

    Attributes:
        done: how many were answered with 200.
        failed: how many with anything else.
        seconds: of them all.
        example: the first answer that failed.
    """

    done: int
    failed: int
    seconds: float
    example: bytes

    @property
    def per_second(self) -> float:
        return self.done / self.seconds


def ask(
    url: str, headers: Mapping[str, str], body: bytes, connections: int, seconds: float
) -> Asked:
    """Requests that are alike, for so many seconds; what is then under way is waited for.

    Raises:
        ConnectionError: a connection ended before its request was answered.
    """
    return asyncio.run(_ask(url, _request(url, headers, body), connections, seconds))


def _request(url: str, headers: Mapping[str, str], body: bytes) -> bytes:
    parts = urlsplit(url)
    told = {"Host": parts.netloc, "Content-Length": str(len(body)), **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"POST {parts.path} HTTP/1.1\r\n{lines}\r\n".encode() + body


@define
class _Count:
    until: float
    done: int = 0
    failed: int = 0
    example: bytes = b""
    went: list[ConnectionError] = field(factory=list)

    def answered(self, answer: bytes) -> bool:
        """Whether to go on."""
        if answer.split(maxsplit=2)[1] == b"200":
            self.done += 1
        else:
            self.failed += 1
            self.example = self.example or answer
        return time.perf_counter() < self.until


class _Asking(asyncio.Protocol):
    """One connection."""

    def __init__(self, request: bytes, count: _Count, over: Callable[[], None]) -> None:
        self.request, self.count, self.over = request, count, over
        self.waiting = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        if not _is_whole(self.waiting):
            return
        answer, self.waiting = bytes(self.waiting), bytearray()
        if self.count.answered(answer):
            self.transport.write(self.request)
        else:
            self.over()
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.transport.is_closing() or exc is not None:
            self.count.went.append(ConnectionError("a connection ended before its answer"))
            self.over()


def _is_whole(answer: bytearray) -> bool:
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    if found := _LENGTH.search(answer, 0, end):
        return len(answer) >= end + 4 + int(found[1])
    assert _CHUNKED.search(answer, 0, end), bytes(answer[:end])
    return answer.endswith(b"0\r\n\r\n")


async def _ask(url: str, request: bytes, connections: int, seconds: float) -> Asked:
    loop, parts = asyncio.get_running_loop(), urlsplit(url)
    began = time.perf_counter()
    count, over = _Count(began + seconds), asyncio.Semaphore(0)
    for _ in range(connections):
        await loop.create_connection(
            lambda: _Asking(request, count, over.release), parts.hostname, parts.port
        )
    for _ in range(connections):
        await over.acquire()
    if count.went:
        raise count.went[0]
    return Asked(count.done, count.failed, time.perf_counter() - began, count.example)
