"""Tables of an older version become those of this one: whole or not at all, whoever is killed."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from imagekit import ConfigurationError
from imagekit.cli import exits
from imagekit_store import RequestState, Store
from imagekit_store.database import database
from imagekit_store.database import migrating
from imagekit_store.database.database import Database
from imagekit_store.schema.tables import METADATA, VERSION

FIRST = (Path(__file__).parent / "first_version.sql").read_text()
#: A made-up version after the first. It makes two tables anew, one of them with rows that others
#: refer to, and waits in the middle until it is told to go on.
SECOND = """
import time
from pathlib import Path
from alembic import op
from sqlalchemy import Column, Integer, Text

revision, down_revision = "0002", "0001"
HERE = Path(__file__).parents[1]

def upgrade():
    for name in ("requests", "attempts"):
        op.add_column(name, Column("stars", Integer))
        op.execute(f"update {name} set stars = 5")
        with op.batch_alter_table(name) as table:
            table.alter_column("stars", nullable=False)
    (HERE / "middle").touch()
    while not (HERE / "go").exists():
        time.sleep(0.01)
    op.create_table("later", Column("id", Text, primary_key=True))
"""
#: Another, that forgets who refers to a row.
ORPHANING = """
from alembic import op

revision, down_revision = "0002", "0001"

def upgrade():
    op.execute("delete from requests where id = 'waits'")
"""
#: An upgrade by an imagekit-store of that version.
UPGRADE = """
import sys
from imagekit_store.database import database
from imagekit_store.database import migrating

database.VERSION, migrating.MIGRATIONS = "0002", sys.argv[2]
print(database.Database(sys.argv[1]).upgrade())
"""


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """The migrations of the made-up version."""
    here = tmp_path / "migrations"
    shutil.copytree(Path(migrating.__file__).parent / "migrations", here)
    (here / "versions" / "0002_second.py").write_text(SECOND)
    return here


@pytest.fixture
def newer(second: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the imagekit-store that runs here were of the made-up version."""
    for module in ("database.database", "commands.store.upgrade"):
        monkeypatch.setattr(f"imagekit_store.{module}.VERSION", "0002")
    monkeypatch.setattr(migrating, "MIGRATIONS", str(second))


@pytest.fixture
def first(url: str) -> str:
    """A database that was made with the first version."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.executescript(FIRST)
        connection.close()
    else:
        with psycopg.connect(url) as server:
            server.execute(FIRST)
    return url


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    one = Database(url)
    with one.reading.connect() as connection:
        yield connection
    one.close()


@contextmanager
def emptied(url: str) -> Iterator[Connection]:
    """A transaction, in the beginning of which all tables go."""
    one = Database(url)
    with one.writing.begin() as connection:
        METADATA.drop_all(connection)
        connection.execute(text("drop table alembic_version"))
        yield connection
    one.close()


def shape(url: str) -> dict[str, Any]:
    """All that a database says of its tables."""
    with connected(url) as connection:
        look = inspect(connection)
        return {
            table: {
                "columns": [
                    (one["name"], str(one["type"]), one["nullable"], one["default"])
                    for one in look.get_columns(table)
                ],
                "key": look.get_pk_constraint(table)["constrained_columns"],
                "unique": sorted(one["column_names"] for one in look.get_unique_constraints(table)),
                "refers": [
                    (one["constrained_columns"], one["referred_table"], one["referred_columns"])
                    for one in look.get_foreign_keys(table)
                ],
                "indexes": sorted(
                    (
                        one["name"],
                        one["column_names"],
                        bool(one["unique"]),
                        sorted((name, str(is_)) for name, is_ in one["dialect_options"].items()),
                    )
                    for one in look.get_indexes(table)
                ),
            }
            for table in look.get_table_names()
        }


def differences(url: str) -> list[Any]:
    """Between a database and the tables as the store knows them."""
    with connected(url) as connection:
        options = {"compare_type": True, "compare_server_default": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)


def version(url: str) -> str | None:
    one = Database(url)
    try:
        return one.version()
    finally:
        one.close()


def upgraded(url: str) -> str | None:
    """Brings a database up to date; the version that it was of."""
    one = Database(url)
    try:
        return one.upgrade()
    finally:
        one.close()


# --- the same tables, whichever way --------------------------------------------------------------


def test_migrations_make_of_nothing_what_is_made_at_once(url, opened):
    assert upgraded(url) is None
    migrated = shape(url)
    assert differences(url) == []
    with emptied(url):
        pass
    opened()
    assert shape(url) == migrated
    assert differences(url) == []
    assert version(url) == VERSION


def test_the_first_version_is_what_databases_have_that_were_made_with_it(url, first):
    made = shape(first)
    with emptied(url) as connection:
        command.upgrade(migrating.configuration(connection), "0001")
    assert shape(url) == made


def test_a_database_of_the_first_version_is_used_once_it_is_up_to_date(first, opened, clients):
    assert upgraded(first) == "0001"
    assert differences(first) == []
    store = opened()
    clients(store).generate("a corgi", model="powertokens:seedream-4.5", id="one")
    assert store.request("one").state == RequestState.DONE


def test_the_newest_migration_is_the_version_of_the_tables():
    folder = Path(migrating.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_heads() == [VERSION]


# --- a migration of a database with rows ---------------------------------------------------------


@pytest.fixture
def filled(first: str, opened: Callable[..., Store], clients: Callable[..., Any]) -> Store:
    """A store of the first version, with a request that is done and one that waits."""
    store = opened()
    clients(store).generate("a corgi", model="powertokens:seedream-4.5", id="done")
    store.ask("a heron", model="powertokens:seedream-4.5", id="waits")
    return store


@contextmanager
def upgrading(url: str, migrations: Path) -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, "-c", UPGRADE, url, str(migrations)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    while not path.exists():
        assert process.poll() is None
        time.sleep(0.01)


def stars(url: str) -> list[tuple[str, int]]:
    with connected(url) as connection:
        return [tuple(row) for row in connection.execute(text("select id, stars from attempts"))]


def test_rows_live_through_a_migration_and_refer_to_each_other_as_before(
    filled, first, second, newer
):
    before = shape(first)
    (second / "go").touch()
    assert upgraded(first) == "0001"
    assert version(first) == "0002"
    assert sorted(stars(first)) == [("done", 5), ("waits", 5)]
    after = shape(first)
    assert set(after) == {*before, "later"}
    for table, told in before.items():
        same = [one for one in after[table]["columns"] if one[0] != "stars"]
        assert {**after[table], "columns": same} == told


def test_a_migration_that_is_killed_has_done_nothing_and_is_done_by_the_next(filled, first, second):
    before, entries = shape(first), tuple(filled.requests())
    with upgrading(first, second) as process:
        wait_for(second / "middle", process)
        process.kill()
        process.wait()
    with Store(first, pictures=str(second.parent / "pictures")) as store:
        assert tuple(store.requests()) == entries
    assert (version(first), shape(first)) == ("0001", before)
    (second / "go").touch()
    with upgrading(first, second) as process:
        assert process.communicate()[0] == "0001\n"
    assert sorted(stars(first)) == [("done", 5), ("waits", 5)]


def test_of_two_upgrades_one_waits_and_finds_it_done(filled, first, second):
    with upgrading(first, second) as one:
        wait_for(second / "middle", one)
        with upgrading(first, second) as other:
            (second / "go").touch()
            assert (one.communicate()[0], other.communicate()[0]) == ("0001\n", "0002\n")


def test_two_that_set_up_one_database_find_the_same_tables(url, tmp_path):
    program = (
        "import sys; from imagekit_store import Store; Store(sys.argv[1], pictures=sys.argv[2])"
    )
    words = [sys.executable, "-c", program, url, str(tmp_path / "pictures")]
    processes = [subprocess.Popen(words) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert differences(url) == []


def test_an_older_version_is_refused_with_the_command_that_helps(first, opened, monkeypatch):
    monkeypatch.setattr(database, "VERSION", "0002")
    with pytest.raises(ConfigurationError, match="up to date: imagekit store upgrade"):
        opened()
    assert version(first) == "0001"


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ("9999", "newer than this imagekit-store .*; nothing was changed"),
        ("0000", "can't be brought up to date: .*0000"),
    ],
)
def test_a_version_that_is_not_known_here_is_left_as_it_is(found, why, first):
    one = Database(first)
    with one.writing.begin() as connection:
        connection.execute(text(f"update alembic_version set version_num = '{found}'"))
    one.close()
    before = shape(first)
    with pytest.raises(ConfigurationError, match=why):
        upgraded(first)
    assert (version(first), shape(first)) == (found, before)


def test_rows_that_a_migration_would_orphan_stop_it(filled, first, second, newer):
    (second / "versions" / "0002_second.py").write_text(ORPHANING)
    with pytest.raises(ConfigurationError, match=r"no row of requests|violates foreign"):
        upgraded(first)
    assert version(first) == "0001"
    assert filled.request("waits").state == RequestState.QUEUED


# --- the command ---------------------------------------------------------------------------------


def test_the_command_says_what_it_has_done(told, tmp_path):
    path = f"sqlite:///{tmp_path}/mine.db"
    Path("mine.toml").write_text(f'[store]\nurl = "{path}"\n')
    upgrade = ("--config", "mine.toml", "store", "upgrade")
    assert told(*upgrade) == f"{path} is set up, of version {VERSION}\n"
    assert told(*upgrade) == f"{path} is of version {VERSION} already\n"
    plain = told(*upgrade, "--json")
    assert plain == {"store": path, "before": VERSION, "version": VERSION}


def test_the_command_brings_an_older_store_up_to_date(told, tmp_path, second, newer):
    path = f"sqlite:///{tmp_path}/mine.db"
    Path("mine.toml").write_text(f'[store]\nurl = "{path}"\n')
    with sqlite3.connect(tmp_path / "mine.db") as connection:
        connection.executescript(FIRST)
    connection.close()
    (second / "go").touch()
    shown = told("--config", "mine.toml", "store", "upgrade")
    assert shown == f"{path} was of version {VERSION}, and is of 0002 now\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "has no [store]"),
        ('[store]\nurl = "mysql://here/x"', "SQLite or PostgreSQL, not in mysql"),
        ('[store]\nulr = "x"', "did you mean url?"),
        ('[store]\nurl = "postgresql://me@127.0.0.1:9/x"', "can't be used"),
    ],
)
def test_a_store_that_can_not_be_upgraded_is_told(told, text, why):
    Path("mine.toml").write_text(text)
    shown = told("--config", "mine.toml", "store", "upgrade", code=exits.CONFIGURATION)
    assert why in shown
