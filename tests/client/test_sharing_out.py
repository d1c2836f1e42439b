"""Several hosts as one: who is asked, by who is busy, full or resting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from attrs import evolve
from imagekit_sandbox.serving import Rule, Upstreams

from imagekit import Alias, Budget, Client, InProcess, LimitReached, Plugins, RateLimited, events

Make = Callable[..., Client]


@pytest.fixture(scope="module")
def installed() -> Plugins:
    return Plugins.load({})


@pytest.fixture
def upstreams() -> Iterator[Upstreams]:
    with Upstreams() as upstreams:
        yield upstreams


@pytest.fixture
def make(upstreams: Upstreams, installed: Plugins) -> Iterator[Make]:
    """``make(alias={...}, one={...})``: its alias ``poster`` is two keys of one host, and
    ``while_sent`` is done while a request of the first call is under way."""
    clients: list[Client] = []

    def client(
        *,
        alias: dict[str, Any],
        one: dict[str, Any] | None = None,
        while_sent: Callable[[Client], object] | None = None,
        **options: Any,
    ) -> Client:
        own = upstreams.configuration().hosts["token360"]
        hosts = {
            "token360": evolve(own, **(one or {})),
            "another": evolve(own, kind="token360"),
        }
        poster = Alias("seedream-4.5", hosts=("token360", "another"), **alias)
        config = evolve(upstreams.configuration(), models={"poster": poster}, hosts=hosts)
        waiting = [while_sent] if while_sent else []

        def watch(event: events.Event) -> None:
            if isinstance(event, events.Sending) and event.step == "generate" and waiting:
                thread = Thread(target=waiting.pop(), args=(clients[-1],))
                thread.start()
                thread.join()

        clients.append(
            Client(
                config=config,
                plugins=installed,
                environment={},
                observers=[watch],
                sleep=lambda _: None,
                **options,
            )
        )
        return clients[-1]

    yield client
    for one in clients:
        one.close()


def asked(client: Client) -> str:
    return client.generate("a heron", model="poster").host


def test_the_first_is_asked_as_long_as_it_has_room(make: Make) -> None:
    second: list[str] = []
    client = make(
        alias={"balance": "order"},
        one={"at_once": 1},
        while_sent=lambda client: second.append(asked(client)),
    )
    assert asked(client) == "token360"
    assert second == ["another"]
    assert asked(client) == "token360"


def test_the_least_busy_is_asked(make: Make) -> None:
    second: list[str] = []
    client = make(
        alias={"balance": "least-busy"},
        while_sent=lambda client: second.append(asked(client)),
    )
    assert asked(client) == "token360"
    assert second == ["another"]


def test_without_balance_all_go_to_the_first(make: Make) -> None:
    second: list[str] = []
    client = make(alias={}, while_sent=lambda client: second.append(asked(client)))
    assert [asked(client), *second] == ["token360", "token360"]


def test_who_is_asked_in_place_of_the_first_is_told(make: Make) -> None:
    told: list[tuple[str, ...]] = []
    client = make(
        alias={"balance": "least-busy"},
        while_sent=lambda client: told.append(client.generate("a", model="poster").notes),
    )
    client.generate("a heron", model="poster")
    why = "token360:seedream-4.5 rests, or has no room or more to do now; another:seedream-4.5"
    assert told[0][0].startswith(why)


def test_a_host_that_has_said_wait_is_left_alone(make: Make) -> None:
    """Until the time that it named; the next call does not ask it first."""
    with Upstreams([Rule("429:60", host="token360", times=1)]) as busy:
        well = busy.configuration().hosts["token360"]
        client = make(alias={"failover": True}, hosts={"token360": well})
        assert asked(client) == "another"
        assert asked(client) == "another"
    assert len(busy.journal.entries) == 1


def test_balance_alone_asks_nobody_else_after_a_failure(make: Make) -> None:
    with Upstreams([Rule("429", host="token360")]) as busy:
        well = busy.configuration().hosts["token360"]
        client = make(alias={"balance": "order"}, hosts={"token360": well})
        with pytest.raises(RateLimited):
            client.generate("a heron", model="poster")


# --- what is told beforehand is what happens -----------------------------------------------------


SMALL = Budget("0.01", "USD")
PRICED = {"unknown_price": "0.05 USD"}


def ways(client: Client) -> list[tuple[str, bool, bool]]:
    """Who would be asked, in order; whether it is the one, and whether it rests."""
    found = client.ways("a heron", model="poster")
    return [(way.host, way.is_asked, way.standing.rests > 0) for way in found]


def test_of_a_host_that_rests_it_is_told_beforehand_who_is_asked_instead(make: Make) -> None:
    shared = InProcess()
    client = make(alias={"failover": True}, sharing=shared)
    shared.rest("token360", 60)
    assert ways(client) == [("another", True, False), ("token360", False, True)]
    assert asked(client) == "another"


def test_where_nobody_else_may_be_asked_a_host_that_rests_is(make: Make) -> None:
    shared = InProcess()
    client = make(alias={"failover": False}, sharing=shared, one={"rpm": 60})
    shared.rest("token360", 60)
    assert ways(client) == [("token360", True, True), ("another", False, False)]
    assert asked(client) == "token360"


def test_of_a_budget_that_is_used_up_it_is_told_beforehand(make: Make) -> None:
    one = make(alias={"failover": True}, one={"budget": SMALL}, **PRICED)
    assert [way[:2] for way in ways(one)] == [("another", True), ("token360", False)]
    none = make(alias={"failover": True, "budget": SMALL}, **PRICED)
    first, *_ = found = none.ways("a heron", model="poster")
    assert not any(way.is_asked for way in found)
    with pytest.raises(LimitReached) as caught:
        none.generate("a heron", model="poster")
    assert first.no_room == caught.value.message


def test_who_looks_takes_nothing(make: Make) -> None:
    shared = InProcess()
    client = make(alias={"failover": True, "budget": Budget("1", "USD")}, sharing=shared, **PRICED)
    shared.rest("token360", 0)
    assert client.ways("a heron", model="poster")[0].standing.on_trial
    assert client.spent() == {"models.poster": 0}
    assert asked(client) == "token360", "it may still be tried"
    assert client.spent()["models.poster"] > 0
