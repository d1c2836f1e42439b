"""A request is a caller's: it is made once for each `idem`, by whichever way it comes."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from imagekit import Charged, JournalError, UsageError
from imagekit_store import AskedAlready, AskedOtherwise, Caller, RequestState

MODEL = "powertokens:seedream-4.5"
ONE, OTHER = "1" * 64, "2" * 64


def bought(store, client, id, caller, **asked):
    """The result of a request of a caller's."""
    with store.on_behalf(id, caller):
        return client.generate("a corgi", **{"model": MODEL, "id": id, **asked})


def refused(store, client, id, caller, **asked):
    """Why it was not made."""
    with pytest.raises(JournalError) as caught:
        bought(store, client, id, caller, **asked)
    assert caught.value.charged is Charged.NO
    return caught.value.__cause__


def test_what_a_process_buys_on_behalf_of_a_caller_is_the_caller_s(store, clients):
    client = clients(store)
    bought(store, client, "hers", Caller("ada"))
    client.generate("a heron", model=MODEL, id="nobodys")
    assert store.request("hers", key="ada").state == RequestState.DONE
    assert store.request("nobodys").key == ""


def test_the_same_request_is_bought_once(store, clients, upstreams):
    client, caller = clients(store), Caller("ada", "order-7")
    bought(store, client, "first", caller)
    why = refused(store, client, "second", caller)
    assert isinstance(why, AskedAlready)
    assert why.id == "first"
    bought(store, client, "his", Caller("bob", "order-7"))
    assert [entry.id for entry in store.requests()] == ["his", "first"]
    assert len(upstreams.ledger.entries) == 2


def test_the_same_request_is_bought_once_by_threads_that_race(store, clients, upstreams):
    client, caller = clients(store), Caller("ada", "order-7")

    def buy(number):
        try:
            return bought(store, client, f"r{number}", caller)
        except JournalError as error:
            return error.__cause__.id

    with ThreadPoolExecutor(8) as threads:
        told = [*threads.map(buy, range(8))]
    (entry,) = store.requests()
    assert told.count(entry.id) == 7
    assert len(upstreams.ledger.entries) == 1


def test_another_thing_under_the_same_name_is_refused(store, clients, upstreams):
    client = clients(store)
    bought(store, client, "first", Caller("ada", "order-7", ONE))
    other = Caller("ada", "order-7", OTHER)
    assert isinstance(refused(store, client, "second", other), AskedOtherwise)
    with pytest.raises(AskedOtherwise, match="'order-7' something else"):
        store.ask("a heron", model=MODEL, caller=other)
    for same in (ONE, None):
        why = refused(store, client, "third", Caller("ada", "order-7", same))
        assert why.id == "first"
    assert len(upstreams.ledger.entries) == 1


def test_what_was_asked_and_what_is_bought_are_the_same_request(store, clients, finish, upstreams):
    caller = Caller("ada", "order-7", ONE)
    id = store.ask("a corgi", model=MODEL, caller=caller)
    assert refused(store, clients(store), "second", caller).id == id
    finish(store)
    assert store.ask("a corgi", model=MODEL, caller=caller) == id
    assert store.request(id).key == "ada"
    assert len(upstreams.ledger.entries) == 1


def test_all_calls_of_a_request_are_made_or_none(store, clients, upstreams):
    client, caller = clients(store), Caller("ada", "order-7")
    result = bought(store, client, "first", caller, n=3, on_unsupported="adapt")
    calls = len(upstreams.ledger.entries)
    assert (len(result.images), len(store.request("first").attempts)) == (3, calls)
    assert isinstance(refused(store, client, "second", caller, n=3), AskedAlready)
    assert len(upstreams.ledger.entries) == calls


def test_calls_of_one_request_may_be_made_by_several_threads_and_are_one_caller_s(store):
    with store.on_behalf("one", Caller("ada")), store.on_behalf("one", Caller("ada")):
        bobs = store.on_behalf("one", Caller("bob"))
        with pytest.raises(UsageError, match="one is another caller's at this moment"), bobs:
            pass
    with store.on_behalf("one", Caller("bob")) as behalf:
        assert behalf.standing is None


def test_a_request_is_found_by_what_makes_it_the_same(store):
    id = store.ask("a corgi", model=MODEL, caller=Caller("ada", "order-7"))
    assert store.same("ada", "order-7").id == id
    assert store.same("ada", "order-8") is store.same("bob", "order-7") is None


def test_the_newest_request_is_found_that_asked_for_the_same(store):
    for key in ("ada", "ada", "bob"):
        last = store.ask("a corgi", model=MODEL, caller=Caller(key, digest=ONE))
    asked = [entry.id for entry in store.requests(key="ada")]
    assert store.repeated("ada", ONE, within=60).id == asked[0] != last
    assert store.repeated("ada", ONE, within=timedelta(hours=1)).id == asked[0]
    assert store.repeated("ada", OTHER, within=60) is None
    assert store.repeated("ada", ONE, within=-60) is None


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"key": None}, "key is text"),
        ({"key": "a\0b"}, "key is text without NUL"),
        ({"idem": "\ud800"}, "idem is text without NUL and lone surrogates"),
        ({"digest": "abc"}, "digest: 'abc' is no sha256"),
        ({"digest": b""}, "digest: b'' is no sha256"),
    ],
)
def test_who_is_no_caller_is_told_why(given, why):
    with pytest.raises(UsageError, match=why):
        Caller(**given)


def test_a_refusal_crosses_processes():
    assert pickle.loads(pickle.dumps(AskedAlready("it is here", "r1"))).id == "r1"
