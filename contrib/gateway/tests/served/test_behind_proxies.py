"""The very files of ``deploy/``, in front of a gateway: nginx and Caddy, with TLS, on loopback.

In each file a test changes addresses, certificates and names of files, and where it says so a
time-out: see `nginx` and `caddy`. What it changes has to stand there.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import trustme
import urllib3
from attrs import define, field

from imagekit.testing import picture
from imagekit_gateway.gateway.settings import Settings

pytestmark = [pytest.mark.outside, pytest.mark.slow]

DEPLOY = Path(__file__).parents[2] / "deploy"
PATIENCE = 60.0
GENERATE = "/v1/images/generations"
ASKED = {"model": "token360:seedream-4.0", "prompt": "a corgi"}
#: A client of another address than the proxy: all of 127.0.0.0/8 is this machine.
STRANGER = "127.0.0.2"

MAIN = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/others;
    uwsgi_temp_path {folder}/others;
    scgi_temp_path {folder}/others;
    include {folder}/gateway.conf;
}}
"""
HEAD = """\

{{
	admin off
	auto_https disable_redirects
	default_bind 127.0.0.1
	storage file_system {folder}
"""


@define(eq=False)
class Front:
    """A proxy in front of gateways, and a client of it that trusts its certificate.

    Attributes:
        folder: with its configuration and its logs.
        port: of HTTPS.
        plain: of HTTP.
    """

    folder: Path
    port: int
    plain: int
    key: str
    pool: urllib3.PoolManager

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def ask(self, method: str, path: str, **more: Any) -> Any:
        more["headers"] = {"Authorization": f"Bearer {self.key}", **more.get("headers", {})}
        url = path if "://" in path else self.url + path
        return self.pool.request(method, url, redirect=False, **more)

    def logged(self, until: str) -> str:
        """All that the proxy has written down, once this is among it."""
        logs = [path for path in self.folder.iterdir() if path.suffix == ".log"]
        while until not in (text := "".join(path.read_text() for path in [*logs, self.said])):
            time.sleep(0.02)
        return text

    @property
    def said(self) -> Path:
        """What it has written on stdout and stderr."""
        return self.folder / "said"

    def generate(self, headers: Any = (), preload_content: bool = True, **fields: Any) -> Any:
        more = {"headers": dict(headers), "preload_content": preload_content}
        return self.ask("POST", GENERATE, json={**ASKED, **fields}, **more)


def changed(file: str, changes: dict[str, str]) -> str:
    """The file, with these changes. What is changed stands there."""
    text = (DEPLOY / file).read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def nginx(folder: Path, ports: tuple[int, int], servers: list[str], timeout: str) -> list[str]:
    """What runs nginx."""
    secure, plain = ports
    changes = {
        "listen 443 ssl": f"listen 127.0.0.1:{secure} ssl",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "/etc/ssl/images.example.com.pem": f"{folder}/cert.pem",
        "/etc/ssl/images.example.com.key": f"{folder}/key.pem",
        "server_name images.example.com;": "server_name localhost;",
        "return 301 https://images.example.com/;": "return 301 https://localhost/;",
        "/var/log/nginx/imagekit-gateway.log": f"{folder}/access.log",
        "/var/log/nginx/imagekit-gateway.error.log": f"{folder}/gateway.error.log",
        "server 127.0.0.1:8700;": "".join(f"server {server};" for server in servers),
        "proxy_read_timeout 660s": f"proxy_read_timeout {timeout}",
        "client_max_body_size 256m": "client_max_body_size 64m",  # as the gateway of these tests
    }
    (folder / "gateway.conf").write_text(changed("nginx.conf", changes))
    user = "user root;\n" if folder.owner() == "root" else ""
    (folder / "nginx.conf").write_text(user + MAIN.format(folder=folder))
    return ["nginx", "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]


def caddy(folder: Path, ports: tuple[int, int], servers: list[str], timeout: str) -> list[str]:
    """What runs Caddy."""
    secure, plain = ports
    certificate = f"{folder}/cert.pem {folder}/key.pem"
    changes = {
        "\n{\n": HEAD.format(folder=folder),
        "\nimages.example.com {": f"\nlocalhost:{secure} {{\n\ttls {certificate}",
        "\nhttp://images.example.com {": f"\nhttp://localhost:{plain} {{",
        "redir @page https://images.example.com/": "redir @page https://localhost/",
        "reverse_proxy 127.0.0.1:8700 {": f"reverse_proxy {' '.join(servers)} {{",
        "response_header_timeout 660s": f"response_header_timeout {timeout}",
    }
    (folder / "Caddyfile").write_text(changed("Caddyfile", changes))
    return ["caddy", "run", "--config", f"{folder}/Caddyfile", "--adapter", "caddyfile"]


PROXIES: dict[str, Callable[..., list[str]]] = {"nginx": nginx, "caddy": caddy}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Who has signed the certificates of this test."""
    return trustme.CA()


@contextmanager
def running(
    kind: str, folder: Path, authority: trustme.CA, servers: list[str], key: str, **more: Any
) -> Iterator[Front]:
    if shutil.which(kind) is None:
        pytest.skip(f"{kind} is not installed here: apt-get install {kind}")
    ports = more.get("ports") or (free_port(), free_port())
    cert = authority.issue_cert("localhost")
    cert.private_key_pem.write_to_path(folder / "key.pem")
    for part in cert.cert_chain_pems:
        part.write_to_path(folder / "cert.pem", append=True)
    command = PROXIES[kind](folder, ports, servers, more.get("timeout", "60s"))
    with (folder / "said").open("wb") as said:
        home = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        process = subprocess.Popen(command, stdout=said, stderr=said, env=home)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    pool = urllib3.PoolManager(
        retries=False, timeout=PATIENCE, ssl_context=trusting, source_address=(STRANGER, 0)
    )
    try:
        while not listens(ports[0]):
            assert process.poll() is None, (folder / "said").read_text()
            time.sleep(0.02)
        yield Front(folder, *ports, key, pool)
    finally:
        pool.clear()
        process.terminate()
        process.wait(PATIENCE)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


@pytest.fixture(scope="module", params=[*PROXIES])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@define(eq=False)
class Behind:
    """A gateway, and the proxy before it."""

    kind: str
    program: Any
    front: Front

    def lines(self) -> list[dict[str, Any]]:
        """Of the gateway's log of requests."""
        marked = re.findall(
            r"^.* imagekit\.gateway\.audit (\{.*\})$", self.program.log.read_text(), re.M
        )
        return [json.loads(line) for line in marked]


@pytest.fixture(scope="module")
def behind(
    kind: str, start: Any, authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Behind]:
    ports = (free_port(), free_port())
    more = f'public_url = "https://localhost:{ports[0]}"\nproxies = ["127.0.0.1"]'
    program = start(more=more)
    program.host.lets.set()
    folder = tmp_path_factory.mktemp(kind)
    servers = [f"127.0.0.1:{program.port}"]
    with running(kind, folder, authority, servers, program.key, ports=ports) as front:
        yield Behind(kind, program, front)


def padded(size: int) -> bytes:
    """A PNG of about so many bytes: what it has more than others is a part that nobody draws."""
    plain, data = picture(64, 64), bytes(size)
    more = struct.pack(">I", size) + b"skIp" + data + struct.pack(">I", zlib.crc32(b"skIp" + data))
    return plain[:-12] + more + plain[-12:]


# --- what passes ---------------------------------------------------------------------------------


def test_a_picture_is_made_and_its_link_is_the_public_address(behind: Behind) -> None:
    made = behind.front.generate().json()
    url = made["data"][0]["url"]
    assert url.startswith(f"{behind.front.url}/v1/images/")
    got = behind.front.ask("GET", url, headers={"Authorization": ""})
    assert (got.status, got.headers["Content-Type"]) == (200, "image/png")
    assert got.data == picture(64, 64)


def test_the_log_has_who_asked_and_not_who_they_say_they_are(behind: Behind) -> None:
    answer = behind.front.generate(headers={"X-Forwarded-For": "198.51.100.1, 127.0.0.1"})
    while not (
        told := [one for one in behind.lines() if one["id"] == answer.headers["X-Request-Id"]]
    ):
        time.sleep(0.02)
    assert told[0]["from"] == STRANGER


def test_no_key_and_no_signature_is_in_the_log_of_the_proxy(behind: Behind) -> None:
    made = behind.front.generate()
    link, record = made.json()["data"][0]["url"], made.headers["Imagekit-Record"]
    behind.front.ask("GET", link, headers={"Authorization": ""})
    led = behind.front.ask("GET", f"/v1/images/{record}/content?format=redirect")
    assert "sig=" in led.headers["Location"]
    behind.front.ask("GET", "/the-last")
    text = behind.front.logged("/the-last")
    assert text.count(f"/v1/images/{record}/content") == 2
    assert "sig=" not in text
    assert behind.program.key not in text


def test_no_signature_is_in_the_log_of_what_failed(
    kind: str, authority: trustme.CA, tmp_path: Path
) -> None:
    """Where the link was asked for over plain HTTP, where an answer broke off, and where nobody
    listens."""
    path = "/v1/images/img_1/content?place=0&exp=1&sig=hush"
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"
    with ExitStack() as ended:
        with deaf(half=half) as (_, server):
            front = ended.enter_context(running(kind, tmp_path, authority, [server], "ik-any"))
            with pytest.raises(urllib3.exceptions.HTTPError):
                front.ask("GET", path)
        assert front.ask("GET", f"http://localhost:{front.plain}{path}").status == 403
        assert front.ask("GET", path).status == 503
        text = front.logged("503")
    assert "hush" not in text
    assert "ik-any" not in text


def test_a_body_of_40_mb_and_an_answer_of_as_much_pass(behind: Behind) -> None:
    large = padded(7 << 20)
    given = [f"data:image/png;base64,{b64encode(large).decode()}" for _ in range(4)]
    behind.program.host.picture = b64encode(padded(30 << 20)).decode()
    try:
        made = behind.front.generate(image=given, response_format="b64_json")
    finally:
        behind.program.host.picture = b64encode(picture(64, 64)).decode()
    assert made.status == 200, made.data[:500]
    assert len(made.json()["data"][0]["b64_json"]) > 40_000_000


@pytest.mark.parametrize("kind", ["nginx"], indirect=True)
def test_what_is_too_large_is_refused_as_the_gateway_does(behind: Behind) -> None:
    refused = behind.front.generate(image=too_large())
    assert (refused.status, refused.headers["x-should-retry"]) == (413, "false")
    error = refused.json()["error"]
    assert (error["code"], error["charged"]) == ("request_too_large", "no")


@pytest.mark.parametrize("kind", ["caddy"], indirect=True)
def test_caddy_ends_the_connection_of_who_sends_too_much_and_goes_on_with_others(
    behind: Behind,
) -> None:
    """It reads no more of what the gateway has refused, and a client that does not read while it
    sends learns no more."""
    paid = behind.program.host.paid
    with suppress(urllib3.exceptions.HTTPError):
        assert behind.front.generate(image=too_large()).status == 413
    assert behind.front.generate().status == 200
    assert behind.program.host.paid == paid + 1


def too_large() -> list[str]:
    return [f"data:image/png;base64,{b64encode(bytes(17 << 20)).decode()}" for _ in range(3)]


class Turns:
    """Lets a host answer once for each turn that it is given."""

    def __init__(self) -> None:
        self._given = threading.Semaphore(0)

    def give(self) -> None:
        self._given.release()

    def set(self) -> None:
        for _ in range(100):
            self.give()

    def wait(self, timeout: float) -> bool:
        return self._given.acquire(timeout=timeout)


def test_a_stream_comes_piece_by_piece(behind: Behind) -> None:
    """The gateway holds the last picture that has come back, until it knows what all have cost."""
    host, turns = behind.program.host, Turns()
    open_to_all, host.lets = host.lets, turns
    completed = "event: image_generation.completed"
    try:
        answer = behind.front.generate(stream=True, n=3, preload_content=False)
        assert piece(answer) == f": {answer.headers['X-Request-Id']}"  # nothing is drawn so far
        turns.give()
        turns.give()
        assert piece(answer).startswith(completed)  # the third is not drawn so far
        turns.give()
        assert [piece(answer).partition("\n")[0] for _ in "23"] == [completed] * 2
    finally:
        host.lets = open_to_all
        turns.set()
    assert answer.read() == b""


def piece(answer: Any) -> str:
    """The next one. What comes is read byte by byte, so that nothing more is waited for."""
    text = b""
    while not text.endswith(b"\n\n"):
        more = answer.read(1)
        assert more, text
        text += more
    return text.decode().strip()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed here")
def test_http_2_is_spoken_with_the_client(behind: Behind, authority: trustme.CA) -> None:
    ca = behind.front.folder / "ca.pem"
    authority.cert_pem.write_to_path(ca)
    told = ["-w", "\n%{http_version} %{http_code}", "-d", json.dumps(ASKED)]
    for line in (f"Authorization: Bearer {behind.front.key}", "Content-Type: application/json"):
        told += ["-H", line]
    command = ["curl", "-sS", "--http2", "--cacert", ca, behind.front.url + GENERATE, *told]
    body, _, last = subprocess.check_output(command, text=True).rpartition("\n")
    assert last == "2 200", body
    assert json.loads(body)["data"][0]["url"].startswith(behind.front.url)


# --- what a proxy must not do --------------------------------------------------------------------


def test_what_was_charged_is_told_as_it_is_and_nobody_is_asked_again(behind: Behind) -> None:
    host = behind.program.host
    paid = host.paid
    host.breaks = True
    try:
        refused = behind.front.generate()
    finally:
        host.breaks = False
    assert (refused.status, refused.headers["Imagekit-Charged"]) == (424, "maybe")
    assert refused.json()["error"]["record"] == refused.headers["Imagekit-Record"]
    assert host.paid == paid + 1


@define
class Deaf:
    """A gateway that hears all and answers nothing, or half: then it closes the connection, or
    waits."""

    waits: bool = False
    half: bytes = b""
    heard: list[bytes] = field(factory=list)

    def serve(self, server: socket.socket, held: ExitStack) -> None:
        with suppress(OSError):
            while True:
                connection = held.enter_context(server.accept()[0])
                self.heard.append(connection.recv(1 << 16))
                connection.sendall(self.half)
                if not self.waits:
                    connection.close()


@contextmanager
def deaf(waits: bool = False, half: bytes = b"") -> Iterator[tuple[Deaf, str]]:
    one = Deaf(waits, half)
    with ExitStack() as held, socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=one.serve, args=(server, held))
        thread.start()
        yield one, f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize("waits", [False, True])
def test_what_a_gateway_has_heard_no_other_is_asked_and_no_client_repeats(
    kind: str, behind: Behind, authority: trustme.CA, tmp_path: Path, waits: bool
) -> None:
    """It closes the connection, or is silent for longer than the time-out, which is shortened."""
    paid = behind.program.host.paid
    with deaf(waits) as (one, server), ExitStack() as ended:
        servers = [server, f"127.0.0.1:{behind.program.port}"]
        more = {"timeout": "1s"}
        front = ended.enter_context(
            running(kind, tmp_path, authority, servers, behind.program.key, **more)
        )
        answers = [front.generate()]
        while not one.heard:  # Caddy asks either of them, by chance
            answers.append(front.generate())
        heard = len(one.heard)
    lost = [answer for answer in answers if answer.status != 200]
    assert heard == len(lost) > 0
    for answer in lost:
        assert (answer.status, answer.headers["x-should-retry"]) == (424, "false")
        error = answer.json()["error"]
        assert (error["code"], error["charged"]) == ("outcome_unknown", "maybe")
        assert answer.headers["Imagekit-Charged"] == "maybe"
    assert behind.program.host.paid == paid + len(answers) - len(lost)


@pytest.mark.parametrize("kind", ["nginx"], indirect=True)
def test_another_is_asked_where_one_can_not_be_connected_to(
    kind: str, behind: Behind, authority: trustme.CA, tmp_path: Path
) -> None:
    servers = [f"127.0.0.1:{free_port()}", f"127.0.0.1:{behind.program.port}"]
    with running(kind, tmp_path, authority, servers, behind.program.key) as front:
        assert [front.generate().status for _ in range(3)] == [200] * 3


def test_where_nobody_listens_nothing_was_charged_and_it_may_be_repeated(
    kind: str, behind: Behind, authority: trustme.CA, tmp_path: Path
) -> None:
    servers = [f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"]
    with running(kind, tmp_path, authority, servers, behind.program.key) as front:
        for answer in (front.generate(), front.generate()):
            assert (answer.status, answer.headers["x-should-retry"]) == (503, "true")
            error = answer.json()["error"]
            assert (error["code"], error["charged"]) == ("upstream_unavailable", "no")


def test_a_picture_takes_as_long_as_the_gateway_waits_for_it(
    kind: str, behind: Behind, authority: trustme.CA, tmp_path: Path
) -> None:
    """The setting that is shortened here governs, and in the file it is longer than the gateway
    itself waits."""
    host = behind.program.host
    servers = [f"127.0.0.1:{behind.program.port}"]
    host.lets.clear()
    more = {"timeout": "4s"}
    with running(kind, tmp_path, authority, servers, behind.program.key, **more) as front:
        threading.Timer(2.0, host.lets.set).start()
        assert front.generate().status == 200
    (seconds,) = re.findall(r"(?:read|header)_timeout (\d+)s", (DEPLOY / FILES[kind]).read_text())
    assert int(seconds) > Settings().deadline


FILES = {"nginx": "nginx.conf", "caddy": "Caddyfile"}


def test_over_plain_http_there_is_only_the_way_to_the_page(behind: Behind) -> None:
    front = behind.front
    plain = f"http://localhost:{front.plain}"
    refused = front.ask("POST", plain + GENERATE, json=ASKED)
    assert refused.status == 403
    page = front.ask("GET", f"{plain}/", headers={"Authorization": ""})
    assert (page.status, page.headers["Location"]) == (301, "https://localhost/")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_who_asks_for_another_name_is_led_nowhere(behind: Behind, scheme: str) -> None:
    front = behind.front
    port = front.plain if scheme == "http" else front.port
    url, headers = f"{scheme}://localhost:{port}/", {"Host": "evil.example"}
    if behind.kind == "nginx":
        with pytest.raises(urllib3.exceptions.ProtocolError):
            front.ask("GET", url, headers=headers)
    else:
        answer = front.ask(
            "GET", url, headers=headers
        )  # as Caddy has it for names it does not know
        assert (answer.status, answer.data) == (200, b"")
        assert "Location" not in answer.headers


def test_no_other_name_has_a_certificate(behind: Behind) -> None:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", behind.front.port), timeout=PATIENCE) as plain,
        pytest.raises(ssl.SSLError),
    ):
        trusting.wrap_socket(plain, server_hostname="evil.example")


def test_browsers_are_told_to_come_by_https_alone(
    kind: str, behind: Behind, authority: trustme.CA, tmp_path: Path
) -> None:
    with running(kind, tmp_path, authority, [f"127.0.0.1:{free_port()}"], "ik-any") as alone:
        answers = [
            *(behind.front.ask("GET", path) for path in ("/", "/healthz", "/nothing")),
            alone.ask("GET", "/"),
        ]
    assert [answer.status for answer in answers] == [200, 200, 404, 503]
    for answer in answers:
        assert answer.headers.getlist("Strict-Transport-Security") == ["max-age=31536000"]


# --- replicas ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["nginx"], indirect=True)
def test_gateways_are_restarted_one_by_one_and_no_client_notices(
    kind: str, behind: Behind, authority: trustme.CA, tmp_path: Path
) -> None:
    first = behind.program
    second = first.beside()
    second.wait_until_listening()
    servers = [f"127.0.0.1:{first.port}", f"127.0.0.1:{second.port}"]
    statuses: list[int] = []
    over = threading.Event()

    def ask(front: Front) -> None:
        while not over.is_set():
            statuses.append(front.generate().status)

    with running(kind, tmp_path, authority, servers, first.key) as front:
        client = threading.Thread(target=ask, args=(front,))
        client.start()
        while len(statuses) < 20:
            time.sleep(0.02)
        second.process.terminate()
        assert second.process.wait(PATIENCE) == 0
        ended = len(statuses)
        while len(statuses) < ended + 20:
            time.sleep(0.02)
        over.set()
        client.join()
    assert {*statuses} == {200}
