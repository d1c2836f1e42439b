"""A deadline holds however slowly a host drips, and interim answers are no answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest

from imagekit import Charged, DeadlineExceeded, DownloadError, OutcomeUnknown, Request
from imagekit.send.download import GuardedTransport, fetch
from imagekit.send.sockets.watchdog import Watchdog
from imagekit.send.transport import Transport

OK = b"HTTP/1.1 200 OK\r\n"
JSON = OK + b"Content-Type: application/json\r\n"
DOCUMENT = b'{"data": []}'
#: Dripped at `PAUSE`, three seconds: far more than the deadlines here, but no test hangs.
MANY, PAUSE = 100, 0.03


@contextmanager
def dripping(*pieces: bytes) -> Iterator[str]:
    """The URL of a server that answers one request with these pieces, a while between them."""
    stopping = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.recv(1 << 16)
                for piece in pieces:
                    connection.sendall(piece)
                    if stopping.wait(PAUSE):
                        return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            stopping.set()
            thread.join()


def slowly(data: bytes) -> Iterable[bytes]:
    return [bytes([byte]) for byte in data]


CHUNKED = JSON + b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE = JSON + b"Content-Length: 12\r\n\r\n" + DOCUMENT
DRIPS = {
    "status line": [b"HTTP/1.1 200 ", *slowly(b"K" * MANY), b"\r\n\r\n"],
    "header": [OK + b"X-Slow: ", *slowly(b"s" * MANY), b"\r\n\r\n"],
    "many headers": [OK, *[b"X-Slow: s\r\n"] * 90, b"\r\n"],
    "continue": [*[b"HTTP/1.1 100 Continue\r\n\r\n"] * MANY, WHOLE],
    "early hints": [*[b"HTTP/1.1 103 Early Hints\r\n\r\n"] * MANY, WHOLE],
    "chunk header": [CHUNKED + b"c;", *slowly(b"x" * MANY), b"\r\n" + DOCUMENT, b"\r\n0\r\n\r\n"],
    "trailers": [CHUNKED + b"c\r\n" + DOCUMENT + b"\r\n0\r\n", *[b"A: b\r\n"] * MANY, b"\r\n"],
    "body": [JSON + b"Content-Length: 112\r\n\r\n", *slowly(b" " * MANY), DOCUMENT],
    "body without length": [JSON + b"\r\n", *slowly(b" " * MANY), DOCUMENT],
}


@pytest.mark.parametrize("pieces", DRIPS.values(), ids=DRIPS)
def test_a_deadline_holds_whatever_drips(garden, pieces):
    with dripping(*pieces) as url, pytest.raises(DeadlineExceeded) as caught:
        garden(url).generate("a lily", model="lily-1", deadline=0.5)
    assert (caught.value.charged, caught.value.retryable) == (Charged.MAYBE, False)


@pytest.mark.parametrize("kind", ["status line", "header", "continue"])
def test_without_a_deadline_an_answer_has_to_begin_within_the_read_timeout(garden, kind):
    with dripping(*DRIPS[kind]) as url:
        client = garden(url, settings={"read_timeout": 0.5})
        with pytest.raises(OutcomeUnknown, match="no answer came"):
            client.generate("a lily", model="lily-1")


def test_a_picture_that_ends_with_its_time_is_not_taken_for_a_whole_one(png):
    """Its end is that of the connection, which is just what shutting that looks like."""
    broke = pytest.raises(DownloadError, match="broke off")
    transport = GuardedTransport(1, local=True)
    with dripping(OK + b"\r\n" + png, *slowly(bytes(MANY))) as url, closing(transport), broke:
        fetch(transport.send, f"{url}/1.png", local=True, timeout=0.5)


def test_interim_answers_are_passed_over_however_many():
    interim = [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 102 Processing\r\n\r\n"]
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
    with dripping(*interim, hints, hints, WHOLE) as url, closing(Transport()) as transport:
        reply = transport.send(Request("POST", url, body=b"{}", timeout=10.0))
        assert (reply.status, reply.stream.read1(100)) == (200, DOCUMENT)
        assert "link" not in reply.headers
        reply.stream.close()


# --- the watchdog by itself -----------------------------------------------------------------


@pytest.fixture
def pair():
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def test_an_earlier_end_is_noticed_while_a_later_one_is_awaited(pair):
    dog = Watchdog()
    late = dog.begin(1e12)
    early = dog.begin(0.0)
    early.over(pair[0])
    assert pair[1].recv(1) == b"", "shut"
    assert (early.bitten, late.bitten) == (True, False)


def test_a_connection_that_is_named_after_the_end_is_shut_at_once(pair):
    watch = Watchdog().begin(0.0)
    one, other = socket.socketpair()
    with one, other:
        watch.over(one)
        assert other.recv(1) == b""
    watch.over(pair[0])
    assert pair[1].recv(1) == b""


def test_watches_that_have_ended_leave_nothing_behind():
    dog = Watchdog()
    for _ in range(100):
        dog.begin(1e12).end()
    assert dog._watches == set()
