"""Whoever answers may quote what was asked, in any place and any spelling: hosts, gateways, and
proxies that take themselves for the host. Nothing of the key, nor of a proxy's password, stays.
"""

from __future__ import annotations

import html
import json
import signal
import socket
import sys
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from traceback import TracebackException
from urllib.parse import quote

import pytest

from imagekit import HostError, NotSent, OutcomeUnknown, Request
from imagekit.send.scrubbing import Scrubber
from imagekit.send.transport import Transport
from imagekit.testing import Answer, Loopback
from imagekit.testing.cassette.scrubbing import Scrubber as TapeScrubber

KEY = "sK/9+abcdEF=Zq7&x"
SENT = quote(KEY, safe="")
SPELLINGS = {
    "as it is": KEY,
    "everything": SENT,
    "Python's quote": quote(KEY),
    "a browser's URL": KEY.replace("+", "%2B").replace("&", "%26"),
    ".NET": "sK%2f9%2babcdEF%3dZq7%26x",
    "a URL in a URL": quote(SENT),
    "a form, read": KEY.replace("+", " "),
    "HTML": html.escape(KEY),
    "HTML of a URL": html.escape(SENT),
    "HTML, careful": "sK&#x2F;9&#43;abcdEF&#x3D;Zq7&amp;x",
    "HTML, by name": "sK&sol;9&plus;abcdEF&equals;Zq7&amp;x",
    "HTML in HTML": "sK&amp;#x2F;9&amp;#43;abcdEF&amp;#x3D;Zq7&amp;amp;x",
    "PHP's JSON": json.dumps(KEY)[1:-1].replace("/", r"\/"),
    ".NET's JSON": KEY.replace("+", r"\u002B").replace("&", r"\u0026"),
    "a header": b64encode(KEY.encode()).decode(),
    "a header in a URL": quote(b64encode(KEY.encode()).decode()),
}


@pytest.mark.parametrize("echo", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_key_is_found_in_every_spelling(garden, echo):
    said = f"no such key: {echo}."
    refusal = Answer(401, json={"error": {"message": said}})
    with Loopback(refusal) as server, pytest.raises(HostError) as caught:
        garden(server.url, credentials={"garden": KEY}).generate("a lily", model="lily-1")
    assert "abcdEF" not in shown(caught.value)
    assert "no such key: ***" in str(caught.value)
    assert "abcdEF" not in TapeScrubber([KEY]).text(said)


def test_a_text_that_is_much_like_a_key_stays(garden):
    text = f"{KEY[:-1]} {KEY.replace('/', '%2E')} {KEY.replace('=', '&#x3C;')}"
    assert Scrubber([KEY]).text(text) == text


def test_the_name_of_a_header_may_quote_it_too(garden):
    answer = Answer(500, json={}, headers={"x-sk-0123abcdef": "1"})
    with Loopback(answer) as server, pytest.raises(HostError) as caught:
        garden(server.url, credentials={"garden": "sk-0123abcdef"}).generate("a", model="lily-1")
    assert "0123abcdef" not in shown(caught.value)


@pytest.mark.parametrize("head", [b"FOO %s", b"HTTP/1.1 abc %s", b"%s", b"HTTP/7.7 200 %s"])
def test_what_is_no_status_line_is_quoted_by_no_error(head):
    with (
        raw(lambda asked: head % asked + b"\r\n\r\n") as url,
        closing(Transport()) as transport,
        pytest.raises(OutcomeUnknown, match="the connection broke") as caught,
    ):
        transport.send(Request("POST", url, body=b"{}", signed_query={"key": KEY}))
    assert caught.value.__cause__ is not None
    assert "abcdEF" not in shown(caught.value)


@pytest.mark.parametrize("head", [b"HTTP/1.1 407 %s", b"%s", b"HTTP/1.1 200 OK\r\n%s"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_answers_with_what_it_was_asked_shows_no_secret(monkeypatch, scheme, head):
    def echo(asked: bytes) -> bytes:
        return head % b" ".join(asked.splitlines()) + b"\r\nContent-Length: x\r\n\r\n"

    password = b64encode(b"ann:secret-of-ann").decode()
    with raw(echo) as url, closing(Transport()) as transport:
        monkeypatch.setenv(f"{scheme}_proxy", url.replace("://", "://ann:secret-of-ann@"))
        asked = Request(
            "GET", f"{scheme}://pond.invalid/", repeatable=True, signed_query={"k": KEY}
        )
        try:
            transport.send(asked).stream.close()
            said = ""
        except Exception as error:
            said = shown(error)
    assert not [secret for secret in ("abcdEF", password, "secret-of-ann") if secret in said]


def test_a_proxy_that_refuses_is_told_of_by_its_status(monkeypatch):
    with raw(lambda asked: b"HTTP/1.1 407 because of you\r\n\r\n") as url:
        monkeypatch.setenv("https_proxy", url)
        with closing(Transport()) as transport, pytest.raises(NotSent, match="407 Proxy Auth"):
            transport.send(Request("GET", "https://pond.invalid/"))


@pytest.mark.skipif(sys.platform == "win32", reason="no signal can be sent to a thread there")
@pytest.mark.parametrize("signed", [{"signed_query": {"k": KEY}}, {"headers": {"X-Key": KEY}}])
def test_a_wait_that_is_interrupted_leaves_no_key_in_a_frame(signed):
    """By Ctrl-C, or by whoever gives a task so much time and no more."""
    main = threading.main_thread().ident
    assert main is not None

    def interrupt(seen: object) -> Answer:
        signal.pthread_kill(main, signal.SIGINT)
        return Answer(delay=600)

    with Loopback(interrupt) as server, closing(Transport()) as transport:
        asked = Request("POST", server.url, body=b"{}", **signed)
        with pytest.raises(KeyboardInterrupt) as caught:
            transport.send(asked)
    assert "transport.py" in shown(caught.value)
    assert "abcdEF" not in shown(caught.value)


@contextmanager
def raw(answer: Callable[[bytes], bytes]) -> Iterator[str]:
    """The address of what answers a head that comes with these bytes, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                with line:
                    head = b""
                    while b"\r\n\r\n" not in head:
                        head += line.recv(65536)
                    line.sendall(answer(head.partition(b"\r\n\r\n")[0]))

        server = threading.Thread(target=serve)
        server.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            server.join()


def shown(error: BaseException) -> str:
    """As those show an error who log it with its attributes, its causes and all of their locals,
    but for this file's."""
    told = TracebackException.from_exception(error, capture_locals=True)
    told.stack[:] = [frame for frame in told.stack if frame.filename != __file__]
    parts = [*told.format()]
    one: BaseException | None = error
    while one is not None:
        parts.append(f"{one!r} {vars(one)}")
        one = one.__cause__ or one.__context__
    return "".join(parts)
