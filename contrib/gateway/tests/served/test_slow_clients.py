"""Clients that stall hurt nobody else: those that send a head by halves, a body by halves, or do
not read; those that hold connections; those that send without end."""

from __future__ import annotations

import socket
import struct
import time
import zlib
from base64 import b64encode
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest

from imagekit.testing import picture
from imagekit_store import Keys

pytestmark = pytest.mark.slow

THREADS = 8  # of which one key gets seven
GENERATE = "POST /v1/images/generations"
JSON = {"Content_Type": "application/json"}


@pytest.fixture(scope="module")
def program(start: Any) -> Any:
    program = start(threads=THREADS)
    program.host.lets.set()
    return program


@pytest.fixture(scope="module")
def another(program: Any) -> str:
    """The key of somebody else."""
    with program.store() as store:
        return Keys(store).add("bob")


@pytest.fixture
def held(program: Any) -> Any:
    """Connections that stay open; once they are closed, all is as it was."""
    with ExitStack() as held:
        yield held
    while program.generate().status == 429:
        time.sleep(0.02)


def of(key: str) -> dict[str, dict[str, str]]:
    return {"headers": {"Authorization": f"Bearer {key}"}}


def test_half_a_head_takes_no_thread(program: Any, held: ExitStack) -> None:
    for _ in range(300):
        held.enter_context(program.connect(GENERATE))
    assert program.generate().status == 200


def test_connections_that_nothing_comes_on_take_no_thread(program: Any, held: ExitStack) -> None:
    for _ in range(300):
        held.enter_context(socket.create_connection(("127.0.0.1", program.port)))
    assert program.generate().status == 200


def test_half_a_body_takes_a_thread_of_its_key_and_the_last_ones_are_for_others(
    program: Any, held: ExitStack, another: str
) -> None:
    half = (GENERATE, b"\r\n{")
    told = {"Content_Length": "100", **JSON}
    while (refused := program.generate()).status == 200:
        held.enter_context(program.connect(*half, **told))
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
    assert refused.json()["error"]["code"] == "too_many_at_once"
    assert program.ask("GET", "/v1/images", **of(another)).status == 200


def test_nobody_else_waits_for_those_who_do_not_read(
    program: Any, held: ExitStack, another: str
) -> None:
    program.host.picture = large(16 << 20)
    link = urlsplit(program.generate().json()["data"][0]["url"])
    for _ in range(THREADS):
        held.enter_context(program.connect(f"GET {link.path}?{link.query}", b"\r\n"))
    assert program.ask("GET", "/v1/images", **of(another)).status == 200
    assert program.generate(response_format="b64_json").status == 200


def test_a_body_that_is_too_large_is_refused_before_it_comes(program: Any) -> None:
    head = {"Content_Length": str(300 << 20), **JSON}
    with program.connect(GENERATE, b"\r\n", **head) as connection:
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 413 ")


def test_a_body_without_an_end_is_refused_once_it_is_too_large(program: Any) -> None:
    pieces = (b"100000\r\n" + b" " * (1 << 20) + b"\r\n") * 300
    with (
        program.connect(GENERATE, b"\r\n", Transfer_Encoding="chunked", **JSON) as connection,
        pytest.raises(OSError, match=r"reset|pipe|aborted"),
    ):
        connection.sendall(pieces)
    assert program.generate().status == 200


def large(size: int) -> str:
    """A picture of so many bytes, as base64."""
    text = b"filler\0" + bytes(size)
    chunk = struct.pack(">I", len(text)) + b"tEXt" + text
    chunk += struct.pack(">I", zlib.crc32(b"tEXt" + text))
    small = picture(64, 64)
    return b64encode(small[:-12] + chunk + small[-12:]).decode()
