"""The server as a program of its own, asked by the SDK's own client; hosts that are played here."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from attrs import define
from imagekit_sandbox.serving import Rule, Upstreams
from imagekit_sandbox.serving.configuration import settings, toml
from mcp import Client, StdioServerParameters, stdio_client
from mcp.types import CallToolResult

from imagekit.testing import picture

RULES = [
    Rule("lost", host="zai"),
    Rule("402", host="gemini"),
    Rule("expired", host="modelark", model="seedream-5-0*", times=1),
    Rule("delay:60", host="powertokens", times=1),
    Rule("delay:4", host="modelark", model="seedream-4-0*"),
    Rule("delay:60", host="klingai", operation="poll", times=1),
]


@define(eq=False)
class Served:
    """A running server.

    Attributes:
        folder: its working directory: ``made`` is where it saves, ``art`` a root.
    """

    folder: Path
    client: Client
    portal: BlockingPortal

    def call(self, name: str, **arguments: Any) -> CallToolResult:
        return self.portal.call(self.client.call_tool, name, arguments)

    def told(self, name: str, **arguments: Any) -> Any:
        """What a tool answers that does not fail."""
        answer = self.call(name, **arguments)
        assert not answer.is_error, answer.content
        return answer.structured_content

    def error(self, name: str, **arguments: Any) -> Any:
        answer = self.call(name, **arguments)
        assert answer.is_error, answer.content
        return answer.structured_content["error"]

    @property
    def saved(self) -> list[Path]:
        return sorted((self.folder / "made").glob("[!.]*"))

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        os.kill(int((self.folder / "pid").read_text()), how)


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="module")
def upstreams() -> Iterator[Upstreams]:
    with Upstreams(RULES) as running:
        yield running


@pytest.fixture(scope="module")
def serve(
    portal: BlockingPortal, upstreams: Upstreams
) -> Callable[..., AbstractContextManager[Served]]:
    """Runs a server in a folder, with these options."""

    @contextmanager
    def serving(folder: Path, *options: str, store: bool = False) -> Iterator[Served]:
        (folder / "art").mkdir(exist_ok=True)
        (folder / "art" / "corgi.png").write_bytes(picture(64, 64))
        written = toml(settings(upstreams.hosts), "played")
        kept = f"\n[store]\nurl = {json.dumps(f'sqlite:///{folder}/store.db')}\n" if store else ""
        (folder / "played.toml").write_text(written + kept)
        command = [
            *(sys.executable, "-m", "imagekit.cli", "--config", "played.toml"),
            *("mcp", "--output", "made", "--root", "art", *options),
        ]
        server = StdioServerParameters(
            command="/bin/sh",
            args=["-c", 'echo $$ >pid; exec "$@"', "sh", *command],
            env={**os.environ, "IMAGEKIT_STATE": str(folder / "state")},
            cwd=folder,
        )
        client = Client(stdio_client(server))
        with portal.wrap_async_context_manager(client):
            yield Served(folder, client, portal)

    return serving


@pytest.fixture(scope="module")
def served(
    serve: Callable[..., AbstractContextManager[Served]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """One with a budget, for all tests of a module."""
    folder = tmp_path_factory.mktemp("served")
    with serve(folder, "--budget", "1 USD") as running:
        yield running
