"""What is unknown is settled by evidence: its name at the host, the host's records, pictures that
are here. Nothing is sent again to find out."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest
from sqlalchemy import update

from imagekit import Charged, Client
from imagekit.errors import Moderated
from imagekit_sandbox.serving import Rule, Upstreams
from imagekit_store import RequestState, State, Worker
from imagekit_store.schema.tables import ATTEMPTS

KLING, TOKEN360 = "klingai:kling-v3", "token360:seedream-4.5"
LOST = Rule("lost", operation="generate")


class Killed(BaseException):
    """As kill -9 is to a process: nothing is tidied up after it."""


@pytest.fixture
def at(store):
    """A client of the store at upstreams with these rules, and the upstreams."""
    opened = []

    def start(*rules, **options):
        upstreams = Upstreams(rules, **options)
        upstreams.__enter__()
        client = Client(config=upstreams.configuration(), journal=store)
        opened.extend((client.close, lambda: upstreams.__exit__(None, None, None)))
        return client, upstreams

    yield start
    for close in opened:
        close()


def settled(store, client, grace=900.0, rounds=8):
    """The newest request, after so many rounds of a worker who waits for nothing."""
    worker = Worker(store, client, grace=grace)
    for _ in range(rounds):
        worker.once(horizon=float("inf"))
    return store.requests(limit=1).entries[0]


def killed(store, monkeypatch, call, **steps):
    """Make a call whose process is killed in one of these steps of the journal."""
    silent = dict.fromkeys(("left", "ended"), lambda *_: None)  # nothing is tidied up
    with monkeypatch.context() as patched, suppress(Killed):
        for step, does in (silent | steps).items():
            patched.setattr(store, step, does)
        call()
    gone = update(ATTEMPTS).where(ATTEMPTS.c.holder.is_not(None)).values(holder="gone", due=1.0)
    store.write(lambda connection: connection.execute(gone))


def die(*_, **__):
    raise Killed


def never_arrives(store, client, monkeypatch, model):
    """A call whose process is killed when it is written down, and before it is sent."""
    sending = store.sending

    def write_and_die(purchase):
        sending(purchase)
        raise Killed

    call = partial(client.generate, "a corgi", model=model)
    killed(store, monkeypatch, call, sending=write_and_die)


# --- by its name ---------------------------------------------------------------------------


def test_a_lost_answer_is_found_by_the_name_of_its_job(store, at):
    client, upstreams = at(LOST)
    store.ask("a corgi", model=KLING)
    entry = settled(store, client)
    assert entry.state == RequestState.DONE
    assert entry.attempts[0].evidence["by"] == "name"
    assert entry.attempts[0].evidence["name"] == entry.attempts[0].name
    assert len(upstreams.ledger.entries) == 1


def test_a_name_that_nobody_knows_was_never_bought(store, at, monkeypatch):
    client, upstreams = at()
    never_arrives(store, client, monkeypatch, KLING)
    (attempt,) = settled(store, client, grace=0.0).attempts
    assert (attempt.state, attempt.charged) == (State.FAILED, Charged.NO)
    assert attempt.evidence["found"] == "no job of this name"
    assert not upstreams.ledger.entries


def test_a_name_that_nobody_knows_yet_may_be_on_its_way(store, at, monkeypatch):
    client, _ = at()
    never_arrives(store, client, monkeypatch, KLING)
    assert settled(store, client).state == RequestState.UNKNOWN
    assert store.waiting()  # it is looked for again


def test_a_proxys_page_says_nothing_of_a_name(store, at, monkeypatch):
    client, _ = at(Rule("html:404", operation="poll"))
    never_arrives(store, client, monkeypatch, KLING)
    assert settled(store, client, grace=0.0).state == RequestState.UNKNOWN


def test_a_request_is_told_when_its_state_is_new_however_often_it_is_looked_at(store, at):
    """A webhook behind it would be called at every look for a name."""
    client, _ = at(LOST, Rule("html:404", operation="poll", times=20))
    store.ask("a corgi", model=KLING)
    told = []
    worker = Worker(store, client, told=lambda entry: told.append(entry.state))
    looks = 0
    while worker.once(horizon=float("inf")):
        looks += 1
    assert told == [RequestState.UNKNOWN, RequestState.DONE]
    assert looks > len(told)


def test_a_job_that_has_failed_is_told_by_its_name(store, at):
    client, _ = at(LOST, Rule("job-fails"))
    store.ask("a corgi", model=KLING)
    (attempt,) = settled(store, client).attempts
    assert (attempt.state, attempt.evidence["by"]) == (State.FAILED, "name")


# --- by the host's records ---------------------------------------------------------------


def test_a_lost_answer_is_found_in_the_records_of_its_host(store, at):
    client, upstreams = at(LOST)
    store.ask("a corgi", model=TOKEN360)
    entry = settled(store, client)
    (record,) = client.records("token360")
    assert entry.state == RequestState.DONE
    assert entry.attempts[0].record == entry.attempts[0].evidence["record"] == record.id
    assert store.picture(entry.id).pixels == (2048, 2048)
    assert len(upstreams.ledger.entries) == 1


def test_each_prompt_has_a_record_of_its_own(store, at):
    client, _ = at(LOST)
    ids = [store.ask(prompt, model=TOKEN360) for prompt in ("a corgi", "a cat", "a heron")]
    settled(store, client, rounds=20)
    entries = [store.request(id) for id in ids]
    prompts = {record.id: record.prompt for record in client.records("token360")}
    assert [prompts[entry.attempts[0].record] for entry in entries] == [
        "a corgi",
        "a cat",
        "a heron",
    ]


def test_a_record_that_two_attempts_could_have_made_is_neithers(store, at):
    client, _ = at(Rule("lost", operation="generate", after=1))
    store.ask("a corgi", model=TOKEN360)
    settled(store, client, rounds=2)  # this one has its picture, and no record that is known
    store.ask("a corgi", model=TOKEN360)
    entry = settled(store, client)
    assert (entry.state, entry.attempts[0].record) == (RequestState.UNKNOWN, None)


def test_a_record_may_be_that_of_an_attempt_which_never_arrived(store, at, monkeypatch):
    """There is one record, and two attempts: whose it is, nobody can say."""
    client, _ = at()
    store.ask("a corgi", model=TOKEN360)
    settled(store, client, rounds=2)
    never_arrives(store, client, monkeypatch, TOKEN360)
    entry = settled(store, client)
    assert len(list(client.records("token360"))) == 1
    assert (entry.state, entry.attempts[0].record) == (RequestState.UNKNOWN, None)


def test_a_record_of_a_forgotten_prompt_could_be_anybodys(store, at, monkeypatch):
    from imagekit_store.schema.tables import REQUESTS

    client, _ = at(Rule("lost", operation="generate", after=1))
    store.ask("a cat", model=TOKEN360)
    settled(store, client, rounds=2)
    gone = update(REQUESTS).values(prompt="", folded="", asked=None, forgotten=1)
    store.write(lambda connection: connection.execute(gone))
    store.ask("a corgi", model=TOKEN360)
    assert settled(store, client).state == RequestState.UNKNOWN


def test_a_record_that_is_missing_proves_nothing(store, at, monkeypatch):
    client, _ = at()
    never_arrives(store, client, monkeypatch, TOKEN360)
    entry = settled(store, client, grace=0.0)
    assert (entry.state, entry.attempts[0].charged) == (RequestState.UNKNOWN, Charged.MAYBE)
    assert not store.waiting()  # it is left to a person


def test_a_record_of_a_failure_tells_that_there_is_no_picture(store, at, monkeypatch):
    client, _ = at(Rule("moderated"))
    killed(store, monkeypatch, partial(client.generate, "a corgi", model=TOKEN360), ended=die)
    (attempt,) = settled(store, client).attempts
    assert (attempt.state, attempt.charged) == (State.FAILED, Charged.MAYBE)
    assert attempt.evidence["status"] == "failed"


def test_what_its_host_has_refused_it_for_is_still_said_once_its_record_is_found(store, at):
    client, _ = at(Rule("moderated"))
    with pytest.raises(Moderated):
        client.generate("a corgi", model=TOKEN360)
    entry = settled(store, client)
    assert (entry.state, entry.error["type"]) == (RequestState.FAILED, "Moderated")


def test_records_that_cannot_be_asked_for_are_asked_for_later(store, at):
    client, _ = at(LOST, Rule("500", operation="list"))
    store.ask("a corgi", model=TOKEN360)
    assert settled(store, client, rounds=2).state == RequestState.UNKNOWN
    assert store.waiting()


# --- by what is here -----------------------------------------------------------------------


def test_a_picture_that_was_kept_before_its_row_is_adopted(store, at, monkeypatch):
    client, upstreams = at()
    killed(store, monkeypatch, partial(inline, client), write=die)
    (attempt,) = settled(store, client).attempts
    assert (attempt.state, attempt.charged) == (State.STORED, Charged.YES)
    assert attempt.evidence["by"] == "pictures"
    assert not list(store.keeping.announced())
    assert len(upstreams.ledger.entries) == 1


def test_a_picture_that_was_announced_and_not_kept_settles_nothing(store, at, monkeypatch):
    client, _ = at()
    killed(store, monkeypatch, partial(inline, client), write=die)
    (picture,) = store.keeping.every()
    store.keeping.forget(picture[0])
    assert settled(store, client).state == RequestState.UNKNOWN


def inline(client):
    """A call whose picture comes in its answer. Its process dies at the second step that is
    written, which is of the answer."""
    return client.generate("a corgi", model="gemini:nano-banana-pro")


# --- links that are dead ----------------------------------------------------------------


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr("imagekit_store.workers.fetching.DEADLINE", 0.3)


def test_where_links_are_dead_the_job_is_asked_for_new_ones(store, at, hurried):
    client, upstreams = at(Rule("expired", operation="poll", times=1))
    client.generate("a corgi", model=KLING, fetch=False)
    assert settled(store, client, rounds=2).state == RequestState.DONE
    assert len(upstreams.ledger.entries) == 1


def test_a_link_that_stays_dead_is_tried_again_later_and_once_given_up(
    store, at, monkeypatch, hurried
):
    now = [1.8e9]
    client, _ = at(link_lifetime=60.0, now=lambda: now[0])
    client.generate("a corgi", model="powertokens:seedream-4.5", fetch=False)
    now[0] += 3600
    entry = settled(store, client, rounds=1)
    assert (entry.state, store.waiting()) == (RequestState.RUNNING, True)
    monkeypatch.setattr("imagekit_store.workers.fetching.TRIES", 1)
    (attempt,) = settled(store, client, rounds=1).attempts
    assert (attempt.state, attempt.charged) == (State.FAILED, Charged.YES)
    assert attempt.error["type"] in ("DownloadError", "DeadlineExceeded")
