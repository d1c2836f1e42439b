"""Bad weather, made on purpose: databases that go away, disks that are full."""

from __future__ import annotations

import os
import resource
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import make_url

from imagekit_store import Store
from imagekit_store.ledger import journal
from imagekit_store.ledger import writing

#: Long enough that what waits for the database asks for it in vain at least once.
A_WHILE = 0.6


#: As it travels: a simple query, and its length.
COMMIT = b"Q\0\0\0\x0bCOMMIT\0"


class Line:
    """The way to a PostgreSQL server. It can be cut, and mended again."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.is_cut = False
        #: Of so many commits the answer still comes; of the next it is lost, and the line with it.
        self.commits: int | None = None
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self.is_cut = True
        for end in list(self._sockets):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self.is_cut = False

    def close(self) -> None:
        self.cut()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            if self.is_cut:
                return
            server.connect(self.server)
            self._sockets |= {client, server}
            with suppress(OSError):
                self._between(client, server)
            self._sockets -= {client, server}

    def _between(self, client: socket.socket, server: socket.socket) -> None:
        lost = False
        while True:
            for end in select.select([client, server], [], [])[0]:
                data = end.recv(1 << 16)
                if not data or (lost and end is server):  # that was the answer
                    return
                if end is client and data == COMMIT and self.commits is not None:
                    lost = self.commits == 0
                    self.commits = None if lost else self.commits - 1
                (server if end is client else client).sendall(data)


@pytest.fixture
def line(postgresql: str) -> Iterator[Line]:
    """The way to a new database of the server."""
    url = make_url(postgresql)
    line = Line(f"{url.query['host']}/.s.PGSQL.{url.port or 5432}")
    yield line
    line.close()


@pytest.fixture
def far(postgresql: str, line: Line, tmp_path: Path) -> Iterator[Store]:
    """A store at the end of that line, which soon takes up what it has lost."""
    url = make_url(postgresql).set(host="127.0.0.1", port=line.port, query={})
    where = url.render_as_string(hide_password=False)
    with Store(where, pictures=str(tmp_path / "pictures"), lease=0.9) as store:
        yield store
        line.mend()


@pytest.fixture
def opened_at(tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    """Opens the store of this database."""
    stores: list[Store] = []

    def open_(url: str) -> Store:
        stores.append(Store(url, pictures=str(tmp_path / "pictures")))
        return stores[-1]

    yield open_
    for store in stores:
        store.close()


@pytest.fixture
def meanwhile() -> Iterator[Callable[..., None]]:
    """Has something done when a step of a store begins, and undone a while after that."""
    timers: list[threading.Timer] = []

    def arrange(
        store: Store, step: str, do: Callable[[], object], undo: Callable[[], object] | None = None
    ) -> None:
        original = getattr(store, step)

        def stormy(*told: object) -> object:
            do()
            if undo is not None:
                timers.append(threading.Timer(A_WHILE, undo))
                timers[-1].start()
            return original(*told)

        setattr(store, step, stormy)

    yield arrange
    for timer in timers:
        timer.join()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is gone is soon given up."""
    for name, room in [("PATIENCE", journal), ("PATIENCE", writing), ("BEFORE", journal)]:
        monkeypatch.setattr(room, name, 0.3)


@pytest.fixture
def disk() -> Iterator[SimpleNamespace]:
    """One that can be full: no file of this process grows then. A database of its own process
    has another."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))

    def clear() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    yield SimpleNamespace(fill=fill, clear=clear)
    clear()


@pytest.fixture
def nobody(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], AbstractContextManager[None]]:
    """While it lasts, one whom the permissions of files keep out, whoever runs the tests."""

    @contextmanager
    def act() -> Iterator[None]:
        who = os.geteuid()
        if who == 0:
            os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(who)

    return act
