"""A database by its URL: SQLite or PostgreSQL, and how each has to be opened."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    inspect,
    make_url,
    text,
)
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    NoSuchModuleError,
    SQLAlchemyError,
)
from sqlalchemy.pool import ConnectionPoolEntry

from imagekit import ConfigurationError
from imagekit_store.mounts import network_file_system
from imagekit_store.tables import METADATA, VERSION

__all__ = ["Database", "StoreUnavailable", "why"]

#: Seconds for a connection, and for a lock that another process holds.
CONNECT, LOCKED = 5, 30
#: How often the log is to be emptied while others read in it, and how long each time, in seconds:
#: who writes waits meanwhile.
EMPTYING, EMPTYING_FOR = 5, 0.2
READ_MEANWHILE = (
    "somebody reads in the database, so its log still has what was forgotten; "
    "the next forget or sweep overwrites it"
)
FREE_PAGES = (
    "PostgreSQL's files have what was forgotten in pages that are free, until they are used again; "
    "imagekit store sweep --rewrite ends that"
)
#: As alembic makes it.
MADE = (
    "create table alembic_version (version_num varchar(32) not null, "
    "constraint alembic_version_pkc primary key (version_num))"
)
#: A lock of PostgreSQL's for whoever makes tables: any number that nobody else uses.
MAKING = int.from_bytes(b"imagekit")
#: A connection of which nothing is heard any more breaks within half a minute, and not when the
#: system gives it up, which may take hours: leases pass meanwhile.
HEARD = {
    "connect_timeout": CONNECT,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,  # milliseconds
}


class StoreUnavailable(ConfigurationError):
    """The database can't be used: out of reach, full, locked, read-only, or no store."""


class Database:
    """An engine that writes and one that reads. Opened at first use, and empty ones are set up.

    Args:
        url: ``sqlite:///relative.db``, ``sqlite:////absolute.db`` or
            ``postgresql://user:password@host/name``.

    Raises:
        ConfigurationError: it is neither; or SQLite would be on a network file system.
    """

    def __init__(self, url: str) -> None:
        self._url = _parsed(url)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            _refuse_place(self.path)
        self._is_set_up = False
        self._make = self._sqlite if self.is_sqlite else self._postgresql
        self.writing = self._make({})
        # Pages and single rows: nothing to begin, commit or roll back, which costs more than they.
        self.reading = self._make({"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None})
        if self.is_sqlite:
            event.listen(self.writing, "begin", _begin_immediate)

    @property
    def name(self) -> str:
        """The URL without a password."""
        return self._url.render_as_string(hide_password=True)

    @property
    def path(self) -> Path:
        """The file of an SQLite database."""
        return Path(self._url.database or "").absolute()

    def __repr__(self) -> str:
        return f"<Database {self.name}>"

    # --- time -----------------------------------------------------------------------------

    def time(self, connection: Connection) -> float:
        """The clock by which leases count, in Unix seconds: one for all who use the database."""
        if self.is_sqlite:
            return time.time()
        return float(connection.scalar(text("select extract(epoch from clock_timestamp())")))

    # --- what version it is ----------------------------------------------------------------

    def open(self) -> None:
        """Set up an empty database.

        Raises:
            ConfigurationError: it can't be reached or written; it is of another version.
        """
        with self.told(), self.writing.begin() as connection:
            self._wait_for_makers(connection)
            found = self._version(connection)
            if found is None:
                self._set_up(connection)
        if found not in (None, VERSION):
            raise ConfigurationError(_other_version(self.name, found))
        self._is_set_up = True

    def upgrade(self) -> str | None:
        """Bring the tables of an older version up to date, or set up an empty database: whole, or
        not at all. Gives the version that it was of; None of an empty one.

        Raises:
            ConfigurationError: it can't be reached or written; it is of a newer version.
        """
        with self.told(), self._remaking() as connection:
            self._wait_for_makers(connection)
            found = self._version(connection)
            if found is not None and found > VERSION:
                raise ConfigurationError(_other_version(self.name, found))
            if found != VERSION:
                from imagekit_store.migrating import migrate

                migrate(connection)
        return found

    def version(self) -> str | None:
        """Of its tables; None of an empty database."""
        with self.told(), self.reading.connect() as connection:
            return self._version(connection)

    @contextmanager
    def told(self) -> Iterator[None]:
        """What the database says, in a sentence.

        Raises:
            StoreUnavailable: it can't be used.
        """
        try:
            yield
        except SQLAlchemyError as error:
            raise self.unavailable(error) from None

    def unavailable(self, error: SQLAlchemyError) -> StoreUnavailable:
        return StoreUnavailable(f"the store {self.name} can't be used: {why(error)}")

    def _version(self, connection: Connection) -> str | None:
        tables = inspect(connection).get_table_names()
        if "alembic_version" not in tables:
            if "requests" in tables:
                raise ConfigurationError(f"{self.name} has tables that are not of this store")
            return None
        return str(connection.scalar(text("select version_num from alembic_version")) or "")

    def _wait_for_makers(self, connection: Connection) -> None:
        """One process at a time makes tables; in SQLite, one at a time writes anything."""
        if not self.is_sqlite:
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": MAKING})

    @contextmanager
    def _remaking(self) -> Iterator[Connection]:
        """A transaction in which tables may be made anew. SQLite changes most of a table by
        dropping it and making another, which others refer to: these are looked at in the end."""
        with self.writing.connect() as connection:
            if not self.is_sqlite:
                with connection.begin():
                    yield connection
                return
            driver = connection.connection.cursor()
            driver.execute("pragma foreign_keys=off")  # which counts between transactions alone
            try:
                with connection.begin():
                    yield connection
                    broken = connection.exec_driver_sql("pragma foreign_key_check").first()
                    if broken is not None:
                        raise ConfigurationError(
                            f"{self.name}: a row of {broken[0]} belongs to no row of {broken[2]}; "
                            "nothing was changed"
                        )
            finally:
                driver.execute("pragma foreign_keys=on")

    def _set_up(self, connection: Connection) -> None:
        METADATA.create_all(connection)
        connection.execute(text(MADE))
        connection.execute(text("insert into alembic_version values (:now)"), {"now": VERSION})

    # --- what is wrong ---------------------------------------------------------------------

    def damage(self) -> list[str]:
        """What is wrong in an SQLite file, by its own word. PostgreSQL answers for its files.

        Raises:
            StoreUnavailable: it can't be read.
        """
        if not self.is_sqlite:
            return []
        with self.told(), self.reading.connect() as connection:
            said = connection.exec_driver_sql("pragma quick_check").scalars()
            orphans = connection.exec_driver_sql("pragma foreign_key_check").all()
            return [
                *(f"{self.name}: {text}" for text in said if text != "ok"),
                *(f"{self.name}: row {row[1]} of {row[0]} has no {row[2]}" for row in orphans),
            ]

    # --- what was deleted --------------------------------------------------------------------

    def overwrite(self, rewrite: bool = False) -> tuple[str, ...]:
        """Have what was deleted disappear from the database's files, as far as that is possible.

        Args:
            rewrite: also make new tables of the old ones where nothing less overwrites them, as
                in PostgreSQL. Nobody else writes while that lasts.

        Returns:
            where it may still be read, and what ends that: sentences.

        Raises:
            StoreUnavailable: the database can't be used.
        """
        with self.told(), self.reading.connect() as connection:
            if self.is_sqlite:
                return () if _emptied_log(connection) else (READ_MEANWHILE,)
            tables = ", ".join(table.name for table in METADATA.sorted_tables)
            connection.exec_driver_sql(f"vacuum {'(full) ' if rewrite else ''}{tables}")
            return () if rewrite else (FREE_PAGES,)

    # --- engines ---------------------------------------------------------------------------

    def _sqlite(self, options: dict[str, Any]) -> Engine:
        options = {name: value for name, value in options.items() if name != "isolation_level"}
        # The driver begins nothing by itself: see `_begin_immediate`.
        arguments = {"isolation_level": None, "check_same_thread": False, "timeout": LOCKED}
        engine = create_engine(self._url, connect_args=arguments, **_json, **options)
        event.listen(engine, "do_connect", self._refuse_to_begin_anew)
        event.listen(engine, "connect", _pragmas)
        event.listen(engine, "connect", self._note_file)
        event.listen(engine, "checkout", self._compare_file)
        return engine

    def _refuse_to_begin_anew(self, *_: object) -> None:
        """SQLite would make an empty file where the one that is in use was removed."""
        if self._is_set_up and not self.path.exists():
            raise sqlite3.OperationalError("its file is gone")

    def _note_file(self, _: object, record: ConnectionPoolEntry) -> None:
        record.info["file"] = _identity(self.path)

    def _compare_file(self, _: object, record: ConnectionPoolEntry, __: object) -> None:
        """A file that was removed or replaced can still be written, and nobody would see that."""
        if record.info["file"] != _identity(self.path):
            raise DisconnectionError("the file has been removed or replaced")

    def _postgresql(self, options: dict[str, Any]) -> Engine:
        usual = {**HEARD, "application_name": "imagekit-store"}
        arguments = {name: usual[name] for name in usual.keys() - self._url.query.keys()}
        try:
            engine = create_engine(
                self._url,
                connect_args=arguments,
                pool_pre_ping=True,
                use_native_hstore=False,  # a question less of each connection
                **_json,
                **options,
            )
        except ImportError:
            raise ConfigurationError(
                "PostgreSQL needs its driver: pip install 'imagekit-store[postgresql]'"
            ) from None
        event.listen(engine, "connect", _limits)
        return engine

    def after_fork(self) -> None:
        """In a child: the connections are the parent's."""
        for engine in (self.writing, self.reading):
            engine.dispose(close=False)

    def close(self) -> None:
        for engine in (self.writing, self.reading):
            engine.dispose()


def why(error: BaseException) -> str:
    """What a database's error says, in one line and without the statement and its values."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return (str(cause).strip() or type(cause).__name__).splitlines()[0]


def _dumped(value: Any) -> str:
    """Plain ASCII, as every database takes it; of what JSON has no word for, such as NaN, the
    text."""
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    except ValueError:
        return json.dumps(json.loads(json.dumps(value), parse_constant=str))


_json: dict[str, Any] = {"json_serializer": _dumped}


def _parsed(given: str) -> URL:
    example = "sqlite:////home/me/store.db or postgresql://user:password@host/name"
    if not isinstance(given, str) or "://" not in given:
        shown = f"{given!r:.60}" if isinstance(given, str) else type(given).__name__
        raise ConfigurationError(f"a store is named by a URL such as {example}, not {shown}")
    try:
        url = make_url(given)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise ConfigurationError(f"this is no URL of a database; one is {example}") from None
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ConfigurationError(f"a store is kept in SQLite or PostgreSQL, not in {backend}")
    if url.database in (None, "", ":memory:") or "mode=memory" in given:
        raise ConfigurationError(f"a store in memory keeps nothing; name a file: {example}")
    return url.set(drivername="sqlite")


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file is there, whatever its name; None where there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _refuse_place(path: Path) -> None:
    kind = network_file_system(path)
    if kind:
        raise ConfigurationError(
            f"{path} is on a network file system ({kind}), where SQLite loses data; "
            "use a local disk, or PostgreSQL for several machines"
        )
    if not path.parent.is_dir():
        raise ConfigurationError(f"there is no directory {path.parent} for the store")
    if path.is_dir():
        raise ConfigurationError(f"{path} is a directory; name a file, such as {path}/store.db")


def _pragmas(connection: sqlite3.Connection, _: object) -> None:
    for pragma in (
        "journal_mode=wal",  # who reads doesn't wait for who writes
        "synchronous=full",  # what is committed survives a loss of power
        "foreign_keys=on",
        "secure_delete=on",  # what is forgotten is overwritten, also in pages that are free
    ):
        connection.execute(f"pragma {pragma}")


def _emptied_log(connection: Connection) -> bool:
    """Whether everything in the log is in the database, and nothing in the log: pages there were
    overwritten when they became free, but the log has them as they were before."""
    connection.exec_driver_sql(f"pragma busy_timeout={int(EMPTYING_FOR * 1000)}")
    try:
        for _ in range(EMPTYING):
            if not connection.exec_driver_sql("pragma wal_checkpoint(truncate)").one()[0]:
                return True
            time.sleep(EMPTYING_FOR)
        return False
    finally:
        connection.exec_driver_sql(f"pragma busy_timeout={LOCKED * 1000}")


def _limits(connection: Any, _: object) -> None:
    """Nobody waits for ever for who stands still in the middle of a transaction. Said once it
    is connected: some that stand between us and the server refuse it earlier."""
    as_it_was, connection.autocommit = connection.autocommit, True
    connection.execute(f"set lock_timeout = '{LOCKED}s'")
    connection.execute(f"set idle_in_transaction_session_timeout = '{2 * LOCKED}s'")
    connection.autocommit = as_it_was


def _begin_immediate(connection: Connection) -> None:
    """The lock of who writes is taken at the beginning: one that is taken later may be refused."""
    connection.exec_driver_sql("begin immediate")


def _other_version(name: str, found: str) -> str:
    if found < VERSION:
        return (
            f"the store {name} is of version {found}, and this is imagekit-store for {VERSION}; "
            "bring it up to date: imagekit store upgrade"
        )
    return (
        f"the store {name} is of version {found}, which is newer than this imagekit-store "
        f"({VERSION}); nothing was changed. Use the newer one: pip install -U imagekit-store"
    )
