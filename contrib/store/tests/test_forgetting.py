"""What is forgotten is nowhere any more: in no row, no free page, no log, no folder of pictures.
What it cost stays, and what is not over is not forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text, update

from imagekit import Charged, UsageError
from imagekit.testing import picture
from imagekit_store import Caller, NoSuchRequest, RequestState, State, Store, Worker
from imagekit_store.schema.tables import ATTEMPTS, INPUTS, METADATA

MODEL = "powertokens:seedream-4.5"
#: Long enough for pages of its own, in which a byte could be left.
PROMPT = "Ein Äpfelbaum, «needle in the hay», 苹果树 " + "by the old mill " * 400


def marks(prompt: str) -> list[bytes]:
    """What its bytes would be found by, however they were written."""
    part = prompt[:40]
    return [
        part.encode(),
        part.casefold().encode(),
        json.dumps(part)[1:-1].encode(),
        b"needle in the hay",
        b"by the old mill",
    ]


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def rows_of(store: Store) -> str:
    """Everything that is written in any table, as text."""
    everything = [
        store.read(lambda rows, table=table: rows.execute(table.select()).all())
        for table in METADATA.sorted_tables
    ]
    return repr(everything)


def leave(store: Store, state: str, **values: object) -> None:
    """As if every attempt had come so far, and nobody held it."""
    told = {"state": state, "holder": None, "due": None, **values}
    store.write(lambda connection: connection.execute(update(ATTEMPTS).values(**told)))


def test_prompt_and_pictures_are_gone_and_the_money_stays(store, clients):
    result = clients(store).generate(PROMPT, model=MODEL, n=2, id="pond", on_unsupported="adapt")
    before = store.request("pond")
    removed = store.forget("pond")
    entry = store.request("pond")
    assert (removed.requests, removed.pictures) == (1, len({one.sha256 for one in before.pictures}))
    assert removed.bytes == sum({one.sha256: one.bytes for one in before.pictures}.values())
    assert (entry.prompt, entry.asked, entry.state) == ("", None, RequestState.DONE)
    assert entry.forgotten >= entry.finished == before.finished
    assert not [*store.keeping.every()]
    assert [(one.sha256, one.url, one.metadata) for one in entry.pictures] == [(None,) * 3] * 2
    for kept in ("bytes", "width", "height", "media_type"):
        assert [getattr(one, kept) for one in entry.pictures] == [
            getattr(one, kept) for one in before.pictures
        ]
    for name in ("cost", "currency", "priced", "expected", "usage", "charged", "host_request"):
        assert [getattr(one, name) for one in entry.attempts] == [
            getattr(one, name) for one in before.attempts
        ]
    assert [one.receipt for one in entry.attempts] == [None] * len(entry.attempts)
    assert len(result.images) == 2


def test_no_row_quotes_the_prompt(store, clients):
    clients(store).generate(PROMPT, model=MODEL, id="pond")
    quoting = {"type": "HostError", "message": f"no: {PROMPT}", "charged": "yes", "status": 400}
    quotes = {"receipt": {"lines": [PROMPT]}, "notes": [PROMPT], "error": quoting}
    evidence = {"by": "person", "note": f"it was {PROMPT}", "record": "r1", "told": PROMPT}
    leave(store, "stored", **quotes, evidence=evidence)
    store.forget("pond")
    assert "needle" not in rows_of(store)
    (attempt,) = store.request("pond").attempts
    assert attempt.evidence == {"by": "person", "record": "r1"}
    kept = {"type": "HostError", "charged": "yes", "status": 400, "message": "forgotten"}
    assert attempt.error == kept


def test_no_byte_of_sqlite_s_files_has_the_prompt(tmp_path, clients):
    home = tmp_path / "home"
    home.mkdir()
    with Store(f"sqlite:///{home}/store.db") as store:
        for number in range(12):
            store.ask(f"a heron, number {number}", model=MODEL, id=f"heron{number}")
        clients(store).generate(PROMPT, model=MODEL, id="pond")
        assert all(mark in bytes_of(home) for mark in marks(PROMPT) if b"\xc2\xab" in mark)
        assert store.forget("pond").remains == ()
        found = bytes_of(home)
        assert [mark for mark in marks(PROMPT) if mark in found] == []
        assert store.request("heron3").prompt == "a heron, number 3"


def test_while_somebody_reads_it_says_that_the_log_still_has_it(tmp_path, clients):
    home = tmp_path / "home"
    home.mkdir()
    with Store(f"sqlite:///{home}/store.db") as store:
        clients(store).generate(PROMPT, model=MODEL, id="pond")
        with store.ledger.database.reading.connect() as reader:
            reader.exec_driver_sql("begin")
            reader.execute(text("select count(*) from requests")).all()
            (remains,) = store.forget("pond").remains
            assert "somebody reads in the database" in remains
            assert b"needle in the hay" in bytes_of(home)
            reader.exec_driver_sql("rollback")
        assert store.sweep().remains == ()
        assert b"needle in the hay" not in bytes_of(home)


def test_postgresql_s_tables_are_rewritten_when_that_is_asked_for(postgresql, tmp_path, clients):
    """Free space in its pages has what was there until it is used again, whatever is vacuumed."""
    with Store(postgresql, pictures=str(tmp_path / "pictures")) as store:
        clients(store).generate(PROMPT, model=MODEL, id="pond")
        (remains,) = store.forget("pond").remains
        assert "imagekit store sweep --rewrite" in remains
        assert store.sweep(rewrite=True).remains == ()

        def files(connection):
            connection.execute(text("checkpoint"))
            data = Path(connection.scalar(text("show data_directory")))
            base = connection.scalar(
                text("select oid from pg_database where datname = :name"),
                {"name": postgresql.partition("?")[0].rpartition("/")[2]},
            )
            return data / "base" / str(base)

        found = bytes_of(store.read(files))
        assert b"powertokens" in found
        assert [mark for mark in marks(PROMPT) if mark in found] == []


def test_a_picture_that_another_request_has_too_stays_for_that(store, clients):
    client = clients(store)
    for id in ("pond", "lake"):
        client.generate("the very same", model=MODEL, seed=7, id=id)
    (mine,), (theirs,) = store.request("pond").pictures, store.request("lake").pictures
    assert mine.sha256 == theirs.sha256
    assert store.forget("pond").pictures == 0
    assert store.picture("lake").read()
    assert store.forget("lake").pictures == 1


def test_references_and_thumbnails_go_with_it(store, finish):
    id = store.ask("her, at night", model=MODEL, image=[picture(64, 64)])
    other = store.ask("her, at noon", model=MODEL, image=[picture(64, 64)])
    finish(store)
    store.keeping.thumbnail(store.request(id).pictures[0].sha256, 128)
    store.forget(id)
    assert store.read(
        lambda rows: rows.scalars(INPUTS.select().with_only_columns(INPUTS.c.request)).all()
    ) == [other]
    assert store.arguments(store.request(other))["image"][0].read() == picture(64, 64)
    store.forget(other)
    assert not [*store.keeping.every()]


def test_what_was_announced_for_it_and_never_withdrawn_is_removed_too(store, clients):
    clients(store).generate("a corgi", model=MODEL, id="pond")
    (made,) = store.request("pond").pictures
    store.keeping.announce("pond.0", made.sha256)
    assert store.forget("pond").pictures == 1
    assert ([*store.keeping.announced()], [*store.keeping.every()]) == ([], [])


def test_one_that_is_queued_is_never_sent(store, finish, upstreams):
    id = store.ask(PROMPT, model=MODEL)
    store.forget(id)
    finish(store)
    entry = store.request(id)
    assert (entry.state, entry.error["message"]) == (
        RequestState.FAILED,
        "forgotten before it was sent",
    )
    assert entry.attempts[0].charged is Charged.NO
    assert not upstreams.ledger.entries


def test_one_that_a_worker_has_just_taken_up_is_not_sent_either(store, clients, upstreams):
    id = store.ask(PROMPT, model=MODEL)
    worker = Worker(store, clients(store))
    (row,) = store.write(lambda rows: store.ledger.claim(rows, most=1))
    store.forget(id)
    worker._carry_on(row)
    assert store.request(id).state == RequestState.FAILED
    assert not upstreams.ledger.entries


@pytest.mark.parametrize(
    ("state", "first"),
    [
        (State.SENDING, "wait for its end"),
        (State.ACCEPTED, "imagekit resume"),
        (State.ANSWERED, "imagekit resume"),
        (State.UNKNOWN, "imagekit history settle"),
    ],
)
def test_what_may_have_been_paid_for_has_to_come_to_its_end_first(store, state, first):
    id = store.ask(PROMPT, model=MODEL)
    leave(store, state)
    with pytest.raises(UsageError, match=f"can't be forgotten yet: .*{first}"):
        store.forget(id)
    assert store.request(id).prompt == PROMPT


def test_forgotten_twice_is_as_good_as_once(store, clients):
    clients(store).generate("a corgi", model=MODEL, id="pond")
    store.forget("pond")
    assert store.forget("pond").pictures == 0
    assert store.request("pond").attempts[0].charged is Charged.YES


def test_who_asks_the_same_again_hears_of_it_and_buys_nothing(store, finish, upstreams):
    id = store.ask("a corgi", model=MODEL, caller=Caller(idem="monday"))
    finish(store)
    store.forget(id)
    assert store.ask("a corgi", model=MODEL, caller=Caller(idem="monday")) == id
    finish(store)
    assert len(upstreams.ledger.entries) == 1


def test_another_key_s_request_can_not_be_forgotten(store):
    id = store.ask("a corgi", model=MODEL, caller=Caller("mine"))
    with pytest.raises(NoSuchRequest):
        store.forget(id, key="theirs")
    assert store.request(id).prompt == "a corgi"


def test_a_picture_that_can_not_be_removed_now_is_told(store, clients, monkeypatch):
    clients(store).generate("a corgi", model=MODEL, id="pond")
    folder = next((store.keeping.place.path / "pictures").iterdir())
    elsewhere = folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to(elsewhere)
    (*_, remains) = store.forget("pond").remains
    assert "imagekit store sweep does: " in remains
    assert store.request("pond").prompt == ""


def test_what_came_to_it_after_it_was_forgotten_is_forgotten_by_the_next_sweep(store, clients):
    """A program makes two calls for a request, and has not come to the second."""
    client = clients(store)
    client.begin(PROMPT, model=MODEL, n=2, id="pond", part=1)
    store.forget("pond")
    client.begin(PROMPT, model=MODEL, n=2, id="pond", part=2)
    assert len([*store.keeping.every()]) == 1
    removed = store.sweep()
    assert (removed.requests, removed.pictures) == (1, 1)
    assert not [*store.keeping.every()]
    assert store.sweep().requests == 0
