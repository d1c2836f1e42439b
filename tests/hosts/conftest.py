"""The real hosts' plugins, over sockets: at the sandbox's upstreams, or a server with a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from imagekit_sandbox.serving import Upstreams

from imagekit import Client, Config, Plugins


@pytest.fixture(scope="session")
def installed() -> Plugins:
    return Plugins.load({})


@pytest.fixture
def upstreams() -> Iterator[Upstreams]:
    with Upstreams() as upstreams:
        yield upstreams


@pytest.fixture
def client(installed: Plugins, naps: list[float]) -> Iterator[Callable[..., Client]]:
    """``client(upstreams)``, or ``client(configuration)``: one that never really waits.

    ``fault`` is what every request suffers.
    """
    clients: list[Client] = []

    def make(where: Upstreams | Config | Path, fault: str = "", **options: Any) -> Client:
        config = where.configuration() if isinstance(where, Upstreams) else where
        if fault and isinstance(config, Config):
            headers = {"X-Sandbox-Fault": fault}
            hosts = {name: evolve(one, headers=headers) for name, one in config.hosts.items()}
            config = evolve(config, hosts=hosts)
        own = {"plugins": installed, "environment": {}, "sleep": naps.append, **options}
        clients.append(Client(config=config, **own))
        return clients[-1]

    yield make
    for client in clients:
        client.close()
