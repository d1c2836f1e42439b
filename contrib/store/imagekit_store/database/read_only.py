"""A database as it is: nothing is made, set up, migrated or written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from imagekit_store.database.database import Database
from imagekit_store.database.engines import LOCKED

__all__ = ["as_it_is"]


@contextmanager
def as_it_is(database: Database) -> Iterator[Connection]:
    """A connection that only reads.

    Raises:
        StoreUnavailable: the database can't be used.
    """
    with database.told():
        if not database.is_sqlite:
            with database.questions() as connection:
                connection.exec_driver_sql("set default_transaction_read_only = on")
                yield connection
            return
        engine = create_engine(
            "sqlite://", creator=lambda: _opened(database.path), poolclass=NullPool
        )
        with engine.connect() as connection:
            yield connection


def _opened(path: Path) -> sqlite3.Connection:
    """Read-only is said in the URI of a file, and nowhere else."""
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=LOCKED)
