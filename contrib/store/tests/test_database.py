"""Databases that can't be used are refused with a sentence, and nothing is changed in them."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert, make_url
from sqlalchemy.exc import IntegrityError

from imagekit import Client, Config, ConfigurationError
from imagekit_store import Store
from imagekit_store.opening.configured import opened as configured
from imagekit_store.database.mounts import network_file_system
from imagekit_store.schema.tables import REQUESTS

MOUNTS = """\
/dev/sda1 / ext4 rw,relatime 0 0
nas:/export /home nfs4 rw,vers=4.2 0 0
tmpfs /home/me/fast tmpfs rw 0 0
//box/share /mnt/a\\040share cifs rw 0 0
half a line
"""


@pytest.mark.parametrize("days", [0, -1, "x", True, float("nan")])
def test_days_that_would_forget_everything_are_refused(days, tmp_path):
    with pytest.raises(ConfigurationError, match="is no number of days greater than 0"):
        Store(f"sqlite:///{tmp_path}/store.db", keep_days=days)
    assert not list(tmp_path.iterdir())


def test_a_lease_lasts(tmp_path):
    with pytest.raises(ConfigurationError, match="lease: 0 is no number of seconds"):
        Store(f"sqlite:///{tmp_path}/store.db", lease=0)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/store.db", None),
        ("/home/me/store.db", "nfs4"),
        ("/home/me/fast/store.db", None),
        ("/mnt/a share/store.db", "cifs"),
    ],
)
def test_the_file_system_of_a_path_is_that_of_the_nearest_mount(path, kind):
    assert network_file_system(Path(path), MOUNTS) == kind


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("store.db", "named by a URL"),
        (None, "named by a URL, such|named by a URL such"),
        ("mysql://here/store", "SQLite or PostgreSQL"),
        ("nonsense://", "no URL of a database|SQLite or PostgreSQL"),
        ("sqlite://", "in memory keeps nothing"),
        ("sqlite:///file:lost?uri=true&mode=memory", "and a path: no host, and no [?]options"),
        ("sqlite:///store.db?vfs=unix-none&uri=true", "and a path: no host, and no [?]options"),
        ("sqlite://host/store.db", "and a path: no host"),
        ("sqlite:///no\0file.db", "named by a URL"),
        ("sqlite:////dev/null", "/dev/null is no file"),
        ("sqlite:////no/such/directory/store.db", "no directory"),
        ("postgresql://user:hidden@127.0.0.1:9/none", "can't be used"),
        ("postgresql://user@127.0.0.1:9/none?password=hidden", "can't be used"),
        ("postgresql://user:p@ss/hidden@127.0.0.1:9/none", "written as %40"),
        ("postgresql://user:hidden@127.0.0.1:9/none?schema=public", "not know: 'schema'; leave it"),
        (
            "postgresql://127.0.0.1:9/none?sslmode=disable&connection_limit=10&pool=hidden=1",
            "not know: 'connection_limit', 'pool'; leave it out",
        ),
        ("postgresql:/user:hidden@127.0.0.1/none", "named by a URL"),
        ("host=127.0.0.1 password=hidden", "named by a URL"),
    ],
)
def test_what_is_no_store(url, why, tmp_path):
    with pytest.raises(ConfigurationError, match=why) as caught:
        Store(url, pictures=str(tmp_path))
    assert "hidden" not in str(caught.value)


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "store.db"
    Store(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    with pytest.raises(ConfigurationError, match="newer than this imagekit-store"):
        Store(f"sqlite:///{path}")


@pytest.mark.parametrize("name", ["requests", "bookmarks"])
def test_tables_of_somebody_else_are_left_alone(tmp_path, name):
    path = tmp_path / "theirs.db"
    connection = sqlite3.connect(path)
    connection.execute(f"create table {name} (what text)")
    connection.close()
    with pytest.raises(ConfigurationError, match="not of this store"):
        Store(f"sqlite:///{path}")


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_nobody_else_may_look_into_a_new_file(tmp_path):
    umask = os.umask(0o022)
    try:
        with Store(f"sqlite:///{tmp_path}/store.db") as store:
            store.ask("a surprise for Ada", model="sandbox:seedream-4.5")
            modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    finally:
        os.umask(umask)
    assert set(modes) == {"store.db", "store.db-wal", "store.db-shm"}
    assert set(modes.values()) == {0o600}


def test_an_error_with_a_statement_has_none_of_its_values(tmp_path):
    row = {"id": None, "prompt": "a surprise for Ada"}
    with Store(f"sqlite:///{tmp_path}/store.db") as store, pytest.raises(IntegrityError) as caught:
        store.write(lambda connection: connection.execute(insert(REQUESTS), row))
    assert "Ada" not in str(caught.value)


def test_a_configuration_has_a_store_for_all_clients_of_it(tmp_path):
    path = tmp_path / "imagekit.toml"
    path.write_text('[store]\nurl = "sqlite:///own.db"\n')
    with Client.from_config(path) as client, Client.from_config(path) as other:
        client.generate("a corgi", model="sandbox:seedream-4.5", size="2K")
        other.generate("a heron", model="sandbox:seedream-4.5", size="2K")
        store = configured(client.config)
        assert [entry.prompt for entry in store.requests()] == ["a heron", "a corgi"]
        assert (tmp_path / "own.db").is_file()
        store.close()
    assert configured(client.config) is store


def test_without_a_store_in_the_configuration_there_is_a_sentence():
    with pytest.raises(ConfigurationError, match="nothing is kept"):
        configured(Config())


def test_a_directory_is_no_store(tmp_path):
    with pytest.raises(ConfigurationError, match="is a directory; name a file, such as"):
        Store(f"sqlite:///{tmp_path}")


def test_a_file_of_something_else_is_no_store_and_stays_as_it_is(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(b"no database, but long enough to be taken for one " * 100)
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="file is not a database"):
        Store(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_wrong_password_is_told_and_not_shown(postgresql, server, tmp_path):
    """The server asks for one of a user who has none."""
    with psycopg.connect(server("postgres"), autocommit=True) as admin:
        rules = Path(admin.execute("show hba_file").fetchone()[0])
        before = rules.read_text()
        admin.execute("create role stranger login password 'right'")
        rules.write_text(f"local all stranger scram-sha-256\n{before}")
        admin.execute("select pg_reload_conf()")
        try:
            url = make_url(postgresql).set(username="stranger", password="hush")
            with pytest.raises(ConfigurationError, match="password authentication failed") as told:
                Store(url.render_as_string(hide_password=False), pictures=str(tmp_path))
            assert "hush" not in str(told.value)
            assert len(str(told.value).splitlines()) == 1
        finally:
            rules.write_text(before)
            admin.execute("select pg_reload_conf()")
            admin.execute("drop role stranger")


def test_a_database_that_knows_no_characters_keeps_texts(server, tmp_path):
    """As `createdb` makes it where no language is set."""
    name = f"ascii_{os.getpid()}"
    with psycopg.connect(server("postgres"), autocommit=True) as admin:
        admin.execute(f"create database {name} encoding 'SQL_ASCII' template template0")
        try:
            with Store(server(name), pictures=tmp_path) as store:
                id = store.ask("eine Möwe ☃", model="sandbox:seedream-4.0")
                assert store.request(id).prompt == "eine Möwe ☃"
        finally:
            admin.execute(f"drop database {name} with (force)")
