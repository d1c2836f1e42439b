"""What a process that is gone has left is taken up by others; what it may have bought is not
bought again."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from imagekit import Charged, OutcomeUnknown, UsageError
from imagekit_sandbox.serving import Rule, Upstreams
from imagekit_store import Caller, RequestState, State, Store, Worker
from imagekit_store.schema.tables import ATTEMPTS


def leave(store, state: str, **values) -> None:
    """As if the process that holds every attempt were gone, having brought it so far."""
    lapsed = {"state": state, "holder": "gone", "due": 1.0, **values}
    store.write(lambda connection: connection.execute(update(ATTEMPTS).values(**lapsed)))


def test_a_call_whose_process_died_while_it_was_sent_is_unknown_and_never_sent_again(
    store, finish, upstreams
):
    id = store.ask("a corgi", model="powertokens:seedream-4.5")
    leave(store, "sending", host="powertokens", model="seedream-4.5")
    finish(store)
    entry = store.request(id)
    assert (entry.state, entry.attempts[0].charged) == (RequestState.UNKNOWN, Charged.MAYBE)
    assert not upstreams.ledger.entries


def test_a_call_that_nobody_has_sent_is_sent_by_another(store, finish, upstreams):
    id = store.ask("a corgi", model="powertokens:seedream-4.5")
    leave(store, "queued")
    finish(store)
    assert store.request(id).state == RequestState.DONE
    assert len(upstreams.ledger.entries) == 1


def test_who_gives_up_the_calls_of_the_dead_does_not_wait_for_another_who_does(
    postgresql, tmp_path
):
    """Two who each have what the other waits for would both get nowhere."""
    import psycopg

    with psycopg.connect(postgresql, autocommit=True) as admin:
        name = admin.info.dbname
        admin.execute(f"alter database {name} set lock_timeout = '1s'")
    with Store(postgresql, pictures=str(tmp_path)) as store:
        ids = [store.ask("a corgi", model="powertokens:seedream-4.5") for _ in range(2)]
        leave(store, "sending")
        with psycopg.connect(postgresql) as other:
            other.execute("select id from attempts where id = %s for update", [ids[0]])
            store.write(store.ledger.lapse, patience=0)
            states = [store.request(id).attempts[0].state for id in ids]
        assert states == [State.SENDING, State.UNKNOWN]


def test_links_of_an_answer_are_fetched_by_another(store, clients, finish, upstreams):
    clients(store).generate("a corgi", model="powertokens:seedream-4.5", fetch=False)
    (entry,) = store.requests()
    assert (entry.attempts[0].state, entry.pictures[0].is_kept) == (State.ANSWERED, False)
    finish(store)
    (entry,) = store.requests()
    assert entry.state == RequestState.DONE
    assert store.picture(entry.id).pixels == (entry.pictures[0].width, entry.pictures[0].height)


@pytest.mark.parametrize("given", [{}, {"native": {"external_task_id": "marsh-7"}}])
def test_a_lost_answer_at_kling_is_found_by_its_name(opened, given):
    from imagekit import Client

    store = opened()
    with Upstreams([Rule("lost", operation="generate")]) as upstreams:
        client = Client(config=upstreams.configuration(), journal=store)
        id = store.ask("a corgi", model="klingai:kling-v3", **given)
        worker = Worker(store, client)
        while worker.once(horizon=float("inf")):
            pass
        entry = store.request(id)
        assert entry.state == RequestState.DONE
        assert entry.attempts[0].name == ("marsh-7" if given else f"imagekit-{id}")
        assert len(upstreams.ledger.entries) == 1
        client.close()


def test_a_late_answer_counts_though_its_lease_has_passed(store, clients, upstreams):
    """Another process has called it unknown meanwhile: the picture says better."""
    original = store.answered

    def late(purchase, result, more):
        leave(store, "unknown")
        original(purchase, result, more)

    store.answered = late
    clients(store).generate("a corgi", model="powertokens:seedream-4.5", id="late")
    assert store.request("late").state == RequestState.DONE


def test_a_lost_answer_without_a_way_back_is_listed(opened):
    from imagekit import Client

    store = opened()
    with (
        Upstreams([Rule("lost", operation="generate")]) as upstreams,
        Client(config=upstreams.configuration(), journal=store) as client,
        pytest.raises(OutcomeUnknown),
    ):
        client.generate("a corgi", model="powertokens:seedream-4.5")
    (entry,) = store.requests(state="unknown")
    assert entry.attempts[0].charged is Charged.MAYBE
    assert entry.error["type"] == "OutcomeUnknown"


@pytest.mark.parametrize("only", ["key", "model", "host", "prompt"])
@pytest.mark.parametrize(
    "text",
    [5, ["a"], "half \ud800", "a\0b", "%" * 30_000],
    ids=["number", "list", "surrogate", "NUL", "long"],
)
def test_what_no_database_looks_for_is_refused(store, only, text):
    with pytest.raises(UsageError, match=f"{only} is a text of at most 5,000 characters"):
        store.requests(**{only: text})


def test_as_long_a_text_as_is_allowed_is_looked_for(store):
    id = store.ask("%" * 5_000, model="sandbox:seedream-4.5")
    assert [entry.id for entry in store.requests(prompt="%" * 5_000)] == [id]


def test_searching_and_pages(store):
    ids = [store.ask(f"an ÄPFEL tree {n} 100%", model="x:y", caller=Caller("k")) for n in range(5)]
    store.ask("a corgi", model="x:y", caller=Caller("other"))
    page = store.requests(key="k", prompt="äpfel", limit=2)
    assert ([entry.id for entry in page], page.more) == (ids[:2:-1], True)
    page = store.requests(key="k", after=ids[3], limit=10)
    assert ([entry.id for entry in page], page.more) == (ids[2::-1], False)
    assert len(store.requests(prompt="0%")) == 5
    assert not store.requests(until="2020-01-01")
    assert len(store.requests(since="2020-01-01", state="queued")) == 6
