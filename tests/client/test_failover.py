"""An alias that fails over: when the next host is asked, how that is told, and why it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from attrs import evolve
from imagekit_sandbox.serving import Rule, Upstreams

from imagekit import (
    Alias,
    AnyOf,
    Client,
    Config,
    Enum,
    Family,
    Host,
    HostSettings,
    ImagekitError,
    InvalidRequest,
    Journal,
    Model,
    Moderated,
    NoAuth,
    NotSent,
    Offer,
    Parameter,
    Pending,
    Plugins,
    Purchase,
    RateLimited,
    Sizes,
    events,
    hookimpl,
    may_fail_over,
    spell,
)
from imagekit.testing import Answer, Loopback

BUSY = Rule("429", host="token360")
HOSTS = ("token360", "powertokens")

Make = Callable[..., Client]


@pytest.fixture(scope="module")
def installed() -> Plugins:
    return Plugins.load({})


@pytest.fixture
def make(installed: Plugins, naps: list[float]) -> Iterator[Make]:
    """``make(upstreams)``: its alias ``poster`` is a model at two hosts."""
    clients: list[Client] = []

    def client(upstreams: Upstreams, *, alias: Mapping[str, Any] = {}, **options: Any) -> Client:
        poster = Alias("seedream-4.5", **{"hosts": HOSTS, "failover": True, **alias})
        config = evolve(upstreams.configuration(), models={"poster": poster})
        own = {"plugins": installed, "environment": {}, "sleep": naps.append, **options}
        clients.append(Client(config=config, **own))
        return clients[-1]

    yield client
    for one in clients:
        one.close()


def notes_of(error: BaseException) -> str:
    return "\n".join(getattr(error, "__notes__", ()))


# --- it goes on ------------------------------------------------------------------------------


def test_the_next_host_is_asked_at_once(make: Make, naps: list[float]) -> None:
    with Upstreams([BUSY]) as upstreams:
        result = make(upstreams).generate("a heron", model="poster")
    assert result.host == "powertokens"
    assert naps == []
    assert [entry.host for entry in upstreams.ledger.entries] == ["powertokens"]


def test_it_is_told_by_a_note_a_line_of_the_receipt_and_an_event(make: Make) -> None:
    told: list[events.Event] = []
    with Upstreams([BUSY]) as upstreams:
        result = make(upstreams, observers=[told.append]).generate("a heron", model="poster")
    why = "token360:seedream-4.5 failed and was certainly free (RateLimited)"
    assert result.notes[0] == why
    assert result.notes[1] == "powertokens:seedream-4.5 was asked"
    assert why in result.receipt["model"].note
    (moved,) = (event for event in told if isinstance(event, events.FailedOver))
    assert (moved.route, moved.to) == ("token360:seedream-4.5", "powertokens:seedream-4.5")
    assert isinstance(moved.error, RateLimited)


def test_all_that_befell_it_on_the_way_is_told(make: Make) -> None:
    alias = {"hosts": ("token360", "powertokens", "ark")}
    away = {"powertokens": HostSettings(base_url="http://127.0.0.1:1")}
    with Upstreams([BUSY]) as upstreams:
        client = make(upstreams, alias=alias, hosts=_keyed(upstreams, away))
        result = client.generate("a heron", model="poster")
    assert [note.partition(" ")[0] for note in result.notes[:3]] == [
        "token360:seedream-4.5",
        "powertokens:seedream-4.5",
        "ark:seedream-4.5",
    ]
    assert all(note in result.receipt["model"].note for note in result.notes[:3])


def test_a_host_in_trouble_is_asked_for_no_other_model_while_another_is_ready(make: Make) -> None:
    any_of = AnyOf(("seedream-4.5", "seedream-4.0"))
    alias = {"model": any_of, "hosts": ("token360", "powertokens")}
    with Upstreams([BUSY]) as upstreams:
        models = {"poster": Alias(failover=True, **alias)}
        config = evolve(upstreams.configuration(), models=models)
        with Client(config=config, environment={}) as client:
            assert client.generate("a heron", model="poster").host == "powertokens"
        asked = [entry.host for entry in upstreams.journal.entries]
    assert asked == ["token360", "powertokens"]


def test_each_purchase_of_it_has_an_id_of_its_own(make: Make) -> None:
    """The first was refused, and whoever keeps books has closed it."""
    told: list[tuple[str, str]] = []

    class Books(Journal):
        def sending(self, purchase: Purchase) -> None:
            told.append(("sending", purchase.id))

        def ended(self, purchase: Purchase, error: ImagekitError) -> None:
            told.append(("ended", purchase.id))

        def kept(self, purchase: Purchase, result: Any) -> None:
            told.append(("kept", purchase.id))

        accepted = answered = left = lambda *_: None

    with Upstreams([BUSY]) as upstreams:
        client = make(upstreams, journal=Books())
        client.generate("a heron", model="poster", id="mine")
    assert told == [
        ("sending", "mine"),
        ("ended", "mine"),
        ("sending", "mine-2"),
        ("kept", "mine-2"),
    ]


def test_a_stream_goes_on_as_well(make: Make) -> None:
    with Upstreams([BUSY]) as upstreams:
        told = [*make(upstreams).stream("a heron", model="poster")]
    assert any(isinstance(event, events.FailedOver) for event in told)
    assert isinstance(told[-1], events.Finished)
    assert told[-1].result.host == "powertokens"


def test_a_job_is_begun_at_the_next_host(make: Make) -> None:
    alias = {"hosts": ("klingai", "klingai-cn"), "model": "kling-v3"}
    with Upstreams([Rule("429", host="klingai")]) as upstreams:
        config = evolve(upstreams.configuration(), models={"job": Alias(failover=True, **alias)})
        with Client(config=config, environment={}) as client:
            pending = client.begin("a heron", model="job", id="mine")
    assert isinstance(pending, Pending)
    assert (pending.host, pending.provenance is not None) == ("klingai-cn", True)


def test_several_calls_go_on_together(make: Make) -> None:
    """None of them has made a picture, and all were free."""
    with Upstreams([BUSY]) as upstreams:
        result = make(upstreams).generate("a heron", model="poster", n=2)
    assert [image.index for image in result.images] == [0, 1]
    assert {entry.host for entry in upstreams.ledger.entries} == {"powertokens"}


def test_of_an_alias_of_an_alias_the_outer_one_decides(make: Make) -> None:
    with Upstreams([BUSY]) as upstreams:
        config = make(upstreams).config
        models = {
            **config.models,
            "inherits": Alias("poster"),
            "stays": Alias("poster", failover=False),
        }
        with Client(
            config=evolve(config, models=models), environment={}, sleep=lambda _: None
        ) as client:
            assert client.generate("a heron", model="inherits").host == "powertokens"
            with pytest.raises(RateLimited):
                client.generate("a heron", model="stays")


# --- it does not -----------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["500", "lost", "html:503", "truncated"])
def test_what_may_have_been_charged_stays(make: Make, fault: str) -> None:
    with Upstreams([Rule(fault, host="token360")]) as upstreams:
        with pytest.raises(ImagekitError) as caught:
            make(upstreams).generate("a heron", model="poster")
        assert {entry.host for entry in upstreams.journal.entries} == {"token360"}
    why = "powertokens:seedream-4.5 was not asked: it may have been charged"
    assert why in notes_of(caught.value)


def test_moderation_is_never_shopped_around() -> None:
    assert not may_fail_over(Moderated("no", charged=_free()))
    assert may_fail_over(RateLimited("later", charged=_free()))


def test_a_call_that_nobody_waits_for_any_more_is_sent_nowhere(make: Make) -> None:
    with Upstreams([Rule("delay:0.2", host="token360"), BUSY]) as upstreams:
        client = make(upstreams)
        with pytest.raises(ImagekitError):
            client.generate("a heron", model="poster", deadline=0.05)
        assert {entry.host for entry in upstreams.journal.entries} <= {"token360"}


def test_without_failover_the_others_are_only_named(make: Make) -> None:
    with Upstreams([BUSY]) as upstreams, pytest.raises(RateLimited) as caught:
        make(upstreams, alias={"failover": False}).generate("a heron", model="poster")
    assert "another host is asked by powertokens:poster" in notes_of(caught.value)


def test_the_last_error_has_what_befell_the_others(make: Make) -> None:
    nowhere = {name: HostSettings(base_url="http://127.0.0.1:1") for name in HOSTS}
    with Upstreams() as upstreams, pytest.raises(NotSent) as caught:
        make(upstreams, hosts=_keyed(upstreams, nowhere)).generate("a heron", model="poster")
    assert "no connection to http://127.0.0.1:1" in str(caught.value)
    why = "token360:seedream-4.5 failed and was certainly free (NotSent: "
    assert notes_of(caught.value).startswith(why)


def _keyed(upstreams: Upstreams, hosts: Mapping[str, HostSettings]) -> dict[str, HostSettings]:
    own = upstreams.configuration().hosts
    return {name: evolve(own[name], base_url=one.base_url) for name, one in hosts.items()}


def _free() -> Any:
    from imagekit import Charged

    return Charged.NO


# --- the very same request -------------------------------------------------------------------

ROSE = Family(
    "rose",
    "Rose",
    (
        Model(
            "rose-1",
            "Rose 1",
            sizes=Sizes(tiers=("1K", "2K"), named_ratios=("1:1",)),
            parameters=(Parameter("seed", int), Parameter("thorns", str)),
        ),
    ),
)


WORDS = "seed thorns resolution n"


def _host(name: str, *parameters: Parameter, **offer: Any) -> Host:
    """A host of roses that is free to use."""
    return Host(
        name=name,
        title=name.title(),
        base_url=f"https://{name}.invalid",
        auth=NoAuth(),
        keys_url="",
        offers=(
            Offer(
                "rose-1",
                "rose",
                "openai-images",
                parameters=parameters,
                **{"spells": spell(WORDS), **offer},
            ),
        ),
    )


class Roses:
    """Four hosts of one model, which differ in what they take."""

    @hookimpl
    def imagekit_families(self) -> list[Family]:
        return [ROSE]

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        return [
            _host("first"),
            _host("smaller", sizes={"tiers": ("1K",)}),
            _host("tamer", Parameter("thorns", str, rules=(Enum(("none",)),))),
            _host("single", spells=spell("seed thorns resolution")),
        ]


@pytest.fixture
def roses(drawn: dict[str, Any]) -> Callable[..., tuple[str, str]]:
    """``roses(host, **parameters)``: who is asked after the first host, which is away, or why
    that host is not."""

    def asked(host: str, **parameters: Any) -> tuple[str, str]:
        with Loopback(*[Answer(json=drawn)] * 4) as server:
            hosts = {
                "first": HostSettings(base_url="http://127.0.0.1:1"),
                host: HostSettings(base_url=server.url),
            }
            alias = Alias("rose-1", hosts=("first", host), failover=True)
            config = Config(models={"poster": alias}, hosts=hosts)
            with Client(config=config, plugins=Plugins.of(Roses()), environment={}) as client:
                try:
                    return client.generate("a rose", model="poster", **parameters).host, ""
                except ImagekitError as error:
                    return "", notes_of(error)

    return asked


def test_what_the_next_host_takes_is_made_there(roses: Any) -> None:
    assert roses("smaller", resolution="1K")[0] == "smaller"
    assert roses("tamer", options={"thorns": "none"})[0] == "tamer"
    assert roses("single", n=1, seed=7)[0] == "single"


@pytest.mark.parametrize(
    ("host", "given", "why"),
    [
        ("smaller", {"resolution": "2K"}, "smaller:rose-1 was not asked: "),
        ("tamer", {"options": {"thorns": "many"}}, "tamer:rose-1 was not asked: thorns"),
        ("tamer", {"native": {"petals": 5}}, "the native fields petals are words of first alone"),
        ("single", {"n": 2, "seed": 7}, "the seed would count on from call to call otherwise"),
        (
            "tamer",
            {"options": {"thorns": "many"}, "on_unsupported": "drop"},
            "tamer:rose-1 was not asked: thorns",
        ),
        (
            "smaller",
            {"resolution": "2K", "on_unsupported": "adapt"},
            "smaller:rose-1 was not asked: ",
        ),
    ],
)
def test_what_would_be_another_request_is_not_made(
    roses: Any, host: str, given: dict[str, Any], why: str
) -> None:
    made_at, notes = roses(host, **given)
    assert not made_at
    assert why in notes


def test_native_fields_are_the_words_of_every_instance_of_a_host(drawn: dict[str, Any]) -> None:
    with Loopback(Answer(json=drawn)) as server:
        hosts = {
            "first": HostSettings(base_url="http://127.0.0.1:1"),
            "again": HostSettings(base_url=server.url, kind="first"),
        }
        alias = Alias("rose-1", hosts=("first", "again"), failover=True)
        config = Config(models={"poster": alias}, hosts=hosts)
        with Client(config=config, plugins=Plugins.of(Roses()), environment={}) as client:
            result = client.generate("a rose", model="poster", native={"petals": 5})
    assert result.host == "again"
    assert b'"petals": 5' in server.seen[0].body or b'"petals":5' in server.seen[0].body


def test_a_request_that_its_first_host_can_not_take_is_its_callers_mistake(make: Make) -> None:
    with Upstreams() as upstreams, pytest.raises(InvalidRequest):
        make(upstreams).generate("a heron", model="poster", size="3x3")


# --- all ways, side by side ------------------------------------------------------------------


def test_every_way_is_told_with_its_price_and_what_it_changes(make: Make) -> None:
    with Upstreams() as upstreams:
        client = make(upstreams, alias={"hosts": ("token360", "powertokens", "ark")})
        ways = client.ways("a heron", model="poster", n=2)
    assert [way.host for way in ways] == ["token360", "powertokens", "ark"]
    assert all(way.takes_it and way.plan is not None for way in ways)
    assert [way.address for way in ways][:2] == ["token360:poster", "powertokens:poster"]
    assert ways[0].changes == ()
    assert any(change.startswith("costs ") for way in ways for change in way.changes)


def test_a_way_that_does_not_take_it_says_why_not() -> None:
    alias = Alias("rose-1", hosts=("first", "tamer"), failover=True)
    with Client(
        config=Config(models={"poster": alias}), plugins=Plugins.of(Roses()), environment={}
    ) as client:
        first, other = client.ways("a rose", model="poster", options={"thorns": "many"})
    assert first.takes_it
    assert "thorns" in other.why_not
    assert other.plan is not None
    assert other.plan.problems
