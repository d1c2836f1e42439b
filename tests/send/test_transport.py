"""What happens on a socket: connections kept, lost and refused, TLS, proxies, redirects.

Every test talks to a real server on loopback; only the waits between attempts are skipped.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from traceback import TracebackException

import pytest

import imagekit
from imagekit import (
    Charged,
    NotSent,
    OutcomeUnknown,
    RejectedRequest,
    Request,
    TransportError,
)
from imagekit.basics.urls import bare_url
from imagekit.send.sockets import pool as pools
from imagekit.send.transport import Transport
from imagekit.testing import Answer, Loopback

KEY = "Bearer key-of-the-garden"


@pytest.fixture
def nobody():
    """A URL on loopback where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def certificate(tmp_path):
    """A file with a certificate that nobody signed, for 127.0.0.1 and garden.invalid, and its
    key."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl to make a certificate")
    make = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost "
        "-addext subjectAltName=IP:127.0.0.1,DNS:garden.invalid "
        "-keyout both.pem -out certificate.pem"
    )
    subprocess.run(make.split(), cwd=tmp_path, check=True, capture_output=True)
    both = tmp_path / "both.pem"
    both.write_text(both.read_text() + (tmp_path / "certificate.pem").read_text())
    return both


# --- connections ---------------------------------------------------------------------------


def test_calls_in_a_row_share_one_connection(garden, drawn):
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url)
        for _ in range(3):
            client.generate("a lily", model="lily-1")
    assert [seen.connection for seen in server.seen] == [1, 1, 1]


def test_an_idle_connection_that_was_closed_is_noticed_before_the_next_post(garden, drawn):
    """Otherwise the POST would go out on a dead connection, and its outcome be unknown."""
    with Loopback(Answer(json=drawn, close=True), Answer(json=drawn)) as server:
        client = garden(server.url)
        client.generate("first", model="lily-1")
        server.wait_for_closed()
        client.generate("second", model="lily-1")
    assert [(seen.connection, seen.json["prompt"]) for seen in server.seen] == [
        (1, "first"),
        (2, "second"),
    ]


def test_threads_beyond_the_concurrency_wait_for_a_connection(garden, drawn):
    with Loopback(Answer(json=drawn, delay=0.02)) as server:
        client = garden(server.url, concurrency=2)
        together = threading.Barrier(8)

        def call(number: int) -> None:
            together.wait()
            client.generate(f"lily {number}", model="lily-1")

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(call, range(8)))
    assert len(server.seen) == 8
    assert {seen.connection for seen in server.seen} <= {1, 2}


@pytest.mark.parametrize("answer", [Answer(body=b"x" * 9000), Answer(302, body=b"x" * 9000)])
def test_a_reply_that_is_closed_unread_gives_its_place_in_the_pool_back(answer):
    """With one connection allowed, a place that is lost would leave the second call waiting."""
    transport = Transport(concurrency=1)
    with Loopback(answer) as server:
        for _ in range(2):
            request = Request("POST", server.url + "/x", body=b"{}", timeout=60.0)
            transport.send(request).stream.close()
        transport.close()
    assert [seen.connection for seen in server.seen] == [1, 2]


def test_close_closes_every_idle_connection(garden, drawn):
    together = threading.Barrier(4)

    def answer(_):
        together.wait(60)  # so that each call has a connection of its own
        return Answer(json=drawn)

    with Loopback(answer) as server, ThreadPoolExecutor(4) as threads:
        client = garden(server.url)
        list(threads.map(lambda _: client.generate("a lily", model="lily-1"), range(4)))
        assert server.connections == 4
        client.close()
        server.wait_for_closed(4)


def test_a_thread_that_waits_for_a_connection_sends_nothing_after_close(drawn):
    arrived, go = threading.Event(), threading.Event()

    def answer(_):
        arrived.set()
        go.wait(60)
        return Answer(json=drawn)

    def send() -> None:
        transport.send(Request("POST", server.url, body=b"{}")).stream.close()

    with Loopback(answer) as server, ThreadPoolExecutor(2) as threads:
        transport = Transport(concurrency=1)
        first = threads.submit(send)
        assert arrived.wait(60)
        second = threads.submit(send)
        transport.close()
        go.set()
        first.result()
        with pytest.raises(NotSent, match="closed"):
            second.result()
    assert len(server.seen) == 1


def test_user_and_password_in_a_url_make_no_further_pool():
    with Loopback() as server, closing(Transport()) as transport:
        for number in range(20):
            url = server.url.replace("://", f"://user{number}:secret@")
            reply = transport.send(Request("GET", url))
            assert reply.stream.read1(1) == b""
            reply.stream.close()
    assert server.connections == 1
    assert not any("authorization" in seen.headers for seen in server.seen)


def test_connections_are_kept_to_the_origins_that_were_asked_last():
    with ExitStack() as stack:
        transport = stack.enter_context(closing(Transport()))
        servers = [stack.enter_context(Loopback()) for _ in range(pools.MOST_ORIGINS + 2)]

        def ask(server):
            return transport.send(Request("GET", server.url))

        in_use = ask(servers[0])
        for server in servers[1:]:
            ask(server).stream.close()
        servers[1].wait_for_closed()
        assert in_use.stream.read1(1) == b"", "the one in use still is"
        in_use.stream.close()


# --- what was not sent -----------------------------------------------------------------------


def test_a_refused_connection_is_not_sent_and_tried_again(garden, naps, nobody):
    with pytest.raises(NotSent, match="refused") as caught:
        garden(nobody).generate("a lily", model="lily-1")
    assert (caught.value.retryable, caught.value.charged) == (True, Charged.NO)
    assert len(naps) == 3, "four attempts by default"


def test_a_connection_that_broke_in_the_tls_handshake_is_not_sent():
    """The server hangs up after the first bytes: no request can have got through."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/x"

        def hang_up() -> None:
            connection, _ = listener.accept()
            connection.recv(1)
            connection.close()  # unread bytes are left, so this is a reset

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(NotSent), closing(Transport()) as transport:
            transport.send(Request("POST", url, body=b"{}"))
        thread.join()


def test_https_to_a_server_without_tls_is_not_sent(garden):
    with Loopback() as server, pytest.raises(NotSent, match="no secure connection") as caught:
        garden(server.url.replace("http:", "https:")).generate("a lily", model="lily-1")
    assert (caught.value.retryable, caught.value.charged) == (False, Charged.NO)
    assert server.seen == []


def test_a_certificate_that_nobody_signed_is_refused(garden, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    arrived: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def serve() -> None:
            plain, _ = listener.accept()
            with plain, suppress(OSError), context.wrap_socket(plain, server_side=True) as secure:
                arrived.append(secure.recv(1))

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(NotSent, match="certificate") as caught:
            garden(f"https://127.0.0.1:{port}").generate("a lily", model="lily-1")
        thread.join()
    assert not caught.value.retryable
    assert b"".join(arrived) == b""


@pytest.mark.parametrize(
    "url",
    [
        "https://exa mple.invalid",
        "https://[::1",
        "https://h:99999",
        "https://h:eighty",
        "http://a..b",
        f"http://{'l' * 64}.invalid",
        "http://.",
        "HTTPS://exa mple.invalid",
        "https://t\N{SNOWMAN}.invalid",
        "ftp://h",
        "https://",
        "h",
    ],
)
def test_an_address_that_is_none_is_not_sent(url):
    with (
        closing(Transport()) as transport,
        pytest.raises(NotSent, match="is no address") as caught,
    ):
        transport.send(Request("POST", url, {}, b"{}"))
    assert not caught.value.retryable


def test_a_header_that_is_none_is_not_sent_nor_quoted():
    """It may be the key that has a line end in it."""
    with Loopback() as server, closing(Transport()) as transport:
        for ending in ("\r\nX: y", "\N{SNOWMAN}"):
            request = Request("POST", server.url, {"Authorization": KEY + ending}, b"{}")
            with pytest.raises(NotSent, match="header") as caught:
                transport.send(request)
            assert KEY not in shown_with_locals(caught.value)
    assert server.seen == []


def test_a_scheme_may_be_written_in_capitals(drawn, monkeypatch):
    with Loopback(Answer(json=drawn)) as server, closing(Transport()) as transport:
        transport.send(Request("GET", server.url.replace("http", "HTTP"))).stream.close()
        with pytest.raises(NotSent, match="no secure connection"):
            transport.send(Request("POST", server.url.replace("http", "HTTPS"), body=b"{}"))
    assert len(server.seen) == 1


def shown_with_locals(error: BaseException) -> str:
    """As those show an error who log the locals of every frame, and all that led to it."""
    return "".join(TracebackException.from_exception(error, capture_locals=True).format())


@pytest.mark.parametrize("answer", [Answer(cut=0), Answer(delay=600)])
def test_an_error_shows_no_header_even_with_the_locals_of_its_frames(answer):
    transport = Transport(read_timeout=0.3)
    unknown = pytest.raises(OutcomeUnknown)
    with Loopback(answer) as server, closing(transport), unknown as caught:
        transport.send(Request("POST", server.url, {"Authorization": KEY}, b"{}"))
    assert KEY not in shown_with_locals(caught.value)


def test_a_version_is_in_the_user_agent():
    with Loopback() as server, closing(Transport()) as transport:
        transport.send(Request("GET", server.url)).stream.close()
    assert server.seen[0].headers["user-agent"] == f"imagekit/{imagekit.__version__}"


# --- what was sent, and then? ------------------------------------------------------------------


def test_a_connection_closed_after_the_request_was_sent_is_outcome_unknown(garden, naps):
    """It may have been charged, so it is not sent again."""
    broke = pytest.raises(OutcomeUnknown, match="the connection broke")
    with Loopback(Answer(cut=0)) as server, broke as caught:
        garden(server.url).generate("a lily", model="lily-1")
    assert (caught.value.retryable, caught.value.charged) == (False, Charged.MAYBE)
    assert len(server.seen) == 1
    assert naps == []


def test_tls_that_breaks_after_the_request_was_sent_is_outcome_unknown(
    garden, certificate, monkeypatch
):
    """Unlike a handshake that fails: by now the host has the request."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_without_encryption() -> None:
            plain, _ = listener.accept()
            with context.wrap_socket(plain, server_side=True) as secure:
                secure.recv(1 << 16)
                with socket.socket(fileno=secure.detach()) as bare:
                    bare.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

        thread = threading.Thread(target=answer_without_encryption)
        thread.start()
        with pytest.raises(OutcomeUnknown) as caught:
            garden(f"https://127.0.0.1:{listener.getsockname()[1]}").generate("a", model="lily-1")
        thread.join()
    assert (caught.value.retryable, caught.value.charged) == (False, Charged.MAYBE)


def test_a_reply_that_never_comes_ends_at_the_read_timeout(garden):
    with Loopback(Answer(delay=600)) as server:
        client = garden(server.url, settings={"read_timeout": 0.3})
        with pytest.raises(OutcomeUnknown, match="no answer came") as caught:
            client.generate("a lily", model="lily-1")
    assert caught.value.charged is Charged.MAYBE
    assert len(server.seen) == 1


def test_no_time_left_is_a_time_out_and_no_crash():
    silent = Loopback(Answer(delay=600))
    with silent as server, closing(Transport()) as transport, pytest.raises(TransportError):
        transport.send(Request("POST", server.url, body=b"{}", timeout=0.0))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_post_is_not_followed(garden, drawn, status):
    """It would send the prompt, and for some statuses the key, to somewhere else."""
    with Loopback(Answer(json=drawn)) as elsewhere:
        redirect = Answer(status, headers={"Location": elsewhere.url})
        says = f"HTTP {status}.*redirect to .*check the base_url"
        honest = pytest.raises(RejectedRequest, match=says)
        with Loopback(redirect) as server, honest as caught:
            garden(server.url).generate("a lily", model="lily-1")
    assert caught.value.status == status
    assert len(server.seen) == 1
    assert elsewhere.seen == []


# --- proxies -----------------------------------------------------------------------------------


def test_a_proxy_of_the_environment_is_used(garden, drawn, monkeypatch):
    with Loopback(Answer(json=drawn)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        garden("http://garden.invalid").generate("a lily", model="lily-1")
    assert [seen.path for seen in proxy.seen] == ["http://garden.invalid/images/generations"]


def test_a_proxy_sees_no_key_of_an_https_host(garden, monkeypatch):
    with Loopback(Answer(502)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(NotSent, match="proxy") as caught:
            garden("https://garden.invalid").generate("a lily", model="lily-1")
    assert caught.value.charged is Charged.NO
    assert {(seen.method, seen.path) for seen in proxy.seen} == {("CONNECT", "garden.invalid:443")}
    assert not any("authorization" in seen.headers for seen in proxy.seen)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_https_host_is_reached_through_a_tunnel_that_is_kept(
    garden, drawn, certificate, monkeypatch, scheme
):
    """Encrypted to the proxy as well, where that is an https one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    body = json.dumps(drawn).encode()
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    tunnels = []

    def serve(listener: socket.socket) -> None:
        """The proxy, and at the other end of its only tunnel the host."""
        line, _ = listener.accept()
        with ExitStack() as stack:
            line = stack.enter_context(line)
            if scheme == "https":
                line = stack.enter_context(context.wrap_socket(line, server_side=True))
            tunnels.append(read_head(line.recv))
            line.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            host = Encrypted(context, line)
            for _ in range(2):
                requests.append(read_head(host.recv))
                host.sendall(answer)

    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as threads:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        monkeypatch.setenv(
            "https_proxy", f"{scheme}://ann:secret@127.0.0.1:{listener.getsockname()[1]}"
        )
        served = threads.submit(serve, listener)
        client = garden("https://garden.invalid")
        for _ in range(2):
            client.generate("a lily", model="lily-1")
        served.result()
    [tunnel] = tunnels
    assert tunnel.startswith(b"CONNECT garden.invalid:443 ")
    assert b"proxy-authorization: basic" in tunnel.lower()
    assert b"key-of-the-garden" not in tunnel
    assert [request.split()[1] for request in requests] == [b"/images/generations"] * 2
    assert not any(b"proxy-authorization" in request.lower() for request in requests)


def read_head(recv) -> bytes:
    """A request up to its body, which is read as well."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += recv(1 << 16)
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", head)
    while length and len(body) < int(length[1]):
        body += recv(1 << 16)
    return head


class Encrypted:
    """The server's side of TLS over a connection that may itself be encrypted."""

    def __init__(self, context: ssl.SSLContext, line: socket.socket) -> None:
        self._line, self._in, self._out = line, ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        self._do(self._tls.do_handshake)

    def recv(self, most: int) -> bytes:
        return self._do(lambda: self._tls.read(most))

    def sendall(self, data: bytes) -> None:
        self._do(lambda: self._tls.write(data))

    def _do(self, step):
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._line.sendall(self._out.read())
                self._in.write(self._line.recv(1 << 16))
            finally:
                if self._out.pending:
                    self._line.sendall(self._out.read())


def test_name_and_password_of_a_proxy_are_sent_to_it(garden, drawn, monkeypatch):
    with Loopback(Answer(json=drawn)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("://", "://ann:secret@"))
        garden("http://garden.invalid").generate("a lily", model="lily-1")
    [seen] = proxy.seen
    assert seen.headers["proxy-authorization"] == "Basic " + b64encode(b"ann:secret").decode()


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_this_machine_is_never_reached_by_a_proxy(garden, drawn, monkeypatch, variable):
    """Which would see the key, in clear."""
    with Loopback() as proxy, Loopback(Answer(json=drawn)) as server:
        monkeypatch.setenv(variable, proxy.url)
        garden(server.url).generate("a lily", model="lily-1")
    assert proxy.seen == []


def test_a_proxy_is_used_for_a_scheme_in_capitals_too(monkeypatch):
    with Loopback(Answer(502)) as proxy, closing(Transport()) as transport:
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(NotSent, match="proxy"):
            transport.send(Request("POST", "HTTPS://Garden.invalid", body=b"{}"))
    assert [seen.path for seen in proxy.seen] == ["garden.invalid:443"]


@pytest.mark.parametrize("exception", ["garden.invalid", "*", "localhost,.invalid:8080"])
def test_no_proxy_is_honoured(garden, monkeypatch, exception):
    with Loopback() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", exception)
        with pytest.raises(NotSent, match=r"garden.invalid has no address"):
            garden("http://garden.invalid:8080").generate("a lily", model="lily-1")
    assert proxy.seen == []


def test_a_proxy_that_is_written_without_a_scheme_is_an_http_proxy(garden, drawn, monkeypatch):
    with Loopback(Answer(json=drawn)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removeprefix("http://"))
        garden("http://garden.invalid").generate("a lily", model="lily-1")
    assert len(proxy.seen) == 1


def test_a_proxy_of_an_unknown_kind_is_an_error_and_not_ignored(garden, monkeypatch):
    monkeypatch.setenv("http_proxy", "gopher://ann:secret@proxy.invalid:70")
    with pytest.raises(NotSent, match="proxy") as caught:
        garden("http://garden.invalid").generate("a lily", model="lily-1")
    assert not caught.value.retryable
    assert "secret" not in str(caught.value)


# --- for logs and errors -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h/p?signature=s#f", "https://h/p"),
        ("https://ann:secret@h:8443/p", "https://h:8443/p"),
        ("http://[::1]:80/p", "http://[::1]:80/p"),
    ],
)
def test_a_url_is_shown_without_what_may_be_secret(url, shown):
    assert bare_url(url) == shown
