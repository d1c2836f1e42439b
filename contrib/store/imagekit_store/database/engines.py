"""How each kind of database is connected: what a connection is told, and when it is given up."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from imagekit import ConfigurationError
from imagekit_store.database.urls import refuse_options

__all__ = ["LOCKED", "postgresql", "sqlite"]

#: Seconds for a connection, and for a lock that another process holds.
CONNECT, LOCKED = 5, 30
#: A connection of which nothing is heard any more breaks within half a minute, and not when the
#: system gives it up, which may take hours: leases pass meanwhile.
HEARD = {
    "connect_timeout": CONNECT,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,  # milliseconds
}


#: `json.dumps` would make one anew for each value.
_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def _dumped(value: Any) -> str:
    """Plain ASCII, as every database takes it; of what JSON has no word for, such as NaN, the
    text."""
    try:
        return _ENCODER.encode(value)
    except ValueError:
        return json.dumps(json.loads(json.dumps(value), parse_constant=str))


#: Prompts and links stand in no error and in no log of SQLAlchemy's.
_usual: dict[str, Any] = {"json_serializer": _dumped, "hide_parameters": True}
#: Pages and single rows: nothing to begin, commit or roll back, which costs more than they.
_reading: dict[str, Any] = {"pool_reset_on_return": None}


# --- PostgreSQL --------------------------------------------------------------------------------


def postgresql(url: URL, reads: bool) -> Engine:
    """
    Args:
        reads: single questions, without transactions.

    Raises:
        ConfigurationError: there is no driver, or it does not know an option of the URL.
    """
    told = {**HEARD, "application_name": "imagekit-store", "client_encoding": "utf8"}
    arguments = {name: told[name] for name in told.keys() - url.query.keys()}
    try:
        engine = create_engine(
            url,
            connect_args=arguments,
            pool_pre_ping=True,
            use_native_hstore=False,  # a question less of each connection
            **_usual,
            **({**_reading, "isolation_level": "AUTOCOMMIT"} if reads else {}),
        )
    except ImportError:
        raise ConfigurationError(
            "PostgreSQL needs its driver: pip install 'imagekit-store[postgresql]'"
        ) from None
    refuse_options(url)
    event.listen(engine, "connect", _limits)
    return engine


def _limits(connection: Any, _: object) -> None:
    """Nobody waits for ever for who stands still in the middle of a transaction. Said once it
    is connected: some that stand between us and the server refuse it earlier."""
    as_it_was, connection.autocommit = connection.autocommit, True
    connection.execute(f"set lock_timeout = '{LOCKED}s'")
    connection.execute(f"set idle_in_transaction_session_timeout = '{2 * LOCKED}s'")
    connection.autocommit = as_it_was


# --- SQLite ------------------------------------------------------------------------------------


def sqlite(url: URL, reads: bool, path: Path, is_made: Callable[[], bool]) -> Engine:
    """
    Args:
        reads: single questions, without transactions.
        path: of its file.
        is_made: whether the file has been there, so that none is made in its place.
    """
    # The driver begins nothing by itself: see `_begin_immediate`.
    arguments = {"isolation_level": None, "check_same_thread": False, "timeout": LOCKED}
    engine = create_engine(url, connect_args=arguments, **_usual, **(_reading if reads else {}))
    if not reads:
        event.listen(engine, "begin", _begin_immediate)

    def refuse_to_begin_anew(*_: object) -> None:
        """SQLite would make an empty file where the one that is in use was removed."""
        if is_made() and not path.exists():
            raise sqlite3.OperationalError("its file is gone")

    def make_file(*_: object) -> None:
        """For the user alone: it has prompts, and links that open pictures. SQLite would let
        everybody read it whom the umask lets."""
        with suppress(OSError):  # it is there; or what is wrong SQLite says better
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    def note_file(_: object, record: ConnectionPoolEntry) -> None:
        record.info["file"] = _identity(path)

    def compare_file(_: object, record: ConnectionPoolEntry, __: object) -> None:
        """A file that was removed or replaced can still be written, and nobody would see that."""
        if record.info["file"] != _identity(path):
            raise DisconnectionError("the file has been removed or replaced")

    event.listen(engine, "do_connect", refuse_to_begin_anew)
    event.listen(engine, "do_connect", make_file)
    event.listen(engine, "connect", _pragmas)
    event.listen(engine, "connect", note_file)
    event.listen(engine, "checkout", compare_file)
    return engine


def _pragmas(connection: sqlite3.Connection, _: object) -> None:
    for pragma in (
        "journal_mode=wal",  # who reads doesn't wait for who writes
        "synchronous=full",  # what is committed survives a loss of power
        "foreign_keys=on",
        "secure_delete=on",  # what is forgotten is overwritten, also in pages that are free
    ):
        connection.execute(f"pragma {pragma}")


def _begin_immediate(connection: Connection) -> None:
    """The lock of who writes is taken at the beginning: one that is taken later may be refused."""
    connection.exec_driver_sql("begin immediate")


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file is there, whatever its name; None where there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
