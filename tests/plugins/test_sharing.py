"""Nothing is global: every client has its own plugins."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from pond import ANSWER, Policy, client_of, frogs, pond, world

from imagekit import (
    Client,
    Family,
    Host,
    HostSettings,
    NoAuth,
    Offer,
    Plugins,
    Request,
    UnknownModel,
    Wire,
    hookimpl,
    spell,
)
from imagekit.plugins.finding import Plugin
from imagekit.testing import Loopback


def test_two_clients_may_share_one_set_of_plugins() -> None:
    asked: list[str] = []

    def families() -> list[Family]:
        asked.append("once")
        return [frogs("frog-1")]

    plugins = Plugins.of(Policy("frogs", imagekit_families=families), world(pond()))
    with (
        Loopback(ANSWER) as first,
        Loopback(ANSWER) as second,
        Client(plugins=plugins, environment={}, hosts={"pond": HostSettings(first.url)}) as one,
        Client(plugins=plugins, environment={}, hosts={"pond": HostSettings(second.url)}) as two,
    ):
        one.generate("x", model="pond:frog-1")
        two.generate("y", model="pond:frog-1")
    assert [len(server.seen) for server in (first, second)] == [1, 1]
    assert asked == ["once"]


def test_clients_of_different_plugins_know_nothing_of_one_another() -> None:
    """Even when both were given the very same host object."""
    host = pond()
    with client_of(world(frogs("frog-1"), host)) as one, client_of(world(host)) as two:
        assert one.route("pond:frog-1").host is host
        with pytest.raises(UnknownModel):
            two.route("pond:frog-1")


def test_importing_imagekit_makes_no_plugin_manager() -> None:
    import pluggy

    modules = [module for name, module in sys.modules.items() if name.split(".")[0] == "imagekit"]
    values = [value for module in modules for value in vars(module).values()]
    assert not [v for v in values if isinstance(v, Plugins | pluggy.PluginManager | Client)]


def test_any_object_with_hooks_can_be_a_plugin() -> None:
    plugin = SimpleNamespace(imagekit_hosts=hookimpl(lambda: [pond()]))
    assert list(Plugins.of(plugin).registry().hosts) == ["pond"]


def test_an_offer_the_host_makes_itself_is_the_hosts() -> None:
    """Nobody can put a host out of service by claiming to speak for it."""
    own = Offer("frog-1", "mine", "openai-images")
    host = Host("pond", "", "https://h.invalid", NoAuth(), (own,))
    rival = Policy("rival", imagekit_offers=lambda: [Offer("frog-1", "x", "w", host="pond")])
    plugins = Plugins({})
    for thing in (world(frogs("frog-1"), host), rival):
        plugin = Plugin(getattr(thing, "__name__", "world"), "d", "1")
        plugins.installed.append(plugin)
        plugins.add(plugin, lambda thing=thing: thing)  # type: ignore[misc]
    assert plugins.registry().route("pond", "frog-1").remote_id == "mine"
    assert "already made by the host itself" in plugins.installed[1].error


def test_a_name_in_the_allow_list_that_is_not_installed_is_reported() -> None:
    (missing,) = Plugins.load({"IMAGEKIT_PLUGINS": "no-such-plugin"}).installed[-1:]
    assert (missing.name, missing.state) == ("no-such-plugin", "failed")
    assert "not installed" in missing.error


def test_a_wire_may_carry_the_model_in_its_address() -> None:
    class Addressed(Wire):
        @hookimpl
        def imagekit_shape_request(self, call: Any) -> Request:
            return Request("POST", f"{call.route.url()}/{call.route.remote_id}")

    wire = Addressed("addressed", paths={"generate": "/models"}, spells=spell("prompt"))
    host = Host("pond", "", "https://h.invalid", NoAuth(), (Offer("frog-1", "f1", "addressed"),))
    with client_of(world(frogs("frog-1"), wire, host)) as client:
        plan = client.plan("a frog", model="pond:frog-1")
    assert plan.request is not None
    assert plan.request.url == "https://h.invalid/models/f1"
    assert plan.receipt["model"].note == "stands in the address"
