"""The gateway as people start it, in front of hosts that the sandbox plays."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3
from attrs import frozen

from tests.chaos.bills import Sandbox

__all__ = ["Served", "served"]

#: One host is slow. Every answer of another gets lost, after its pictures were paid for.
RULES = """
[[rules]]
fault = "delay:2.5"
host = "ark"

[[rules]]
fault = "lost"
host = "modelark"
"""
#: Beside the gateway's own names: one for a model that takes masks, and one for each of the two.
NAMES = """
[models.gpt-image-2]
model = "openai:gpt-image-2"

[models.gpt-image-slow]
model = "ark:seedream-4.0"

[models.gpt-image-lost]
model = "modelark:seedream-4.0"
"""


@frozen
class Served:
    """
    Attributes:
        url: its base URL.
        key: one of its keys.
    """

    url: str
    key: str
    sandbox: Sandbox

    def bill(self) -> Mapping[str, int]:
        """How many pictures were paid for, by the beginning of the prompt up to its colon."""
        paid: dict[str, int] = {}
        for entry in self.sandbox.ledger():
            about = entry["prompt"].partition(":")[0]
            paid[about] = paid.get(about, 0) + entry["pictures"]
        return paid


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """
    Args:
        folder: is the gateway's own; what it says is in ``log`` there.
    """
    rules = folder / "rules.toml"
    rules.write_text(RULES, encoding="utf-8")
    with Sandbox("0", rules) as sandbox:
        told = _configured(sandbox, folder)
        words = ["--config", str(told), "gateway", "serve", "--json", "--listen", _free()]
        with (folder / "log").open("w") as log, _running(words, folder, log) as said:
            _await(said["url"])
            yield Served(said["base_url"], said["key"], sandbox)


def _configured(sandbox: Sandbox, folder: Path) -> Path:
    path = sandbox.configuration(folder)
    hosts = path.read_text(encoding="utf-8")
    path.write_text(f'prefer = ["powertokens"]\n{hosts}\n{NAMES}', encoding="utf-8")
    return path


def _free() -> str:
    """A port of loopback at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return "{}:{}".format(*one.getsockname())


def _await(url: str) -> None:
    """It says where it will be before it is there."""
    pool = urllib3.PoolManager(retries=urllib3.Retry(connect=50, backoff_factor=0.1))
    assert pool.request("GET", f"{url}/readyz").status == 200


@contextmanager
def _running(words: list[str], folder: Path, log: Any) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "imagekit.cli", *words]
    at_home = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | at_home
    ) as process:
        assert process.stdout
        line = process.stdout.readline()
        try:
            if not line.endswith("}\n"):  # what is wrong comes in several lines
                raise RuntimeError(line + process.stdout.read() + (folder / "log").read_text())
            yield json.loads(line)
        finally:
            process.terminate()
            process.communicate()
