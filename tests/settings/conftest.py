"""A garden of toys that configurations are about, and clients of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from imagekit import (
    Bearer,
    Client,
    Enum,
    Fact,
    Family,
    Host,
    Model,
    Offer,
    Parameter,
    Plugins,
    Problem,
    Sizes,
    State,
    hookimpl,
    spell,
)

GUESS = Fact("a rumour", "2026-11-21", State.UNVERIFIED)

ROSE = Family(
    "rose",
    "Rose",
    (
        Model(
            "rose-1",
            "Rose 1",
            aliases=("rose-one",),
            parameters=(
                Parameter("prompt", str),
                Parameter("quality", str, (Enum(("low", "high")),), fact=GUESS),
                Parameter("n", int, fact=GUESS),
                Parameter("thorns", int),
                Parameter("scent", str),
            ),
            sizes=Sizes(
                tiers=("1K", "2K"),
                table={"2K": {"1:1": (2048, 2048), "16:9": (2560, 1440)}},
                max_pixels=4096 * 4096,
            ),
        ),
    ),
)
SPELLS = spell("image size watermark seed thorns scent") + spell("quality n", GUESS)


class Meadow(Host):
    """A host with a quirk that is no data: it takes no prompt about winter."""

    @hookimpl
    def imagekit_validate_request(self, call: Any) -> list[Problem]:
        wintry = "winter" in call.prompt
        return [Problem("prompt", f"{call.route.host.name} knows no winter")] if wintry else []


def host(name: str, kind: type[Host] = Host) -> Host:
    return kind(
        name,
        name.title(),
        f"https://{name}.invalid/v1",
        Bearer((f"{name.upper()}_API_KEY",)),
        (Offer("rose-1", f"rose-of-{name}", "openai-images", SPELLS, id_fact=GUESS),),
    )


class Keypair(Bearer):
    """Two fields instead of one."""

    @property
    def variables(self) -> dict[str, tuple[str, ...]]:
        return {"access_key": ("A",), "secret_key": ("S",)}

    def headers(self, credential: Any, now: float) -> dict[str, str]:
        return {"Authorization": f"{credential['access_key']}:{credential['secret_key']}"}


class Roses:
    @hookimpl
    def imagekit_families(self) -> list[Family]:
        return [ROSE]

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        pair = evolve(host("brook"), auth=Keypair(()))
        return [host("meadow", Meadow), host("field"), pair]


@pytest.fixture
def client() -> Iterator[Callable[..., Client]]:
    """``client(toml)``: a client of that configuration, which lies in a file."""
    clients: list[Client] = []

    def make(config: Any = None, **options: Any) -> Client:
        options = {"plugins": Plugins.of(Roses()), "environment": {}, **options}
        clients.append(Client(config=config, **options))
        return clients[-1]

    yield make
    for one in clients:
        one.close()


@pytest.fixture
def toml(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def roses() -> Roses:
    """The plugin itself."""
    return Roses()
