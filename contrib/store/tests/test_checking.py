"""A store says what is wrong with it, in sentences, and changes nothing."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text, update

from imagekit import Blob, ConfigurationError
from imagekit.cli import exits
from imagekit.testing import picture
from imagekit_store import Store
from imagekit_store.upkeep import checking
from imagekit_store.database import mounts
from imagekit_store.schema.tables import ATTEMPTS

MODEL = "powertokens:seedream-4.5"


@pytest.fixture
def full(store, clients) -> Store:
    """A store with a picture and a reference."""
    clients(store).generate("a corgi", model=MODEL, id="pond")
    store.ask("her, at night", model=MODEL, image=[picture(48, 48)], id="asked")
    return store


def file_of(store: Store, id: str) -> Path:
    (made,) = store.request(id).pictures
    return Path(store.keeping.where(made.sha256))


def test_a_store_that_is_well(full):
    found = full.check(pictures=True)
    assert (found.is_well, found.trouble, found.damaged) == (True, (), ())
    assert (found.pictures, found.calls, found.left) == (2, {"queued": 1}, 0)
    assert found.bytes == full.request("pond").pictures[0].bytes + len(picture(48, 48))
    assert (found.unneeded, found.overdue, found.version) == (0, 0, "0001")
    assert found.free > 0


def test_pictures_that_are_gone_cut_or_altered_are_named(full, monkeypatch):
    monkeypatch.setattr(checking, "AT_ONCE", 1)
    path, size = file_of(full, "pond"), full.request("pond").pictures[0].bytes
    path.write_bytes(b"x" * size)
    assert full.check().is_well  # its bytes were not read
    (altered,) = full.check(pictures=True).damaged
    assert (altered.requests, altered.why) == (
        ("pond",),
        "has other bytes than those that were kept",
    )
    path.write_bytes(b"cut")
    (cut,) = full.check().damaged
    assert cut.why == f"has 3 bytes, not {size:,}"
    path.unlink()
    (gone,) = full.check().damaged
    assert (gone.sha256, gone.why) == (path.name, "is not there")
    assert not full.check().is_well
    assert full.request("pond").pictures[0].sha256 == path.name  # nothing is changed


def test_a_reference_that_is_gone_is_named_for_all_who_gave_it(full):
    full.ask("her, at noon", model=MODEL, image=[picture(48, 48)], id="again")
    made = file_of(full, "pond").name
    (reference,) = (sha256 for sha256, _, _ in full.keeping.every() if sha256 != made)
    full.keeping.remove([reference])
    (gone,) = full.check().damaged
    assert (gone.sha256, gone.requests) == (reference, ("again", "asked"))


def test_what_is_forgotten_while_it_is_looked_for_is_not_missed(full, monkeypatch):
    file_of(full, "pond").unlink()
    whose = checking._whose
    monkeypatch.setattr(
        checking, "_whose", lambda rows, sha256: full.forget("pond") and whose(rows, sha256)
    )
    assert full.check().damaged == ()


def test_a_place_that_can_not_be_used_is_told(full):
    folder = full.keeping.place.path
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("no folder")
    (told,) = full.check().trouble
    assert told.startswith(f"no picture can be kept or read: {folder}")


def test_what_waits_is_counted(opened: Callable[..., Store], clients):
    store = opened(keep_days=1e-9)
    clients(store).generate("a corgi", model=MODEL, id="pond")
    store.ask("a heron", model=MODEL, id="heron")
    gone = {"state": "accepted", "holder": "gone", "due": 1.0}
    store.write(
        lambda rows: rows.execute(update(ATTEMPTS).where(ATTEMPTS.c.id == "heron").values(**gone))
    )
    orphan = store.keeping.keep(Blob.of(b"nobody's")).sha256
    os.utime(store.keeping.where(orphan), (1, 1))
    found = store.check()
    assert (found.calls, found.left, found.overdue) == ({"accepted": 1}, 1, 1)
    assert (found.unneeded, found.unneeded_bytes, found.is_well) == (1, 8, True)


def test_rows_that_sqlite_has_lost_are_told(tmp_path):
    path = tmp_path / "store.db"
    with Store(f"sqlite:///{path}") as store:
        store.ask("a corgi", model=MODEL, id="pond")
        connection = sqlite3.connect(path)
        connection.execute("delete from requests")
        connection.commit()
        connection.close()
        (told,) = store.check().trouble
        assert told.endswith("store.db: row 1 of attempts has no requests")


def test_a_database_that_can_only_be_read_is_told(postgresql, tmp_path):
    with Store(postgresql, pictures=str(tmp_path / "pictures")) as store:
        name = postgresql.partition("?")[0].rpartition("/")[2]
        read_only = f"alter database {name} set default_transaction_read_only = on"
        store.write(lambda rows: rows.execute(text(read_only)))
        store.ledger.database.close()
        (told,) = store.check().trouble
        assert "read-only transaction" in told
        with pytest.raises(ConfigurationError, match="read-only transaction"):
            Store(postgresql, pictures=str(tmp_path / "pictures"))


# --- the command -----------------------------------------------------------------------------


def test_the_command_says_that_nothing_is_wrong(kept, told, clients):
    clients(kept).generate("a corgi", model=MODEL, id="pond")
    shown = told("store", "check", "--pictures")
    assert shown.startswith(f"database: {kept.ledger.database.name}, version ")
    assert f"pictures: {kept.keeping.place.url}: 1 picture of " in shown
    assert "calls: none is open\nnothing wrong\n" in shown
    assert told("store", "check", "--json")["well"] is True


def test_the_command_says_what_waits_for_whom(kept, told):
    kept.ask("a corgi", model=MODEL)
    gone = {"state": "unknown", "holder": "gone", "due": 1.0}
    kept.write(lambda rows: rows.execute(update(ATTEMPTS).values(**gone)))
    kept.keep_days = 0.0
    orphan = kept.keeping.keep(Blob.of(b"nobody's")).sha256
    os.utime(kept.keeping.where(orphan), (1, 1))
    forgotten = kept.ask("a heron", model="none:none")
    kept.forget(forgotten)
    shown = told("store", "check")
    for line in (
        "calls: 1 unknown",
        "left by processes that are gone: 1, for imagekit work or resume",
        "imagekit history --state unknown",
        "needed by no request, for imagekit store sweep: 1 picture of 8 bytes",
        "nothing wrong",
    ):
        assert line in shown


def test_the_command_ends_with_what_is_wrong(kept, told, clients):
    clients(kept).generate("a corgi", model=MODEL, id="pond")
    path = file_of(kept, "pond")
    path.unlink()
    shown = told("store", "check", code=exits.PARTIAL)
    assert f"wrong: the picture {path.name} of pond is not there" in shown
    assert "nothing wrong" not in shown
    folder = kept.keeping.place.path
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("no folder")
    plain = told("store", "check", "--json", code=exits.CONFIGURATION)
    assert (plain["well"], len(plain["trouble"])) == (False, 1)


def read_only(path: Path) -> str:
    """A file that says of itself that it is not to be written: so it is for root, too."""
    Store(f"sqlite:///{path}").close()
    with path.open("r+b") as file:
        file.seek(18)
        file.write(b"\3")
    return f"sqlite:///{path}"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("store.db", "a store is named by a URL such as"),
        ("sqlite:////no/such/folder/store.db", "there is no directory"),
        ("postgresql://127.0.0.1:9/none", "can't be used: connection"),
        (read_only, "can't be used: attempt to write a readonly database"),
    ],
)
def test_a_store_that_can_not_be_opened_is_told_in_a_sentence(told, tmp_path, url, why):
    path = tmp_path / "imagekit.toml"
    url = url if isinstance(url, str) else url(tmp_path / "store.db")
    path.write_text(f'[store]\nurl = "{url}"\npictures = "{tmp_path}/pictures"\n')
    assert why in told("--config", str(path), "store", "check", code=exits.CONFIGURATION)


def test_one_on_a_network_file_system_is_refused(told, tmp_path, monkeypatch):
    table = tmp_path / "mounts"
    table.write_text(f"nas:/export {tmp_path} nfs4 rw 0 0\n")
    monkeypatch.setattr(mounts, "TABLE", table)
    path = tmp_path / "imagekit.toml"
    path.write_text('[store]\nurl = "sqlite:///store.db"\n')
    shown = told("--config", str(path), "store", "check", code=exits.CONFIGURATION)
    assert "network file system (nfs4), where SQLite loses data" in shown
