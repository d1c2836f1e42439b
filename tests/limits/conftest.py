"""Hosts with limits and prices, at an address each, and a clock that only tests move."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest
from attrs import define

from imagekit import (
    Alias,
    AuthenticationError,
    Charged,
    Client,
    Config,
    ErrorRow,
    Fact,
    Family,
    Host,
    HostSettings,
    HostUnavailable,
    Model,
    NoAuth,
    Offer,
    Parameter,
    Plugins,
    Price,
    Range,
    RateLimited,
    hookimpl,
    spell,
)

PAGE = Fact("https://docs.invalid/prices", "2026-11-29")
#: What this host never charges for.
FREE = tuple(
    ErrorRow(kind, status, code="free", charged=Charged.NO)
    for kind, status in ((AuthenticationError, 401), (RateLimited, 429), (HostUnavailable, 503))
)
SPELLS = spell("n sequential_image_generation sequential_image_generation_options")


@define
class Clock:
    """Seconds, of both clocks at once. Sleeping moves it."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Ponds:
    """A plugin: hosts called so, of which one picture costs 0.10 USD, made four at a time at most
    ``each``; nobody knows the price at ``pond-of-nobody``."""

    def __init__(self, names: list[str], each: int) -> None:
        self._names, self._each = names, each

    @hookimpl
    def imagekit_families(self) -> list[Family]:
        parameters = (
            Parameter("n", int, (Range(1, self._each),)),
            Parameter("sequential_image_generation", str),
            Parameter("sequential_image_generation_options", dict),
        )
        return [Family("lily", "Lily", (Model("lily-1", "Lily", parameters=parameters),))]

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        return [self._host(name) for name in self._names]

    def _host(self, name: str) -> Host:
        price = None if name == "pond-of-nobody" else Price("0.1", "USD", PAGE)
        offer = Offer(
            "lily-1",
            "lily-one",
            "openai-images",
            spells=SPELLS,
            price=price,
        )
        address = f"https://{name}.invalid"
        return Host(name, name, address, NoAuth(), offers=(offer,), errors=FREE)


Make = Callable[..., Client]


@pytest.fixture
def ponds() -> Iterator[Make]:
    """``ponds({"pond": url}, hosts={"pond": {"rpm": 5}}, models={"lily": Alias(...)}, ...)``"""

    def make(
        urls: Mapping[str, str],
        hosts: Mapping[str, Mapping[str, Any]] | None = None,
        models: Mapping[str, Alias] | None = None,
        each: int = 4,
        settings: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Client:
        own = {
            name: HostSettings(base_url=url, **(hosts or {}).get(name, {}))
            for name, url in urls.items()
        }
        config = Config(hosts=own, models=models or {}, **(settings or {}))
        plugins = Plugins.of(Ponds([*urls], each))
        return clients.enter_context(
            Client(config=config, plugins=plugins, environment={}, **options)
        )

    with ExitStack() as clients:
        yield make
