"""Hosts that take whatever id a user names: models without a family."""

from __future__ import annotations

import gc
import weakref

import pytest

from imagekit import (
    ANY_MODEL,
    Alias,
    Client,
    Config,
    Family,
    Host,
    HostSettings,
    InvalidConfiguration,
    Model,
    NoAuth,
    Offer,
    Parameter,
    Plugins,
    Range,
    UnknownModel,
    Unlisted,
    hookimpl,
    spell,
)
from imagekit.basics.memo import MOST
from imagekit.testing import Answer, Loopback

LISTED = Model("moss-1", "Moss 1", parameters=(Parameter("seed", int, (Range(0, 9),)),))
ANYTHING = Offer(
    ANY_MODEL,
    ANY_MODEL,
    "openai-images",
    spells=spell("seed steps"),
    parameters=(Parameter("steps", int, (Range(1, 50),)),),
    unlisted=Unlisted(),
)
TIED = Offer("moss-1", "moss/one", "openai-images", spells=spell("seed"))


class Stones:
    """A host that takes any id, and knows one installed model; and one that takes none."""

    @hookimpl
    def imagekit_families(self) -> list[Family]:
        return [Family("moss", "Moss", (LISTED, Model("moss-2", "Moss 2")))]

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        return [
            Host("stone", "Stone", "https://stone.invalid", NoAuth(), (ANYTHING, TIED)),
            Host("rock", "Rock", "https://rock.invalid", NoAuth(), (TIED,)),
        ]


def stones(url: str = "https://stone.invalid") -> Client:
    hosts = {"stone": HostSettings(base_url=url)}
    return Client(plugins=Plugins.of(Stones()), environment={}, hosts=hosts)


@pytest.mark.parametrize("id", ["black-forest/flux.2", "sd3:medium", "moss-2", "mos-1"])
def test_an_id_that_only_the_host_knows_is_sent_as_it_is(id: str, drawn) -> None:
    with Loopback(Answer(json=drawn)) as server, stones(server.url) as client:
        result = client.generate("a wall", model=f"stone:{id}", seed=12, options={"steps": 20})
    assert server.seen[0].json == {"model": id, "prompt": "a wall", "seed": 12, "steps": 20}
    assert (result.host, result.model) == ("stone", id)


SEEDED = b'{"model":"flux","prompt":"a wall","seed":3}'


def test_an_alias_may_be_called_what_such_a_host_calls_the_model() -> None:
    config = Config(
        models={"flux": Alias("stone:flux", defaults={"seed": 3}), "art": Alias("flux")}
    )
    with Client(config=config, plugins=Plugins.of(Stones()), environment={}) as client:
        for address in ("flux", "stone:flux", "art"):
            plan = client.plan("a wall", model=address)
            assert (plan.host, plan.request.body.read()) == ("stone", SEEDED)
        with pytest.raises(UnknownModel, match="stone takes any model by its own name: stone:flux"):
            client.plan("a wall", model="rock:flux")


def test_an_alias_of_its_own_name_goes_in_a_circle_at_any_other_host() -> None:
    config = Config(models={"flux": Alias("rock:flux")})
    with pytest.raises(InvalidConfiguration, match="goes in a circle: flux -> flux"):
        Client(config=config, plugins=Plugins.of(Stones()), environment={})


def test_what_the_offer_declares_is_checked_and_all_else_is_unsupported() -> None:
    with stones() as client:
        plan = client.plan("a wall", model="stone:flux", size="1K", options={"steps": 99})
    assert {problem.field for problem in plan.problems} == {"steps", "size"}


def test_a_model_with_an_offer_of_its_own_keeps_its_rules() -> None:
    with stones() as client:
        plan = client.plan("a wall", model="stone:moss-1", seed=12)
        assert [str(problem) for problem in plan.problems] == ["seed: 12 is not from 0 to 9"]
        assert client.route("stone:moss-1").remote_id == "moss/one"


def test_no_installed_model_is_said_to_be_there_and_no_id_is_remembered() -> None:
    with stones() as client:
        client.route("stone:flux")
        names = [route.name for route in client.registry.routes]
    assert sorted(names) == ["rock:moss-1", "stone:moss-1"]


def test_an_unknown_model_is_told_with_the_hosts_that_may_know_it() -> None:
    with stones() as client, pytest.raises(UnknownModel, match="stone takes any model by its own"):
        client.route("flux")


@pytest.mark.parametrize("name", ["\x1b[31mflux", "flux\r\nroot logged in", "x" * 3000])
def test_what_no_model_is_named_gets_into_no_log_as_it_is(name: str) -> None:
    with stones() as client, pytest.raises(UnknownModel, match="any model by its own") as caught:
        client.route(name)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("address", ["flux", "rock:flux"])
def test_elsewhere_an_unknown_model_stays_unknown(address: str) -> None:
    with stones() as client, pytest.raises(UnknownModel):
        client.route(address)


def test_a_name_of_your_own_may_stand_for_one(tmp_path) -> None:
    path = tmp_path / "imagekit.toml"
    path.write_text('[models.wall]\nmodel = "stone:black-forest/flux.2"\ndefaults = {seed = 3}\n')
    with Client(config=path, plugins=Plugins.of(Stones()), environment={}) as client:
        plan = client.plan("a wall", model="wall")
    assert plan.request is not None
    assert b'"model":"black-forest/flux.2"' in plan.request.body.read()
    assert b'"seed":3' in plan.request.body.read()


def test_names_without_end_take_no_memory_without_end() -> None:
    with stones() as client:
        client.plan("a wall", model="stone:first")  # what a call needs is looked up and bound
        first = weakref.ref(client.route("stone:first"))
        again = client.route("stone:first")
        assert again is first()
        del again
        for number in range(MOST + 1):
            client.plan("a wall", model=f"stone:id-{number}")
        gc.collect()
        assert first() is None


def test_who_takes_any_model_is_named_for_one_that_nobody_knows():
    with Client(environment={}) as client, pytest.raises(UnknownModel) as caught:
        client.route("gpt-image-99")
    assert "openai takes any model by its own name: openai:gpt-image-99" in str(caught.value)
