"""What is measured: a server that is asked at an address, and whose processor time is counted."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from tests.bench.gateway.asking import Asked, ask
from tests.bench.gateway.upstream import SIZE

__all__ = ["MODEL", "Contestant", "Figures", "free_port", "measured", "running"]

MODEL = "seedream-4.5"
BODY = {"model": MODEL, "prompt": "a corgi on the beach", "size": "{}x{}".format(*SIZE)}
#: Seconds in which one has to be up: LiteLLM takes half a minute on a busy machine.
PATIENCE = 180.0
TICKS = os.sysconf("SC_CLK_TCK")


@frozen
class Contestant:
    """
    Attributes:
        url: the endpoint for generations.
        headers: that its clients send.
        process: the id of its first process; its children count as well.
    """

    name: str
    url: str
    headers: Mapping[str, str]
    process: int

    @property
    def worker(self) -> int:
        """The id of the process that answers."""
        return (_children(self.process) or [self.process])[0]

    def ask(self, connections: int, seconds: float) -> Asked:
        """
        Raises:
            AssertionError: an answer was no picture.
        """
        headers = {"Content-Type": "application/json", **self.headers}
        asked = ask(self.url, headers, json.dumps(BODY).encode(), connections, seconds)
        assert not asked.failed, f"{self.name}: {asked.example[:2000].decode(errors='replace')}"
        return asked

    def wait(self) -> None:
        """Until it answers."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.ask(1, 0)
                return
            except OSError:
                assert time.monotonic() < end, f"{self.name} does not come up"
                assert Path(f"/proc/{self.process}").exists(), f"{self.name} has ended"
                time.sleep(0.1)


@frozen
class Figures:
    """Of one round.

    Attributes:
        per_second: requests answered.
        cpu: processor seconds of each, all of its processes together.
    """

    per_second: float
    cpu: float


def measured(contestant: Contestant, connections: int, seconds: float) -> Figures:
    """One round."""
    before = _busy(contestant.process)
    asked = contestant.ask(connections, seconds)
    return Figures(asked.per_second, (_busy(contestant.process) - before) / asked.done)


def _busy(process: int) -> float:
    """Processor seconds that a process and its children have taken."""
    stat = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / TICKS + sum(map(_busy, _children(process)))


def _children(process: int) -> list[int]:
    """Those that it has started, the first of them first."""
    told = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(child) for child in told.split()]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[int]:
    """A program, with what it says in a file; gives the id of its process."""
    with (
        log.open("wb") as said,
        subprocess.Popen(
            command,
            stdout=said,
            stderr=said,
            cwd=log.parent,
            env={**os.environ, **(environment or {})},
        ) as process,
    ):
        try:
            yield process.pid
        finally:
            process.terminate()
