"""Gateways as whoever runs them has them: started, killed, told to end, and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import urllib3
from attrs import define, field

__all__ = ["PARTS", "Replica"]

ROOT = Path(__file__).parents[3]
#: What of a gateway may be killed: the process that answers, the one that looks after that, or
#: both, as when a machine goes.
PARTS = ("worker", "main", "both")
#: Seconds in which it is up, and in which it ends.
PATIENCE = 120.0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@define
class Replica:
    """One of several gateways, at a port of its own.

    Attributes:
        config: a file that all have in common.
        log: where it says something.
        environment: what it has besides that of this process.
        ended: when it was told to end, and when it had, each time, by the monotonic clock.
    """

    config: Path
    log: Path
    environment: Mapping[str, str]
    port: int = field(factory=_free_port, init=False)
    ended: list[tuple[float, float]] = field(factory=list, init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        """Whether there is anybody who looks after it."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """And wait until it answers."""
        command = [sys.executable, "-m", "tests.chaos.gateway.replica", "--config"]
        command += [str(self.config), "gateway", "serve", "--listen", f"127.0.0.1:{self.port}"]
        with self.log.open("ab") as said:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **self.environment}, stdout=said, stderr=said
            )
        assert self.comes_back(), self.log.read_text()[-4000:]

    def comes_back(self) -> bool:
        """Once it answers. One whose workers die too often gives up."""
        end = time.monotonic() + PATIENCE
        while self.is_running:
            with suppress(urllib3.exceptions.HTTPError):
                if urllib3.request("GET", f"{self.url}/readyz", retries=False).status == 200:
                    return True
            assert time.monotonic() < end, "it does not come up"
            time.sleep(0.05)
        return False

    def kill(self, part: str) -> None:
        """One of `PARTS`, without a word before. Its first process is waited for."""
        if self._process is None:
            return
        workers = [] if part == "main" else self._workers
        if part != "worker":
            self._process.kill()
            self._process.wait(PATIENCE)
        for pid in workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def end(self) -> int:
        """Tell it to end, and wait until it has; gives its exit code."""
        assert self._process is not None
        told = time.monotonic()
        self._process.terminate()
        code = self._process.wait(PATIENCE)
        self.ended.append((told, time.monotonic()))
        return code

    def was_ending(self, began: float) -> bool:
        """Whether it had been told to end when something began."""
        return any(told <= began <= over for told, over in self.ended)

    @property
    def _workers(self) -> list[int]:
        assert self._process is not None
        first = self._process.pid
        with suppress(FileNotFoundError):
            told = Path(f"/proc/{first}/task/{first}/children").read_text()
            return [int(pid) for pid in told.split()]
        return []
