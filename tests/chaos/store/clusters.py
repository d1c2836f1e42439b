"""A Ray cluster on this machine, each of its nodes a process with children that dies at once."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from select import select
from tempfile import TemporaryDirectory

from attrs import frozen

__all__ = ["Cluster", "Node", "clusters"]

#: So that a dead node is missed in two seconds, and nobody else on this machine runs code there.
SETTINGS = {
    "RAY_health_check_initial_delay_ms": "500",
    "RAY_health_check_period_ms": "500",
    "RAY_health_check_failure_threshold": "4",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "token",
}
START = [
    *("start", "--node-ip-address=127.0.0.1", "--num-cpus=1", "--object-store-memory=80000000"),
    *("--include-log-monitor=false", "--disable-usage-stats"),
]
#: Its input ends when whoever started it is gone, whatever of: then all of the node is.
SHELL = '"$@" >"$LOG" 2>&1 && echo up; read -r _; kill -9 0'


@frozen
class Node:
    """Its processes are one session, whose leader is a shell."""

    shell: subprocess.Popen[str]

    @property
    def processes(self) -> list[int]:
        listed = subprocess.check_output(["ps", "-eo", "pid=,sid="], text=True)
        pairs = (map(int, line.split()) for line in listed.splitlines())
        return [pid for pid, session in pairs if session == self.shell.pid]

    def kill(self) -> None:
        """All of it, as when the machine loses its power."""
        for pid in self.processes:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.shell.wait()


@frozen
class Cluster:
    """
    Attributes:
        address: of its head.
        nodes: the head first.
        environment: what a program needs to join it.
        folder: where Ray keeps what it writes down.
    """

    address: str
    nodes: tuple[Node, ...]
    environment: Mapping[str, str]
    folder: Path


@contextmanager
def clusters(nodes: int, environment: Mapping[str, str]) -> Iterator[Cluster]:
    """One of so many nodes, which have this environment, too."""
    own = {**os.environ, **SETTINGS, "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    # The names of sockets are short, so that is not below the folder of a test.
    with TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as name, ExitStack() as up:
        folder = Path(name)

        def start(number: int, *more: str) -> Node:
            told = {**own, **environment, "LOG": str(folder / f"node{number}.log")}
            return up.enter_context(_node([*START, *more], told))

        head = start(0, "--head", "--port=0", "--include-dashboard=false", f"--temp-dir={name}")
        _wait(head, folder)
        address = (folder / "ray_current_cluster").read_text()
        others = []
        for number in range(1, nodes):  # two at a time may choose the same port
            others.append(start(number, f"--address={address}"))
            _wait(others[-1], folder)
        yield Cluster(address, (head, *others), own, folder)


@contextmanager
def _node(words: list[str], environment: Mapping[str, str]) -> Iterator[Node]:
    ray = shutil.which("ray", path=str(Path(sys.executable).parent))
    assert ray, "ray is not installed beside this Python"
    shell = subprocess.Popen(
        ["/bin/sh", "-c", SHELL, "sh", ray, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=True,
        text=True,
    )
    with shell:
        node = Node(shell)
        try:
            yield node
        finally:
            node.kill()


def _wait(node: Node, folder: Path) -> None:
    assert node.shell.stdout
    there = select([node.shell.stdout], [], [], 120)[0]
    if not there or node.shell.stdout.readline() != "up\n":
        raise AssertionError("".join(path.read_text() for path in folder.glob("node*.log")))
