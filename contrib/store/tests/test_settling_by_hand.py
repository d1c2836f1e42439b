"""A person says what became of a call of which nobody knows; a picture that comes knows better."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import update

from imagekit import Charged, Cost, OutcomeUnknown, UsageError
from imagekit.cli import exits
from imagekit_sandbox.serving import Rule
from imagekit_store import Caller, Keys, Limits, NoSuchRequest, NotUnknown, RequestState, State
from imagekit_store.schema.tables import ATTEMPTS

MODEL = "powertokens:seedream-4.5"
lost = pytest.mark.parametrize("upstreams", [[Rule("lost")]], indirect=True)


def give_up(store, **values) -> None:
    """As if every call had been given up by the process that sent it."""
    unknown = {"state": "unknown", "charged": "maybe", "holder": None, "due": None, **values}
    store.write(lambda connection: connection.execute(update(ATTEMPTS).values(**unknown)))


def lose(store, client, id: str, **asked: object) -> None:
    """Buy pictures whose answers are lost."""
    with pytest.raises(OutcomeUnknown):
        client.generate("a corgi", model=MODEL, id=id, **asked)
    assert store.request(id).state == RequestState.UNKNOWN


# --- what a person says --------------------------------------------------------------------------


@lost
@pytest.mark.parametrize("charged", [Charged.NO, "yes"])
def test_an_unknown_call_fails_with_what_the_bill_says(charged, store, clients):
    lose(store, clients(store), "one")
    (call,) = store.settle("one", charged=charged, by="Ada", note="invoice 17")
    assert (call.state, call.charged) == (State.FAILED, Charged(charged))
    assert (call.evidence["by"], call.evidence["note"]) == ("Ada", "invoice 17")
    assert call.evidence["at"].endswith("+00:00")
    entry = store.request("one")
    assert (entry.state, entry.attempts) == (RequestState.FAILED, (call,))
    assert entry.finished is not None


@lost
def test_what_was_settled_is_never_sent_again(store, clients, finish, upstreams):
    lose(store, clients(store), "one")
    store.settle("one", charged="no")
    assert not store.waiting()
    finish(store)
    assert len(upstreams.ledger.entries) == 1


@lost
def test_a_request_settles_all_of_its_unknown_calls_and_a_call_itself_alone(store, clients):
    lose(store, clients(store), "three", n=3)
    (second,) = store.settle("three-2", charged="yes")
    assert second.id == "three-2"
    assert store.request("three").state == RequestState.UNKNOWN
    others = store.settle("three", charged="no")
    assert [call.id for call in others] == ["three-1", "three-3"]
    entry = store.request("three")
    assert entry.state == RequestState.FAILED
    assert [call.charged for call in entry.attempts] == ["no", "yes", "no"]


@lost
def test_what_the_bill_says_is_the_cost_of_the_call(store, clients):
    lose(store, clients(store), "one")
    (call,) = store.settle("one", charged="yes", cost=Cost("0.05", "EUR"))
    assert (call.cost, call.currency, call.priced) == (Decimal("0.05"), "EUR", "person")
    (amount,) = store.costs().total.amounts
    assert (amount.cost, amount.by_person, amount.by_list) == (call.cost, call.cost, 0)


@lost
def test_a_budget_counts_what_a_person_says_in_place_of_what_was_expected(store, clients):
    Keys(store).add("hers", limits=Limits(budget="10"))
    caller = Caller("hers", limits=Limits(budget="10"), estimate=Cost("0.50", "USD"))
    with store.on_behalf("one", caller):
        lose(store, clients(store), "one")
    assert Keys(store).named("hers").spent == Decimal("0.50")
    store.settle("one", charged="yes", cost=Cost("0.04", "USD"))
    assert Keys(store).named("hers").spent == Decimal("0.04")


@pytest.mark.parametrize(
    ("charged", "cost", "why"),
    [
        ("no", Cost("0.04", "USD"), "what was not charged has none"),
        ("yes", Cost(None, "USD"), "an amount up to 10,000,000 and its currency"),
        ("yes", Cost("1e9", "USD"), "an amount up to 10,000,000 and its currency"),
        ("yes", Cost("0.04"), "currency: '' is none; one is USD"),
        ("yes", Cost("0.04", "a dollar"), "currency: 'a dollar' is none"),
        ("yes", Cost("0.04", "USD"), "it is that of one call; name one: two-1, two-2"),
    ],
)
@lost
def test_a_cost_that_can_not_be_is_not_taken(charged, cost, why, store, clients):
    lose(store, clients(store), "two", n=2)
    with pytest.raises(UsageError, match=why):
        store.settle("two", charged=charged, cost=cost)
    assert store.request("two").state == RequestState.UNKNOWN
    assert store.settle("two-2", charged="yes", cost=Cost("0.04", "USD"))


def test_only_what_is_unknown_is_settled(store, clients):
    clients(store).generate("a corgi", model=MODEL, id="done")
    store.ask("a heron", model=MODEL, id="waits")
    with pytest.raises(NotUnknown, match="done is stored: only what is unknown is settled"):
        store.settle("done", charged="no")
    with pytest.raises(NotUnknown, match="waits is queued: only what is unknown"):
        store.settle("waits", charged="no")
    assert store.request("done").state == RequestState.DONE


@pytest.mark.parametrize(
    ("id", "charged", "why"),
    [
        ("none", "no", "there is no request 'none'"),
        ("here-2", "no", "the request here has no call 'here-2'"),
        ("here", "maybe", "'maybe' is neither yes nor no"),
        ("here", True, "True is neither yes nor no"),
    ],
)
def test_what_can_not_be_settled_is_told(id, charged, why, store):
    store.ask("a heron", model=MODEL, id="here", caller=Caller("hers"))
    with pytest.raises(UsageError, match=why):
        store.settle(id, charged=charged)


def test_nobody_settles_the_calls_of_another_key(store):
    store.ask("a heron", model=MODEL, id="here", caller=Caller("hers"))
    give_up(store)
    with pytest.raises(NoSuchRequest):
        store.settle("here", charged="no", key="his")
    assert store.settle("here", charged="no", key="hers")


# --- what has come counts for more ---------------------------------------------------------------


def test_where_a_picture_is_here_the_request_is_done(store, clients):
    clients(store).generate("a corgi", model=MODEL, id="one")
    give_up(store)
    (call,) = store.settle("one", charged="yes")
    assert call.state == State.STORED
    assert store.request("one").state == RequestState.DONE


def test_pictures_whose_links_are_known_are_fetched(store, clients, finish, upstreams):
    clients(store).generate("a corgi", model=MODEL, id="one", fetch=False)
    give_up(store)
    (call,) = store.settle("one", charged="yes")
    assert call.state == State.ANSWERED
    finish(store)
    assert store.request("one").state == RequestState.DONE
    assert store.picture("one").pixels
    assert len(upstreams.ledger.entries) == 1


@pytest.mark.parametrize("upstreams", [[Rule("expired")]], indirect=True)
def test_what_a_person_said_of_the_money_stands_where_the_links_are_dead(store, clients, finish):
    clients(store).generate("a corgi", model=MODEL, id="one", fetch=False)
    give_up(store, tries=1_000)
    store.settle("one", charged="no")
    finish(store)
    (call,) = store.request("one").attempts
    assert (call.state, call.charged, call.evidence["by"]) == (State.FAILED, "no", "person")


def settled_meanwhile(store, step: str) -> None:
    """Before this step of a journal is told, its call is given up and settled by a person."""
    original = getattr(store, step)

    def late(purchase, *told):
        give_up(store)
        store.settle(purchase.id, charged="no", note="not on the bill")
        original(purchase, *told)

    setattr(store, step, late)


def test_an_answer_that_comes_late_is_kept(store, clients):
    settled_meanwhile(store, "answered")
    result = clients(store).generate("a corgi", model=MODEL, id="late")
    entry = store.request("late")
    assert (entry.state, entry.attempts[0].charged) == (RequestState.DONE, Charged.YES)
    assert entry.attempts[0].evidence["note"] == "not on the bill"
    assert store.picture("late").read() == result.image.read()


def test_a_late_answer_whose_process_dies_is_fetched_by_another(opened, clients, finish):
    dying, store = opened(), opened()
    settled_meanwhile(dying, "answered")
    dying.kept = lambda purchase, result: None  # as if it had died before it
    clients(dying).generate("a corgi", model=MODEL, id="late", fetch=False)
    assert store.request("late").attempts[0].state == State.ANSWERED
    store.write(lambda rows: rows.execute(update(ATTEMPTS).values(due=1.0)))  # its lease passes
    finish(store)
    assert store.request("late").state == RequestState.DONE


def test_a_job_that_turns_up_late_is_looked_for(store, clients, finish, upstreams):
    settled_meanwhile(store, "accepted")
    pending = clients(store).begin("a corgi", model="klingai:kling-v3", id="late")
    del store.accepted  # the next one is told as ever
    assert store.request("late").attempts[0].state == State.ACCEPTED, pending
    finish(store)
    assert store.request("late").state == RequestState.DONE
    assert len(upstreams.ledger.entries) == 1


# --- the command ---------------------------------------------------------------------------------


@lost
def test_the_command_says_which_calls_it_has_settled(kept, told, clients):
    lose(kept, clients(kept), "abcdef", n=2)
    shown = told("history", "settle", "abcd-2", "--charged", "no", "--note", "not on the bill")
    assert shown == "abcdef-2: failed, not charged\n"
    plain = told("history", "settle", "abcd", "--charged", "yes", "--json")
    assert (plain["settled"], plain["state"]) == (["abcdef-1"], "failed")
    assert [call["charged"] for call in plain["attempts"]] == ["yes", "no"]
    assert plain["attempts"][1]["evidence"]["note"] == "not on the bill"
    assert "not on the bill" in told("history", "show", "abcd")


@lost
def test_the_command_takes_what_it_cost(kept, told, clients):
    lose(kept, clients(kept), "abcdef")
    told("history", "settle", "abcd", "--charged", "yes", "--cost", "0.05 EUR")
    assert "0.05 EUR" in told("history", "costs")
    assert "people" in told("history", "costs")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["abcd", "--charged", "no"], "abcdef is queued: only what is unknown is settled"),
        (["abcd-7", "--charged", "no"], "the request abcdef has no call"),
        (["abcd", "--charged", "maybe"], "'maybe' is not one of"),
        (["abcd", "--charged", "yes", "--cost", "much"], "'much' is no cost; say '0.04 USD'"),
        (["abcd"], "--charged"),
        (["nothing", "--charged", "no"], "there is no request 'nothing'"),
    ],
)
def test_a_slip_is_told_in_a_sentence(kept, told, words, why):
    kept.ask("a heron", model=MODEL, id="abcdef")
    assert why in told("history", "settle", *words, code=exits.USAGE)
