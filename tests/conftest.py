"""What the tests share: a clean environment, and a client of a toy host on loopback."""

from __future__ import annotations

import base64
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from imagekit import (
    Bearer,
    Charged,
    Client,
    ErrorRow,
    Family,
    Host,
    HostSettings,
    Model,
    Offer,
    Parameter,
    Plugins,
    RateLimited,
    hookimpl,
    spell,
)

# On a busy machine an example may take any time: that is no failure.
settings.register_profile("patient", deadline=None)
if "CI" not in os.environ:  # where hypothesis has a profile of its own
    settings.load_profile("patient")

KEY = "key-of-the-garden"

LILY = Family("lily", "Lily", (Model("lily-1", "Lily 1", parameters=(Parameter("seed", int),)),))

GARDEN = Host(
    name="garden",
    title="Garden",
    base_url="https://garden.invalid/v1",
    auth=Bearer(("GARDEN_API_KEY",)),
    keys_url="https://garden.invalid/keys",
    offers=(Offer("lily-1", "lily-one", "openai-images", spells=spell("seed")),),
    errors=(ErrorRow(RateLimited, 429, code="slow_down", retryable=True, charged=Charged.NO),),
)


class Toys:
    """A plugin: one model at one host, which documents a single refusal."""

    @hookimpl
    def imagekit_families(self) -> list[Family]:
        return [LILY]

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        return [GARDEN]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first: at the end, one core would wait for another with them."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


_states = count(1)


@pytest.fixture(scope="session")
def _nowhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, _nowhere: Path) -> None:
    """No test sees keys, configuration, proxies or plugin lists of the machine it runs on."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(_nowhere))
    for name in list(os.environ):
        upper = name.upper()
        if upper.endswith(("_PROXY", "_API_KEY")) or upper.startswith("IMAGEKIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("IMAGEKIT_STATE", str(_nowhere / f"state-{next(_states)}"))


@pytest.fixture
def toys() -> Toys:
    return Toys()


@pytest.fixture
def naps() -> list[float]:
    """Every wait that `garden` clients would have made, in seconds."""
    return []


@pytest.fixture
def garden(naps: list[float]) -> Iterator[Callable[..., Client]]:
    """``garden(url, *plugins, **options)``: a client of the toy host, served at ``url``.

    It writes its waits into ``naps`` instead of waiting; closed when the test is over.
    ``settings`` are further `HostSettings`.
    """
    clients: list[Client] = []

    def make(
        url: str, *plugins: object, settings: dict[str, Any] | None = None, **options: Any
    ) -> Client:
        environment = options.pop("environment", {})
        client = Client(
            plugins=Plugins.of(Toys(), *plugins),
            environment=environment,
            credentials=options.pop("credentials", {"garden": KEY}),
            hosts={"garden": HostSettings(base_url=url, **(settings or {}))},
            **{"sleep": naps.append, **options},
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def png() -> bytes:
    """A real picture: 2x1 black pixels."""

    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", 2, 1, 8, 0, 0, 0, 0),
        b"IDAT": zlib.compress(b"\0\0\0"),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks.items()
    )


@pytest.fixture
def drawn(png: bytes) -> dict[str, Any]:
    """An answer with one picture, as the toy host gives it."""
    return {"created": 1, "data": [{"b64_json": base64.b64encode(png).decode()}]}
