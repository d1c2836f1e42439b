"""A database by its URL, SQLite or PostgreSQL: its connections, its version, its files."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from imagekit import ConfigurationError
from imagekit_store.database import engines
from imagekit_store.database.forks import Gate
from imagekit_store.database.urls import parsed, refuse_place
from imagekit_store.schema.tables import METADATA, VERSION
from imagekit_store.values.errors import StoreUnavailable, why

__all__ = ["Database", "PerhapsWritten", "other_version"]

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


class PerhapsWritten(SQLAlchemyError):
    """The connection broke while it was committed, and the database has not been back since."""


class Database:
    """An engine that writes and one that reads. Opened at first use, and empty ones are set up.

    Args:
        url: ``sqlite:///relative.db``, ``sqlite:////absolute.db`` or
            ``postgresql://user:password@host/name``.

    Raises:
        ConfigurationError: it is neither; or SQLite would be on a network file system.
    """

    def __init__(self, url: str) -> None:
        self._url = parsed(url)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            refuse_place(self.path)
        self._is_set_up = False
        self.writing = self._engine(reads=False)
        self.reading = self._engine(reads=True)
        self._gate = Gate(self.close)

    @property
    def name(self) -> str:
        """Where it is: the URL without a password, of its query no more than that, too."""
        query = {name: said for name, said in self._url.query.items() if name in ("host", "port")}
        return self._url.set(query=query).render_as_string(hide_password=True)

    @property
    def path(self) -> Path:
        """The file of an SQLite database."""
        return Path(self._url.database or "").absolute()

    def __repr__(self) -> str:
        return f"<Database {self.name}>"

    # --- connections ----------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """What is written in it is there as a whole, or not at all."""
        with self._gate.inside(), self.writing.begin() as connection:
            yield connection

    @contextmanager
    def questions(self) -> Iterator[Connection]:
        """Answers by what is committed at each moment."""
        with self._gate.inside(), self.reading.connect() as connection:
            yield connection

    def close(self) -> None:
        for engine in (self.writing, self.reading):
            engine.dispose()

    def _engine(self, reads: bool) -> Engine:
        if self.is_sqlite:
            return engines.sqlite(self._url, reads, self.path, lambda: self._is_set_up)
        return engines.postgresql(self._url, reads)

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
        with self.told(), self.transaction() as connection:
            self._wait_for_makers(connection)
            found = self.version_by(connection)
            if found is None:
                self._set_up(connection)
        if found not in (None, VERSION):
            raise ConfigurationError(other_version(self.name, found))
        self._is_set_up = True

    def upgrade(self) -> str | None:
        """Bring the tables of an older version up to date, or set up an empty database: whole, or
        not at all. Gives the version that it was of; None of an empty one.

        Raises:
            ConfigurationError: it can't be reached or written; it is of a newer version.
        """
        with self.told(), self._remaking() as connection:
            self._wait_for_makers(connection)
            found = self.version_by(connection)
            if found is not None and found > VERSION:
                raise ConfigurationError(other_version(self.name, found))
            if found != VERSION:
                from imagekit_store.database.migrating import migrate

                migrate(connection)
        return found

    def version(self) -> str | None:
        """Of its tables; None of an empty database."""
        with self.told(), self.questions() as connection:
            return self.version_by(connection)

    def version_by(self, connection: Connection) -> str | None:
        """The same by this connection.

        Raises:
            ConfigurationError: its tables are not of a store.
        """
        tables = inspect(connection).get_table_names()
        if "alembic_version" not in tables:
            # A database of a server may be shared; a file has one owner.
            if "requests" in tables or (self.is_sqlite and tables):
                raise ConfigurationError(f"{self.name} has tables that are not of this store")
            return None
        return str(connection.scalar(text("select version_num from alembic_version")) or "")

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
        told = StoreUnavailable(f"the store {self.name} can't be used: {why(error)}")
        told.is_perhaps_written = isinstance(error, PerhapsWritten)
        return told

    def _wait_for_makers(self, connection: Connection) -> None:
        """One process at a time makes tables; in SQLite, one at a time writes anything."""
        if not self.is_sqlite:
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": MAKING})

    @contextmanager
    def _remaking(self) -> Iterator[Connection]:
        """A transaction in which tables may be made anew. SQLite changes most of a table by
        dropping it and making another, which others refer to: these are looked at in the end."""
        with self._gate.inside(), self.writing.connect() as connection:
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
        with self.told(), self.questions() as connection:
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
        with self.told(), self.questions() as connection:
            if self.is_sqlite:
                return () if _emptied_log(connection) else (READ_MEANWHILE,)
            tables = ", ".join(table.name for table in METADATA.sorted_tables)
            connection.exec_driver_sql(f"vacuum {'(full) ' if rewrite else ''}{tables}")
            return () if rewrite else (FREE_PAGES,)


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
        connection.exec_driver_sql(f"pragma busy_timeout={engines.LOCKED * 1000}")


def other_version(name: str, found: str) -> str:
    """What is said of a store that is not of this version, and what helps."""
    if found < VERSION:
        return (
            f"the store {name} is of version {found}, and this is imagekit-store for {VERSION}; "
            "bring it up to date: imagekit store upgrade"
        )
    return (
        f"the store {name} is of version {found}, which is newer than this imagekit-store "
        f"({VERSION}); nothing was changed. Use the newer one: pip install -U imagekit-store"
    )
