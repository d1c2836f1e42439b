"""Several instances of one kind of host, each with its own address and key."""

from __future__ import annotations

import pytest

from imagekit import (
    Config,
    Family,
    HostSettings,
    MissingCredential,
    Model,
    Offer,
    Plugins,
    hookimpl,
)
from imagekit.testing import Answer, Loopback

TWO = """
[hosts.work]
kind = "meadow"
base_url = "{first}"
credential = {{ env = "WORK_KEY" }}

[hosts.home]
kind = "meadow"
base_url = "{second}"
credential = {{ env = "HOME_KEY" }}
"""


def test_instances_of_one_kind_have_addresses_and_keys_of_their_own(client, toml, drawn):
    environment = {"WORK_KEY": "at-work", "HOME_KEY": "at-home"}
    with Loopback(Answer(json=drawn)) as first, Loopback(Answer(json=drawn)) as second:
        path = toml(TWO.format(first=first.url, second=second.url))
        made = client(path, environment=environment)
        results = [made.generate("x", model=f"{name}:rose-1") for name in ("work", "home")]
        assert [result.host for result in results] == ["work", "home"]
        assert first.seen[0].headers["authorization"] == "Bearer at-work"
        assert second.seen[0].headers["authorization"] == "Bearer at-home"


def test_the_variables_of_a_kind_are_not_for_another_address(client):
    """Its key would go to somebody who did not make it."""
    elsewhere = HostSettings(kind="meadow", base_url="https://meadow.elsewhere.example")
    hosts = {"work": elsewhere, "twin": HostSettings(kind="meadow")}
    made = client(Config(hosts=hosts), environment={"MEADOW_API_KEY": "of-the-meadow"})
    found = {name: made.credential_source(made.registry.host(name)) for name in hosts}
    assert found == {"work": None, "twin": "environment (MEADOW_API_KEY)"}
    with pytest.raises(MissingCredential, match="work needs a key of its own"):
        made.generate("x", model="work:rose-1")


def test_an_instance_keeps_the_hooks_of_its_kind_and_is_asked_only_on_its_own_routes(client):
    config = Config(hosts={"work": HostSettings(kind="meadow")})
    made = client(config)
    for name, problems in (
        ("work", ["prompt: work knows no winter"]),
        ("meadow", ["prompt: meadow knows no winter"]),
        ("field", []),
    ):
        plan = made.plan("winter", model=f"{name}:rose-1")
        assert [str(problem) for problem in plan.problems] == problems


def test_offers_that_others_make_for_a_host_hold_at_its_instances(client, roses):
    class More:
        @hookimpl
        def imagekit_families(self) -> list[Family]:
            return [Family("moss", "Moss", (Model("moss-1", "Moss 1"),))]

        @hookimpl
        def imagekit_offers(self) -> list[Offer]:
            return [Offer("moss-1", "moss", "openai-images", host="meadow")]

    config = Config(hosts={"work": HostSettings(kind="meadow")})
    made = client(config, plugins=Plugins.of(roses, More()))
    assert made.plan("x", model="work:moss-1").request is not None


def test_two_clients_of_the_same_plugins_do_not_meet_one_anothers_instances(client, roses):
    plugins = Plugins.of(roses)
    one = client(Config(hosts={"work": HostSettings(kind="meadow")}), plugins=plugins)
    two = client(Config(hosts={"work": HostSettings(kind="field")}), plugins=plugins)
    assert (one.registry.host("work").kind, two.registry.host("work").kind) == ("meadow", "field")
    assert [str(p) for p in one.plan("winter", model="work:rose-1").problems] != []
    assert [str(p) for p in two.plan("winter", model="work:rose-1").problems] == []
    assert "work" not in client(plugins=plugins).registry.hosts
