"""A call of a worker that was certainly free goes on at the next host, where its alias says so."""

from __future__ import annotations

import pytest
from attrs import evolve
from sqlalchemy import update

from imagekit import Alias, Budget, Claim, Client, Cost, JournalError, Retry
from imagekit_sandbox.serving import Rule, Upstreams
from imagekit_store import RequestState, State, Worker
from imagekit_store.batch.lines import Line
from imagekit_store.batch.told import result_line
from imagekit_store.schema.tables import ATTEMPTS

HOSTS = ("token360", "powertokens")
BUSY = Rule("429", host="token360")


@pytest.fixture
def at(store):
    """A worker whose client has the alias, at upstreams with these rules."""
    opened = []

    def start(*rules, hosts=HOSTS, failover=True, balance=None, unknown_price=None, **settings):
        upstreams = Upstreams(rules)
        upstreams.__enter__()
        config = upstreams.configuration()
        own = {name: evolve(config.hosts[name], **one) for name, one in settings.items()}
        poster = Alias("seedream-4.5", hosts=hosts, failover=failover, balance=balance)
        hosts = {**config.hosts, **own}
        config = evolve(config, models={"poster": poster}, hosts=hosts, unknown_price=unknown_price)
        client = Client(config=config, journal=store, sharing=store, retry=Retry(1))
        opened.extend((client.close, lambda: upstreams.__exit__(None, None, None)))
        return Worker(store, client), upstreams

    yield start
    for close in opened:
        close()


def bought(upstreams) -> list[str]:
    return [entry.host for entry in upstreams.ledger.entries]


def rounds(worker, most: int = 12) -> None:
    """All that is to be done, without waiting for its time."""
    for _ in range(most):
        worker.once(horizon=float("inf"))


def test_it_is_asked_of_the_next_host_and_bought_there_once(store, at):
    worker, upstreams = at(BUSY)
    id = store.ask("a corgi", model="poster")
    worker.once()
    (call,) = store.request(id).attempts
    assert (call.state, call.host, call.charged) == (State.QUEUED, "powertokens", "no")
    worker.once()  # at once: nobody waits for a host that is busy
    (call,) = store.request(id).attempts
    assert (call.state, call.host) == (State.STORED, "powertokens")
    told = result_line(Line(1, "a", "a corgi", "poster", {}), store.request(id), {})
    body = told["response"]["body"]
    assert (body["host"], body["model"]) == ("powertokens", "seedream-4.5")
    assert "token360:seedream-4.5 failed and was certainly free (RateLimited)" in body["notes"]
    assert call.evidence["host"] == "token360"
    assert call.evidence["error"]["type"] == "RateLimited"
    assert store.request(id).host == "powertokens"
    assert bought(upstreams) == ["powertokens"]


def test_all_that_befell_it_on_the_way_is_noted(store, at):
    worker, _ = at(BUSY, Rule("401", host="powertokens"), hosts=(*HOSTS, "ark"))
    id = store.ask("a corgi", model="poster")
    rounds(worker)
    (call,) = store.request(id).attempts
    assert (call.host, call.state) == ("ark", State.STORED)
    befell = [note for note in call.notes if "certainly free" in note]
    assert befell == [
        "token360:seedream-4.5 failed and was certainly free (RateLimited)",
        "powertokens:seedream-4.5 failed and was certainly free (AuthenticationError)",
    ]
    (line,) = (line for line in call.receipt["lines"] if line["parameter"] == "model")
    assert line["note"].startswith("; ".join(befell))


def test_how_it_is_settled_stands_beside_what_befell_it_before(store, at):
    worker, _ = at(BUSY, Rule("lost", host="powertokens", operation="generate"))
    id = store.ask("a corgi", model="poster")
    rounds(worker)
    store.settle(id, charged="no", note="not on the bill")
    (call,) = store.request(id).attempts
    assert (call.evidence["by"], call.evidence["note"]) == ("person", "not on the bill")
    assert call.evidence["before"]["host"] == "token360"
    assert "token360:seedream-4.5 failed and was certainly free (RateLimited)" in call.notes


@pytest.mark.parametrize("how", [{}, {"failover": None, "balance": "order"}])
def test_a_host_that_rests_is_not_asked_first(how, store, at):
    worker, upstreams = at(**how)
    store.rest("token360", 60)
    id = store.ask("a corgi", model="poster")
    worker.once()
    entry = store.request(id)
    assert (entry.host, bought(upstreams)) == ("powertokens", ["powertokens"])
    told = "token360:seedream-4.5 rested, or had no room or more to do"
    assert told in entry.calls[0].notes[0]


def test_the_least_busy_is_asked(store, at):
    worker, upstreams = at(failover=None, balance="least-busy")
    assert store.claim(Claim("another", "token360")) is None
    store.ask("a corgi", model="poster")
    worker.once()
    store.release("another", None)
    assert bought(upstreams) == ["powertokens"]


def test_another_worker_goes_on_there_when_the_first_is_killed(opened, at):
    worker, upstreams = at(BUSY)
    store = worker.store
    id = store.ask("a corgi", model="poster")
    worker.once()
    claim = store.ledger.claim
    store.write(lambda rows: claim(rows, 1))  # and is killed before it sends it
    gone = update(ATTEMPTS).values(holder="gone", due=1.0)
    store.write(lambda rows: rows.execute(gone))
    rounds(worker)
    assert store.request(id).state == RequestState.DONE
    assert bought(upstreams) == ["powertokens"]


def test_what_may_have_been_charged_goes_nowhere(store, at):
    worker, upstreams = at(Rule("lost", operation="generate", host="token360"))
    id = store.ask("a corgi", model="poster")
    rounds(worker)
    (call,) = store.request(id).attempts
    assert call.host == "token360"
    assert "powertokens" not in bought(upstreams)


def test_a_request_that_is_refused_for_what_it_is_is_shown_to_no_other(store, at):
    worker, upstreams = at(Rule("moderated", host="token360"))
    id = store.ask("a corgi", model="poster")
    rounds(worker)
    assert store.request(id).error["type"] == "Moderated"
    assert "powertokens" not in bought(upstreams)


@pytest.mark.parametrize("model", ["token360:poster", "poster"])
def test_nobody_else_is_asked_where_nothing_says_so(model, store, at):
    worker, upstreams = at(BUSY, failover=model != "poster")
    store.ask("a corgi", model=model)
    rounds(worker)
    assert bought(upstreams) == []


def test_the_last_host_is_asked_again_later(store, at):
    worker, upstreams = at(BUSY, Rule("401", host="powertokens", times=1))
    id = store.ask("a corgi", model="poster")
    rounds(worker)
    assert (store.request(id).state, bought(upstreams)) == (RequestState.FAILED, [])


def test_each_call_of_several_moves_by_itself(store, at):
    worker, upstreams = at(Rule("429", host="token360", times=1))
    id = store.ask("corgis", model="poster", n=2)
    rounds(worker)
    entry = store.request(id)
    assert (entry.state, len(entry.calls)) == (RequestState.DONE, 2)
    assert sorted(bought(upstreams)) == ["powertokens", "token360"]


def test_a_host_whose_budget_is_used_up_is_passed_over(store, at):
    budget = Budget.parse("0.001 USD")
    worker, upstreams = at(hosts=("powertokens", "token360"), powertokens={"budget": budget})
    id = store.ask("a corgi", model="poster")
    rounds(worker)
    assert (store.request(id).state, bought(upstreams)) == (RequestState.DONE, ["token360"])


@pytest.mark.parametrize("period", ["", "/day"])
def test_a_budget_is_never_waited_for(store, at, period):
    """Nor until tomorrow: whoever waits for the request would wait for that."""
    budget = Budget.parse(f"0.001 USD{period}")
    worker, upstreams = at(hosts=("powertokens",), powertokens={"budget": budget})
    id = store.ask("a corgi", model="poster")
    rounds(worker)
    (call,) = store.request(id).attempts
    assert (call.state, call.error["type"], call.charged) == (State.FAILED, "LimitReached", "no")
    assert bought(upstreams) == []


@pytest.mark.parametrize(("budget", "calls"), [("0.06 USD", 0), ("0.08 USD", 2)])
def test_all_calls_of_a_request_fit_a_budget_or_none_is_sent(budget, calls, store, at):
    """Each alone would find room, and a worker sends them one by one."""
    settings = {"powertokens": {"budget": Budget.parse(budget)}}
    worker, upstreams = at(hosts=("powertokens",), failover=None, **settings)
    id = store.ask("corgis", model="poster", n=2)
    rounds(worker)
    assert len(bought(upstreams)) == calls
    assert store.request(id).is_over


def test_a_request_that_one_host_has_made_is_not_made_at_another(store, at):
    """Each of them would be asked under an id of its own."""
    worker, upstreams = at(failover=None, balance="order")
    client = worker.client
    store.rest("token360", 60)
    client.generate("a corgi", model="poster", id="one")
    store.is_well("token360")
    with pytest.raises(JournalError, match="was sent before") as caught:
        client.generate("a corgi", model="poster", id="one")
    assert caught.value.charged == "no"
    assert bought(upstreams) == ["powertokens"]


@pytest.mark.parametrize("limited", [HOSTS, HOSTS[:1]], ids=["both", "the-first"])
def test_what_another_host_has_made_counts_nothing_against_the_first(limited, store, at):
    settings = {name: {"budget": Budget.parse("0.06 USD")} for name in limited}
    worker, upstreams = at(
        Rule("429", host="token360", times=1), unknown_price=Cost("0.05", "USD"), **settings
    )
    for _ in range(2):  # of which the second has room at the first host
        store.ask("a corgi", model="poster")
        rounds(worker)
        store.is_well("token360")
    assert bought(upstreams) == ["powertokens", "token360"]
