"""``imagekit gateway serve`` as a process of its own, in front of a host that a test plays."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import urllib3
from attrs import define, field

from imagekit.testing import Answer, Loopback, Seen, picture_base64
from imagekit_store import Keys, Store

PATIENCE = 60.0
CONFIGURATION = """\
[hosts.token360]
base_url = "{host}/v1"
credential = {{ file = "any.key" }}

[store]
url = "sqlite:///store.db"

[gateway]
listen = "127.0.0.1:{port}"
threads = {threads}
most_body = "64 MiB"
{more}
"""
ASKED = {"model": "token360:seedream-4.0", "prompt": "a corgi"}


@define(eq=False)
class Host:
    """One that draws when it is let.

    Attributes:
        lets: set while it does.
        asked: is released whenever it is asked for a picture.
        picture: what it draws, as base64.
        breaks: whether it draws, and its answer is lost.
        paid: how many pictures were asked for.
    """

    lets: threading.Event = field(factory=threading.Event)
    asked: threading.Semaphore = field(factory=lambda: threading.Semaphore(0))
    picture: str = picture_base64(64, 64)
    breaks: bool = False
    paid: int = 0

    def wait_until_asked(self) -> None:
        """Once more than before."""
        assert self.asked.acquire(timeout=PATIENCE)

    def answer(self, seen: Seen) -> Answer:
        if seen.method != "POST":
            return Answer(404, json={"error": {"code": "not_found"}})  # it keeps no records
        self.paid += 1
        self.asked.release()
        assert self.lets.wait(PATIENCE)
        if self.breaks:
            return Answer(cut=0)
        usage = {"generated_images": 1, "output_tokens": 1, "total_tokens": 1}
        return Answer(json={"created": 1, "data": [{"b64_json": self.picture}], "usage": usage})


@define(eq=False)
class Program:
    """The gateway, its host, and a key of it.

    Attributes:
        process: its first one, which looks after the one that works.
        folder: with its store, its configuration, and what it says.
    """

    host: Host
    process: subprocess.Popen[bytes]
    port: int
    key: str
    folder: Path
    pool: urllib3.PoolManager = field(
        factory=lambda: urllib3.PoolManager(retries=False, timeout=PATIENCE)
    )

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def worker(self) -> int:
        """The process that works."""
        first = self.process.pid
        told = Path(f"/proc/{first}/task/{first}/children").read_text()
        return int(told.split()[0])

    @property
    def is_listening(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            return True
        return False

    def wait_until_listening(self) -> None:
        while not self.is_listening:
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.02)

    def beside(self) -> Program:
        """Another one on the same store, in front of the same host: a replica."""
        port = free_port()
        return Program(self.host, run(self.folder, port), port, self.key, self.folder)

    def ask(self, method: str, path: str, **more: Any) -> urllib3.BaseHTTPResponse:
        more["headers"] = {"Authorization": f"Bearer {self.key}", **more.get("headers", {})}
        return self.pool.request(method, f"http://127.0.0.1:{self.port}{path}", **more)

    def asking(self, **fields: Any) -> socket.socket:
        """A connection on which a picture was asked for, once the host has been asked."""
        body = json.dumps({**ASKED, **fields}).encode()
        told = {"Content_Type": "application/json", "Content_Length": str(len(body))}
        connection = self.connect("POST /v1/images/generations", b"\r\n" + body, **told)
        self.host.wait_until_asked()
        return connection

    def store(self) -> Store:
        """Its store, opened here as well."""
        return Store(f"sqlite:///{self.folder}/store.db")

    def generate(self, **fields: Any) -> urllib3.BaseHTTPResponse:
        return self.ask("POST", "/v1/images/generations", json={**ASKED, **fields})

    def connect(self, head: str = "", body: bytes = b"", **fields: str) -> socket.socket:
        """A connection on which something was sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        told = {"Host": "here", "Authorization": f"Bearer {self.key}", **fields}
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in told.items())
        connection.sendall(f"{head} HTTP/1.1\r\n{lines}".encode() + body)
        return connection


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Program]]:
    """Starts a gateway, and waits until it listens. It may have further settings: lines of its
    configuration."""
    with ExitStack() as running:

        def program(threads: int = 512, more: str = "") -> Program:
            return _served(tmp_path_factory.mktemp("gateway"), threads, more, running)

        yield program


def _served(folder: Path, threads: int, more: str, running: ExitStack) -> Program:
    host = Host()
    loopback = running.enter_context(Loopback(host.answer))
    (folder / "any.key").write_text("any")
    (folder / "any.key").chmod(0o600)
    port = free_port()
    told = {"host": loopback.url, "port": port, "threads": threads, "more": more}
    (folder / "my.toml").write_text(CONFIGURATION.format(**told))
    with Store(f"sqlite:///{folder}/store.db") as store:
        key = Keys(store).add("mary")
    program = Program(host, run(folder, port), port, key, folder)
    running.callback(_end, program)
    program.wait_until_listening()
    return program


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def run(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """`imagekit gateway serve`, by the configuration in a folder."""
    command = [sys.executable, "-m", "imagekit.cli", "--config", str(folder / "my.toml")]
    command += ["gateway", "serve", "--listen", f"127.0.0.1:{port}"]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)


def _end(program: Program) -> None:
    program.host.lets.set()
    program.pool.clear()
    if program.process.poll() is None:
        program.process.terminate()
        program.process.wait(PATIENCE)
    assert "Traceback" not in program.log.read_text()
