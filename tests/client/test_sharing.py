"""Who counts limits and budgets for a client, and what its program says of money."""

from __future__ import annotations

from typing import Any

import pytest

from imagekit import (
    Budget,
    Client,
    Config,
    ConfigurationError,
    Cost,
    HostSettings,
    InProcess,
    PluginError,
    Plugins,
    UsageError,
    hookimpl,
)


class Brings:
    """A plugin that brings what counts."""

    def __init__(self, name: str, shared: Any) -> None:
        self.__name__, self.shared, self.asked = name, shared, 0

    @hookimpl
    def imagekit_sharing(self, config: Config) -> Any:
        self.asked += 1
        return self.shared


class Noted(InProcess):
    """Counts, and notes who asks."""

    def __init__(self) -> None:
        super().__init__()
        self.claims: list[Any] = []

    def claim(self, claim: Any) -> Any:
        self.claims.append(claim)
        return super().claim(claim)


LIMITED = Config(budget=Budget("5", "USD"))


def client(*plugins: Brings, **options: Any) -> Client:
    options.setdefault("config", LIMITED)
    return Client(plugins=Plugins.of(*plugins), environment={}, **options)


def test_a_plugin_is_asked_where_there_is_something_to_share() -> None:
    plugin = Brings("store", Noted())
    assert client(plugin, config=Config()).engine.turns is None
    assert plugin.asked == 0
    assert client(plugin).engine.turns is not None
    assert plugin.asked == 1


def test_what_the_program_brings_counts_and_no_plugin_is_asked() -> None:
    plugin = Brings("store", Noted())
    assert client(plugin, sharing=InProcess()).engine.turns is not None
    assert plugin.asked == 0


def test_two_plugins_that_bring_one_are_both_named() -> None:
    plugins = (Brings("ledger", Noted()), Brings("none", None), Brings("store", Noted()))
    with pytest.raises(ConfigurationError, match="the plugins ledger and store both bring"):
        client(*plugins)


def test_a_plugin_that_brings_something_else_is_broken() -> None:
    with pytest.raises(PluginError, match="which is no Shared"):
        client(Brings("store", object()))


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"sharing": object()}, r"such as InProcess\(\)"),
        ({"sharing": InProcess}, r"such as InProcess\(\)"),
        ({"budget": "5"}, "budget: '5' is no budget; one is"),
        ({"budget": 5}, "budget: 5 is no budget; one is"),
        ({"unknown_price": "cheap"}, 'unknown_price: must be "refuse", or'),
        ({"unknown_price": Cost("0.05")}, "unknown_price: a price has an amount and a currency"),
    ],
)
def test_what_a_program_can_not_say(options: dict[str, Any], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        client(config=None, **options)


def test_a_budget_of_the_program_is_one_more_and_its_price_replaces_the_configured() -> None:
    config = Config(budget=Budget("20", "USD", "month"), unknown_price=Cost("0.05", "USD"))
    assert client(config=config).config == config
    said = client(config=config, budget="5 EUR/day", unknown_price="refuse").config
    assert said.budgets == {"budget": config.budget, "client": Budget("5", "EUR", "day")}
    assert said.unknown_price is None
    said = client(config=config, budget=Budget("5", "EUR"), unknown_price=Cost("1", "EUR")).config
    assert (said.client_budget, said.unknown_price) == (Budget("5", "EUR"), Cost("1", "EUR"))
    assert client(config=None, unknown_price="0.05 USD").config.unknown_price == Cost("0.05", "USD")


def test_settings_of_a_host_are_limits_as_well() -> None:
    limited = {"sandbox": HostSettings(rpm=5)}
    with Client(environment={}, hosts=limited) as made:
        assert made.engine.turns is not None
        assert made.generate("a lily", model="sandbox:seedream-4.5").images
