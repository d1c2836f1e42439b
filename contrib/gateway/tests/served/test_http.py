"""HTTP as strangers write it: old, in a hurry, by halves, and in ways that two readers read
differently."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

BODY = b'{"model": "token360:seedream-4.0", "prompt": "a corgi"}'
PATH = "/v1/images/generations"
LAST = "Connection: close"


@pytest.fixture(scope="module")
def program(start: Any) -> Any:
    program = start()
    program.host.lets.set()
    return program


@pytest.fixture
def say(program: Any) -> Any:
    """Sends a head and some bytes; gives all that comes back until the other side ends it."""

    def said(
        *lines: str, body: bytes = b"", own: tuple[str, ...] = ("Host: here",), half: bool = False
    ) -> bytes:
        first, *others = lines
        head = "\r\n".join([first, *own, f"Authorization: Bearer {program.key}", *others])
        with socket.create_connection(("127.0.0.1", program.port), timeout=60) as connection:
            connection.sendall(f"{head}\r\n\r\n".encode() + body)
            if half:
                connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))

    return said


JSON = ("Content-Type: application/json", f"Content-Length: {len(BODY)}")


def test_http_1_0_without_a_host_is_answered_and_ends(say: Any) -> None:
    answer = say(f"POST {PATH} HTTP/1.0", *JSON, body=BODY, own=())
    assert answer.startswith(b"HTTP/1.0 200 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["data"]


def test_requests_that_come_at_once_are_answered_in_their_order(say: Any) -> None:
    second = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"
    third = b"GET /nothing HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
    answer = say(f"POST {PATH} HTTP/1.1", *JSON, body=BODY + second + third)
    told = [answer.find(one) for one in (b'"created"', b'"status": "ok"', b"there is nothing at")]
    assert -1 not in told
    assert told == sorted(told)


def test_who_waits_to_be_told_to_go_on_is_told(say: Any) -> None:
    answer = say(f"POST {PATH} HTTP/1.1", *JSON, "Expect: 100-continue", LAST, body=BODY)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")


def test_who_may_not_ask_is_not_told_to_go_on(program: Any) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\n{JSON[0]}\r\n{JSON[1]}"
    with socket.create_connection(("127.0.0.1", program.port), timeout=60) as connection:
        connection.sendall(f"{head}\r\n\r\n".encode())
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 401 ")


def test_a_body_that_comes_in_chunks_is_read(say: Any) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in (BODY[:9], BODY[9:], b""))
    head = (JSON[0], "Transfer-Encoding: chunked", LAST)
    assert say(f"POST {PATH} HTTP/1.1", *head, body=chunks).startswith(b"HTTP/1.1 200 ")


def test_a_body_that_breaks_off_is_told_so(say: Any) -> None:
    answer = say(f"POST {PATH} HTTP/1.1", *JSON, body=BODY[:-9], half=True)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"the body breaks off after 46 bytes" in answer


@pytest.mark.parametrize(
    "head",
    [
        (*JSON, "Content-Length: 3"),
        (JSON[0], "Content-Length: -1"),
        (JSON[0], "Content-Length: many"),
        (JSON[0], "Transfer-Encoding: gzip"),
        (*JSON, "X: 1\r\n 2"),
        (*JSON, "X : 1"),
    ],
)
def test_a_head_that_can_be_read_in_two_ways_is_refused(
    program: Any, say: Any, head: tuple[str, ...]
) -> None:
    last = program.ask("GET", "/v1/images").json()["first_id"]
    answer = say(f"POST {PATH} HTTP/1.1", *head, body=BODY)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert program.ask("GET", "/v1/images").json()["first_id"] == last


def test_chunks_count_before_a_length_and_nothing_is_read_behind_them(say: Any) -> None:
    """What stands there is no request of whoever comes next: the connection is closed."""
    hidden = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
    answer = say(f"POST {PATH} HTTP/1.1", *JSON, "Transfer-Encoding: chunked", body=chunks + hidden)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"status": "ok"' not in answer


@pytest.mark.parametrize("own", [("Host: a", "Host: b"), ("Host: a/b?c",), ("Host: a b",)])
def test_a_host_that_is_none_is_refused(say: Any, own: tuple[str, ...]) -> None:
    answer = say("GET /v1/images HTTP/1.1", LAST, own=own)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"the header Host is no name of a server" in answer


@pytest.mark.parametrize(
    ("first", "more", "status"),
    [
        ("GET /healthz", (), 400),
        ("GET /healthz HTTP/2.0", (), 400),
        ("\x16\x03\x01\x02", (), 400),
        ("CONNECT example.com:443 HTTP/1.1", (LAST,), 405),
        ("OPTIONS * HTTP/1.1", (LAST,), 204),
    ],
    ids=["0.9", "2.0", "TLS", "CONNECT", "OPTIONS"],
)
def test_what_is_no_request_for_anything_here_has_a_status_of_its_own(
    say: Any, first: str, more: tuple[str, ...], status: int
) -> None:
    assert say(first, *more).startswith(b"HTTP/1.1 %d " % status)


def test_head_has_no_body(say: Any) -> None:
    answer = say("HEAD /v1/images HTTP/1.1", LAST)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\n")
