"""Several processes with one database: started each by itself, or forked from one that has it."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from imagekit_store import RequestState, StoreUnavailable
from imagekit_store.database import forks

LINK = "powertokens:seedream-4.5"

forking = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


# --- each by itself ------------------------------------------------------------------------------

ASKS_AND_WORKS = """
import os, sys
from imagekit import Client
from imagekit_store import Store, Worker

with Store(os.environ["STORE"], pictures=os.environ["PICTURES"]) as store:
    with Client.from_config(os.environ["OWN"], journal=store) as client:
        for number in range(10):
            store.ask(f"heron {number}", model="powertokens:seedream-4.5")
        Worker(store, client, threads=2).run(until_idle=True)
"""


def test_two_that_ask_and_work_answer_each_request_once(program, store, upstreams):
    both = [program("-c", ASKS_AND_WORKS) for _ in range(2)]
    for one in both:
        said, _ = one.communicate(timeout=120)
        assert (one.returncode, said) == (0, "")
    entries = list(store.requests(limit=100))
    assert [entry.state for entry in entries] == [RequestState.DONE] * 20
    assert len(upstreams.ledger.entries) == 20


STARTS_OTHERS = """
import multiprocessing, os, sys
from imagekit import Client
from imagekit_store import Store

MODEL = "powertokens:seedream-4.5"

def opened():
    store = Store(os.environ["STORE"], pictures=os.environ["PICTURES"])
    return store, Client.from_config(os.environ["OWN"], journal=store)

def draw(name):
    global store, client
    if client is None:  # nothing was inherited
        store, client = opened()
    client.generate(name, model=MODEL, id=name)
    assert store.picture(name).pixels

store = client = None

if __name__ == "__main__":
    how = multiprocessing.get_context(sys.argv[1])
    store, client = opened()
    client.generate("first", model=MODEL, id="first")
    names = ["heron", "stork"]
    children = [how.Process(target=draw, args=[name]) for name in names]
    for child in children:
        child.start()
    client.generate("meanwhile", model=MODEL, id="meanwhile")
    for child in children:
        child.join()
    sys.exit(max(child.exitcode for child in children))
"""


@pytest.mark.parametrize("how", [pytest.param("fork", marks=forking), "spawn"])
def test_multiprocessing_goes_on_with_it_or_opens_it_anew(how, program, tmp_path, store, upstreams):
    (tmp_path / "herons.py").write_text(STARTS_OTHERS)
    parent = program("-W", "ignore", "herons.py", how)
    said, _ = parent.communicate(timeout=120)
    assert (parent.returncode, said) == (0, "")
    entries = list(store.requests(limit=100))
    assert len(entries) == len(upstreams.ledger.entries) == 4
    assert {entry.state for entry in entries} == {RequestState.DONE}


# --- forked --------------------------------------------------------------------------------------


def child(work) -> int:
    """Fork; the child does its work and is gone. Gives its process id."""
    if pid := os.fork():
        return pid
    signal.alarm(60)  # one that hangs must not hang the tests
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)


def code_of(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@forking
def test_children_get_on_whatever_threads_of_their_parent_do_with_it_meanwhile(store):
    stop = threading.Event()

    def busy(number: int) -> None:
        count = 0
        while not stop.is_set():
            count += 1
            store.ask("a heron", model=LINK, id=f"parent{number}x{count}")
            store.requests(limit=1)

    threads = [threading.Thread(target=busy, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        ids = [f"child{number}" for number in range(10)]
        for id in ids:
            assert code_of(child(lambda: store.ask("a heron", model=LINK, id=id))) == 0  # noqa: B023
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert [store.request(id).state for id in ids] == [RequestState.QUEUED] * 10


@forking
def test_a_child_buys_pictures_of_its_own_and_leaves_its_parent_s_calls_alone(
    store, clients, upstreams
):
    client = clients(store)
    client.generate("first", model=LINK, id="first")
    ids = [f"heron{number}" for number in range(4)]
    children = [child(lambda: client.generate(id, model=LINK, id=id)) for id in ids]  # noqa: B023
    client.generate("meanwhile", model=LINK, id="meanwhile")
    assert [code_of(one) for one in children] == [0] * 4
    entries = list(store.requests())
    assert {entry.state for entry in entries} == {RequestState.DONE}
    assert len(entries) == len(upstreams.ledger.entries) == 6


@forking
def test_a_child_does_not_touch_a_database_that_its_parent_was_using_at_that_moment(
    monkeypatch, store
):
    """Better a sentence than a broken file."""
    monkeypatch.setattr(forks, "PATIENCE", 0.2)
    inside, over = threading.Event(), threading.Event()

    def slowly(_: object) -> None:
        inside.set()
        over.wait()

    def refused() -> None:
        store._writer._every = 0.0  # its leases are to be renewed after each step
        for _ in range(3):
            with pytest.raises(StoreUnavailable, match="forked while its database was in use"):
                store.requests()
            with pytest.raises(StoreUnavailable, match="forked while its database was in use"):
                store.ask("a heron", model=LINK)

    reader = threading.Thread(target=store.read, args=[slowly])
    reader.start()
    inside.wait()
    forked = child(refused)
    over.set()
    reader.join()
    assert code_of(forked) == 0
    store.ask("a heron", model=LINK, id="one")
    assert code_of(child(lambda: store.ask("a heron", model=LINK, id="two"))) == 0
    assert len(store.requests()) == 2
