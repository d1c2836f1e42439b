"""An alias of any of several models: the first that can do what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from imagekit import (
    Alias,
    AmbiguousHost,
    AnyOf,
    Client,
    Config,
    Family,
    Host,
    InvalidConfiguration,
    InvalidRequest,
    Length,
    Model,
    NoAuth,
    Offer,
    Parameter,
    Plugins,
    Sizes,
    hookimpl,
    spell,
)

WIRE = "openai-images"
SPELLS = spell("seed resolution image n")


def model(name: str, tiers: tuple[str, ...], references: int) -> Model:
    most = Parameter("image", list, rules=(Length(references, unit="items"),))
    return Model(name, name, sizes=Sizes(tiers=tiers), parameters=(most, Parameter("seed", int)))


BULBS = Family(
    "bulb",
    "Bulb",
    (
        model("tulip", ("1K",), 2),
        model("crocus", ("1K", "4K"), 10),
        model("violet", ("1K",), 1),
    ),
)


class Bulbs:
    """Two models at one host, and the second at another as well, all of them free to use."""

    @hookimpl
    def imagekit_families(self) -> list[Family]:
        return [BULBS]

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        return [
            _host("bed", *(Offer(one, one, WIRE, spells=SPELLS) for one in ("tulip", "crocus"))),
            _host(
                "pot",
                Offer("crocus", "crocus", WIRE, spells=SPELLS),
                Offer("violet", "violet", WIRE, spells=spell("seed")),
            ),
        ]


def _host(name: str, *offers: Offer) -> Host:
    return Host(
        name=name,
        title=name,
        base_url=f"https://{name}.invalid",
        auth=NoAuth(),
        keys_url="",
        offers=offers,
    )


@pytest.fixture
def client() -> Iterator[Any]:
    clients: list[Client] = []

    def make(where: Mapping[str, Any] = {}, **alias: Any) -> Client:
        any_of = AnyOf(alias.pop("any", ("tulip", "crocus")), where)
        spring = Alias(any_of, **{"hosts": ("bed", "pot"), **alias})
        config = Config(models={"spring": spring, "early": Alias("spring")})
        clients.append(Client(config=config, plugins=Plugins.of(Bulbs()), environment={}))
        return clients[-1]

    yield make
    for one in clients:
        one.close()


def chosen(client: Client, **parameters: Any) -> str:
    plan = client.plan("a bed", model="spring", **parameters)
    return f"{plan.host}:{plan.model}"


def test_the_first_that_can_do_it_is_asked(client: Any) -> None:
    assert chosen(client()) == "bed:tulip"
    assert chosen(client(), resolution="4K") == "bed:crocus"


def test_what_where_wants_counts_whatever_a_call_asks_for(client: Any) -> None:
    assert chosen(client({"resolution": "4K"})) == "bed:crocus"
    assert chosen(client({"references": 3})) == "bed:crocus"
    assert chosen(client({"references": 2, "seed": True})) == "bed:tulip"
    assert chosen(client({"n": 4})) == "bed:tulip"


@pytest.mark.parametrize(("n", "can"), [(1, True), (4, True), (32, True), (33, False)])
def test_where_a_call_makes_one_picture_several_calls_make_more(
    client: Any, n: int, can: bool
) -> None:
    (way,) = client({"n": n}, any=("pot:violet",), hosts=()).ways("a pot", model="spring")
    assert way.takes_it is can


def test_a_model_that_is_passed_over_is_told(client: Any) -> None:
    plan = client().plan("a bed", model="spring", resolution="4K")
    (note,) = (note for note in plan.notes if "passed over" in note)
    assert note.startswith("bed:tulip was passed over: resolution: ")
    assert note in plan.receipt["model"].note


def test_an_alias_of_it_means_the_same(client: Any) -> None:
    assert client({"resolution": "4K"}).plan("a bed", model="early").model == "crocus"


def test_at_a_named_host_it_is_one_of_its_models(client: Any) -> None:
    assert client().plan("a bed", model="pot:spring").host == "pot"


def test_where_none_can_do_it_each_says_why(client: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        client({"references": 11}).plan("a bed", model="spring")
    told = str(caught.value)
    assert told.startswith("no model of spring can take this call:")
    assert told.count("image: has 11 items") == 3
    assert {problem.field for problem in caught.value.problems} == {"model"}


def test_a_parameter_that_a_model_does_not_have_is_an_ability_that_it_lacks(client: Any) -> None:
    with pytest.raises(InvalidRequest, match="negative_prompt: it takes none"):
        client({"negative_prompt": True}).plan("a bed", model="spring")


def test_models_that_lead_nowhere_now_are_left_out(client: Any) -> None:
    one = client(any=("bed:tulip", "crocus"), hosts=())
    ways = one.ways("a bed", model="spring")
    assert [way.host for way in ways if way.takes_it] == ["bed"]
    assert "say which" in ways[-1].why_not  # crocus is at two hosts, and none is preferred


def test_that_nobody_says_which_host_is_told_as_what_it_is(client: Any) -> None:
    with pytest.raises(
        AmbiguousHost, match=r"name it .* in prefer:\n  crocus: .*, e.g. bed:cro"
    ) as e:
        client(any=("crocus",), hosts=()).plan("a bed", model="spring")
    assert e.value.hosts == ("bed", "pot")
    assert client(any=("crocus",), hosts=()).plan("a bed", model="pot:spring").host == "pot"


def test_one_that_could_perhaps_is_told_with_those_that_can_not(client: Any) -> None:
    one = client({"references": 3}, any=("bed:tulip", "crocus"), hosts=())
    with pytest.raises(InvalidRequest, match=r"bed:tulip: image: has 3(.|\n)*crocus: .*say which"):
        one.plan("a bed", model="spring")


def test_a_model_that_can_not_be_asked_now_is_told_where_another_draws(client: Any) -> None:
    plan = client(any=("crocus", "bed:tulip"), hosts=()).plan("a bed", model="spring")
    assert plan.model == "tulip"
    (note,) = (note for note in plan.notes if note == "crocus was passed over (AmbiguousHost)")
    assert note in plan.receipt["model"].note


def test_every_way_is_told(client: Any) -> None:
    ways = client().ways("a bed", model="spring", resolution="4K")
    assert [(way.host, way.model, way.takes_it) for way in ways] == [
        ("bed", "crocus", True),
        ("pot", "crocus", True),
        ("bed", "tulip", False),
    ]
    assert ways[2].why_not.startswith("resolution: ")


# --- mistakes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("any_of", "told"),
    [
        (AnyOf(()), "models.spring.model: is missing"),
        (AnyOf(("tulp",)), "models.spring.model.any[0]: no installed plugin knows"),
        (AnyOf(("tulip",), {"siz": 1}), "is nothing to ask of a model; did you mean size?"),
        (AnyOf(("tulip",), {"image": 3}), "how many pictures it takes is references = 10"),
        (AnyOf(("tulip",), {"references": 0}), "where.references: is how many reference pictures"),
        (AnyOf(("tulip",), {"n": "four"}), "models.spring.model.where.n: "),
        (AnyOf(("tulip",), {"resolution": "9K"}), "model.where.resolution: '9K' is not a tier"),
        (AnyOf(("tulip",), {"ratio": "wide"}), "model.where.ratio: 'wide' is not a ratio; write"),
        (AnyOf(("tulip", "early")), "goes in a circle: spring -> early -> spring"),
    ],
)
def test_a_mistake_is_told_where_it_stands(any_of: AnyOf, told: str) -> None:
    config = Config(models={"spring": Alias(any_of), "early": Alias("spring")})
    with pytest.raises(InvalidConfiguration) as caught:
        Client(config=config, plugins=Plugins.of(Bulbs()), environment={})
    assert told in str(caught.value)
