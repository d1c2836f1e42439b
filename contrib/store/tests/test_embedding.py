"""`Client(journal=Store(...))` and nothing else; requests that workers answer."""

from __future__ import annotations

import hashlib

import pytest

from imagekit import Alias, Charged, UsageError
from imagekit_store import Caller, NoSuchRequest, RequestState, State, Worker


def test_a_call_of_a_client_is_found_again(store, clients, upstreams):
    result = clients(store).generate("a corgi", model="powertokens:seedream-4.5", size="2048x2048")
    (entry,) = store.requests()
    assert (entry.state, entry.prompt, entry.host) == (RequestState.DONE, "a corgi", "powertokens")
    (attempt,), (picture,) = entry.attempts, entry.pictures
    assert (attempt.state, attempt.charged) == (State.STORED, Charged.YES)
    measured = (result.image.media_type, result.image.pixels)
    assert (picture.media_type, (picture.width, picture.height)) == measured
    assert picture.url is None
    assert store.picture(entry.id).read() == result.image.read()
    assert picture.sha256 == hashlib.sha256(result.image.read()).hexdigest()


def test_a_kept_picture_has_thumbnails(store, clients, upstreams):
    clients(store).generate("a corgi", model="powertokens:seedream-4.5", id="mine")
    small = store.thumbnail("mine", longest=128)
    assert (small.media_type, max(small.pixels)) == ("image/webp", 128)
    assert small.read() == store.thumbnail("mine", longest=128).read()
    with pytest.raises(UsageError, match="128, 256, 512, 1024 pixels"):
        store.thumbnail("mine", longest=100)
    with pytest.raises(LookupError, match="no picture 1 that is kept"):
        store.thumbnail("mine", 1)
    with pytest.raises(NoSuchRequest):
        store.thumbnail("mine", key="another's")


@pytest.mark.parametrize(
    "model", ["powertokens:seedream-4.5", "klingai:kling-v3", "token360:seedream-4.5"]
)
def test_a_request_is_answered_by_a_worker(model, store, finish, upstreams):
    id = store.ask("a heron", model=model)
    assert store.request(id).state == RequestState.QUEUED
    finish(store)
    entry = store.wait(id, timeout=0)
    assert entry.state == RequestState.DONE, entry
    assert store.picture(id).pixels
    assert len(upstreams.ledger.entries) == 1


def test_what_an_alias_says_counts_for_a_worker_as_well(store, clients, upstreams):
    """Its defaults, at the host that it was planned for."""
    poster = Alias("seedream-4.0", hosts=("token360",), defaults={"size": "1024x1536"})
    client = clients(store, {"poster": poster})
    id = store.ask("a corgi", model="poster")
    Worker(store, client, threads=1).run(until_idle=True)
    (picture,) = store.request(id).pictures
    assert (picture.width, picture.height) == (1024, 1536)


def test_each_paid_call_of_a_request_has_a_row(store, clients, upstreams):
    id = store.ask("herons", model="powertokens:seedream-4.5", n=3)
    Worker(store, clients(store), threads=3).run(until_idle=True)
    entry = store.request(id)
    assert [attempt.id for attempt in entry.attempts] == [f"{id}-{number}" for number in (1, 2, 3)]
    assert [picture.place for picture in entry.pictures] == [0, 1, 2]
    assert len(upstreams.ledger.entries) == 3


def test_a_request_that_no_host_can_take_fails_and_is_free(store, clients, upstreams):
    id = store.ask("a heron", model="powertokens:seedream-4.5", size="10x10")
    Worker(store, clients(store)).run(until_idle=True)
    entry = store.request(id)
    assert (entry.state, entry.attempts[0].charged) == (RequestState.FAILED, Charged.NO)
    assert "size" in entry.error["message"]
    assert not upstreams.ledger.entries


def test_a_call_of_the_same_id_is_not_sent_again(store, clients, upstreams):
    client = clients(store)
    client.generate("a corgi", model="powertokens:seedream-4.5", id="mine")
    with pytest.raises(Exception, match="not bought twice"):
        client.generate("a corgi", model="powertokens:seedream-4.5", id="mine")
    assert store.request("mine").state == RequestState.DONE
    assert len(upstreams.ledger.entries) == 1


def test_a_worker_s_client_has_to_tell_its_store(store, clients, upstreams, opened):
    with pytest.raises(UsageError, match="journal=store"):
        Worker(store, clients(opened()))


@pytest.mark.parametrize("id", ["nothing", "", "a\0b", "é" * 300, "../../etc"])
def test_there_is_no_such_request(store, id):
    with pytest.raises(NoSuchRequest, match="no request"):
        store.request(id)


def test_the_same_request_is_asked_for_once(store):
    """Where a name is given that makes it the same; another key's name is another's."""
    first = store.ask("a stork", model="x:y", caller=Caller("k", "order-7"))
    assert store.ask("a stork", model="x:y", caller=Caller("k", "order-7")) == first
    assert store.ask("a stork", model="x:y", caller=Caller("other", "order-7")) != first
    assert len(store.requests()) == 2


def test_an_id_is_asked_for_once(store):
    store.ask("a stork", model="x:y", id="mine", caller=Caller(idem="order-7"))
    for idem in (None, "order-8"):
        with pytest.raises(UsageError, match="a request of the id mine already"):
            store.ask("a crane", model="x:y", id="mine", caller=Caller(idem=idem))


def test_what_a_program_raises_when_it_is_told_ends_the_work_of_all_threads(store, clients):
    def told(entry):
        raise RuntimeError(f"no room for {entry.id}")

    id = store.ask("a corgi", model="powertokens:seedream-4.5")
    worker = Worker(store, clients(store), threads=3, told=told)
    with pytest.raises(RuntimeError, match=f"no room for {id}"):
        worker.run()
    assert store.request(id).state == RequestState.DONE
