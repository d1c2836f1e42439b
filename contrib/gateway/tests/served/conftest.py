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
"""
ASKED = {"model": "token360:seedream-4.0", "prompt": "a corgi"}


@define(eq=False)
class Host:
    """One that draws when it is let.

    Attributes:
        lets: set while it does.
        asked: is released whenever it is asked for a picture.
        picture: what it draws, as base64.
    """

    lets: threading.Event = field(factory=threading.Event)
    asked: threading.Semaphore = field(factory=lambda: threading.Semaphore(0))
    picture: str = picture_base64(64, 64)

    def wait_until_asked(self) -> None:
        """Once more than before."""
        assert self.asked.acquire(timeout=PATIENCE)

    def answer(self, seen: Seen) -> Answer:
        self.asked.release()
        assert self.lets.wait(PATIENCE)
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
    """Starts a gateway, and waits until it listens."""
    with ExitStack() as running:

        def program(threads: int = 512) -> Program:
            return _served(tmp_path_factory.mktemp("gateway"), threads, running)

        yield program


def _served(folder: Path, threads: int, running: ExitStack) -> Program:
    host = Host()
    loopback = running.enter_context(Loopback(host.answer))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    (folder / "any.key").write_text("any")
    (folder / "any.key").chmod(0o600)
    config = folder / "my.toml"
    config.write_text(CONFIGURATION.format(host=loopback.url, port=port, threads=threads))
    with Store(f"sqlite:///{folder}/store.db") as store:
        key = Keys(store).add("mary")
    command = [sys.executable, "-m", "imagekit.cli", "--config", str(config), "gateway", "serve"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    program = Program(host, process, port, key, folder)
    running.callback(_end, program)
    while not program.is_listening:
        assert process.poll() is None, program.log.read_text()
        time.sleep(0.02)
    return program


def _end(program: Program) -> None:
    program.host.lets.set()
    program.pool.clear()
    if program.process.poll() is None:
        program.process.terminate()
        program.process.wait(PATIENCE)
    assert "Traceback" not in program.log.read_text()
