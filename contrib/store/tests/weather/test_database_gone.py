"""The database goes away in the middle of paid calls, and comes back."""

from __future__ import annotations

import logging
import sqlite3
import threading
from decimal import Decimal

import psycopg
import pytest

from imagekit import Charged, Cost, JournalError, LimitReached
from imagekit_store import (
    Caller,
    Keys,
    Limits,
    RequestState,
    State,
    Store,
    StoreUnavailable,
    Worker,
)
from imagekit_store.database import engines

JOB = "klingai:kling-v3"
LINK = "powertokens:seedream-4.5"
INLINE = "gemini:nano-banana-pro"


# --- it is away for a while ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "model"), [("accepted", JOB), ("answered", INLINE), ("answered", LINK), ("kept", LINK)]
)
def test_what_comes_meanwhile_is_kept_once_it_is_back(
    step, model, far, line, meanwhile, clients, finish, upstreams
):
    meanwhile(far, step, line.cut, line.mend)
    clients(far).begin("a corgi", model=model, id="one")
    finish(far)
    entry = far.request("one")
    assert (entry.state, entry.attempts[0].state) == (RequestState.DONE, State.STORED)
    assert far.picture("one").pixels
    assert len(upstreams.ledger.entries) == 1


def test_what_comes_while_the_server_lets_nobody_in_is_kept_once_it_does(
    postgresql, server, opened_at, meanwhile, clients, upstreams
):
    store, name = opened_at(postgresql), postgresql.partition("?")[0].rpartition("/")[2]
    admin = psycopg.connect(server("postgres"), autocommit=True)

    def shut() -> None:
        admin.execute(f"alter database {name} allow_connections false")
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
        )

    with admin:
        meanwhile(
            store,
            "answered",
            shut,
            lambda: admin.execute(f"alter database {name} allow_connections true"),
        )
        clients(store).generate("a corgi", model=LINK, id="one")
        assert store.request("one").state == RequestState.DONE
    assert len(upstreams.ledger.entries) == 1


def test_nothing_is_sent_that_can_not_be_written_down(far, line, clients, upstreams):
    client = clients(far)
    line.cut()
    with pytest.raises(JournalError, match=r"nothing was sent: the store .* can't be used") as told:
        client.generate("a corgi", model=LINK, id="one")
    assert told.value.charged is Charged.NO
    assert not upstreams.ledger.entries
    line.mend()
    client.generate("a corgi", model=LINK, id="one")
    assert far.request("one").state == RequestState.DONE


def test_a_question_meanwhile_is_answered_with_a_sentence(far, line):
    line.cut()
    with pytest.raises(StoreUnavailable, match="can't be used"):
        far.requests()
    with pytest.raises(StoreUnavailable, match="can't be used"):
        far.ask("a corgi", model=LINK)
    line.mend()
    assert not far.requests()


def test_workers_outlive_it(far, line, clients, upstreams, caplog):
    """Also those who find nothing to do meanwhile."""
    stop, gone = threading.Event(), threading.Event()

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            gone.set()

    handler = Heard(logging.WARNING)
    logging.getLogger("imagekit.store").addHandler(handler)
    worker = Worker(far, clients(far), threads=2)
    working = threading.Thread(target=worker.run, args=(stop,))
    working.start()
    line.cut()
    gone.wait()
    line.mend()
    logging.getLogger("imagekit.store").removeHandler(handler)
    id = far.ask("a corgi", model=LINK)
    assert far.wait(id, timeout=60).state == RequestState.DONE
    stop.set()
    working.join()
    assert len(upstreams.ledger.entries) == 1


def test_what_was_given_up_is_unknown_and_its_picture_is_given_to_the_program(
    far, line, impatient, meanwhile, clients, finish, upstreams
):
    meanwhile(far, "answered", line.cut)
    with pytest.raises(JournalError, match=r"the call goes on, but .* could not note it") as told:
        clients(far).generate("a corgi", model=LINK, id="one", fetch=False)
    assert told.value.result.image.url
    assert told.value.charged is Charged.YES
    line.mend()
    assert far.wait("one", timeout=60).state == RequestState.UNKNOWN
    finish(far)
    assert len(upstreams.ledger.entries) == 1


# --- a commit comes through, and its answer does not ---------------------------------------------


def test_a_call_is_sent_once_whose_row_may_have_been_written(far, line, clients, upstreams):
    line.commits = 0
    clients(far).generate("a corgi", model=LINK, id="one")
    assert far.request("one").state == RequestState.DONE
    assert len(upstreams.ledger.entries) == 1


@pytest.mark.parametrize(
    "named", [{}, {"id": "one"}, {"caller": Caller(idem="mine")}], ids=lambda named: [*named]
)
def test_a_request_is_asked_for_once_that_may_have_been_written(named, far, line):
    line.commits = 0
    id = far.ask("a corgi", model=LINK, **named)
    assert line.commits is None
    assert [entry.id for entry in far.requests()] == [id]


def test_a_request_counts_once_that_may_have_been_written(far, line, clients, upstreams):
    limits = Limits(rpm=2, budget="0.8")
    Keys(far).add("ada", limits=limits)
    caller = Caller("ada", limits=limits, estimate=Cost("0.4", "USD"))
    line.commits = 0
    far.ask("a corgi", model=LINK, caller=caller)
    line.commits = 0
    with far.on_behalf("one", caller):
        clients(far).begin("a corgi", model=JOB, id="one")
    assert Keys(far).named("ada").spent == Decimal("0.8")
    assert len(upstreams.ledger.entries) == 1
    with pytest.raises(LimitReached):
        far.ask("a heron", model=LINK, caller=caller)


@pytest.mark.parametrize("commits", range(8))
def test_whichever_commit_s_answer_is_lost_a_worker_brings_each_picture_once(
    commits, far, line, clients, upstreams
):
    id = far.ask("herons", model=LINK, n=2)
    line.commits = commits
    Worker(far, clients(far), threads=1).run(until_idle=True)
    entry = far.request(id)
    assert entry.state == RequestState.DONE, entry
    assert [picture.is_kept for picture in entry.pictures] == [True, True]
    assert len(upstreams.ledger.entries) == 2


def test_two_threads_do_not_both_send_a_call_whose_row_is_there(far, line, clients, upstreams):
    """The second is told so, also where the answer to its own commit is lost."""
    client, told = clients(far), []

    def buy() -> None:
        try:
            client.generate("a corgi", model=LINK, id="one")
        except JournalError as error:
            told.append(error)

    line.commits = 0
    threads = [threading.Thread(target=buy) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 7
    assert all("not bought twice" in str(error) for error in told)
    assert far.request("one").state == RequestState.DONE
    assert len(upstreams.ledger.entries) == 1


# --- somebody else holds a lock ------------------------------------------------------------------


@pytest.fixture
def locked(url):
    """While somebody stands still in the middle of a transaction."""
    if url.startswith("sqlite"):
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        begin = ["begin immediate"]
    else:
        other = psycopg.connect(url)
        begin = ["lock table attempts in access exclusive mode"]

    def lock() -> None:
        for words in begin:
            other.execute(words)

    yield lock
    other.close()


def test_a_lock_that_is_never_given_back_stops_calls_before_they_are_sent(
    monkeypatch, url, locked, opened, clients, upstreams
):
    monkeypatch.setattr(engines, "LOCKED", 1)
    store = opened()
    locked()
    with pytest.raises(JournalError, match="lock") as told:
        clients(store).generate("a corgi", model=LINK)
    assert told.value.charged is Charged.NO
    assert not upstreams.ledger.entries


# --- the file of an SQLite database --------------------------------------------------------------


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_nothing_is_written_into_a_file_that_nobody_sees(how, tmp_path, clients, upstreams):
    path = tmp_path / "store.db"
    with Store(f"sqlite:///{path}") as store:
        client = clients(store)
        client.generate("a corgi", model=LINK, id="one")
        for file in tmp_path.glob("store.db*"):
            file.rename(file.with_name(f"old-{file.name}"))
        if how == "removed":
            with pytest.raises(JournalError, match="its file is gone") as told:
                client.generate("a heron", model=LINK)
            assert told.value.charged is Charged.NO
            assert not path.exists()
        else:
            Store(f"sqlite:///{path}").close()
            client.generate("a heron", model=LINK, id="two")
            with Store(f"sqlite:///{path}") as other:
                assert [entry.id for entry in other.requests()] == ["two"]
    assert len(upstreams.ledger.entries) == (1 if how == "removed" else 2)
