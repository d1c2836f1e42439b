"""What calls share, of a store that nobody in this process has opened: read as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal

from sqlalchemy import Connection

from imagekit import Budget, ConfigurationError, Standing
from imagekit_store.database.database import Database, other_version
from imagekit_store.database.read_only import as_it_is
from imagekit_store.limits.sharing import budgets as sums, resting
from imagekit_store.limits.sharing.places import LEASE, Here
from imagekit_store.schema.tables import VERSION

__all__ = ["spent", "standing"]


def standing(database: Database, hosts: Sequence[str]) -> Mapping[str, Standing]:
    """How hosts stand; by a store that is not there yet none rests.

    Raises:
        ConfigurationError: the database can't be used, or is of another version.
    """
    with _seen(database) as seen:
        if seen is None:
            return dict.fromkeys(hosts, Standing())
        return resting.standing(seen[0], hosts, seen[1])


def spent(database: Database, budgets: Mapping[str, Budget]) -> Mapping[str, Decimal]:
    """What counts against budgets; of a store that is not there yet, nothing.

    Raises:
        ConfigurationError: as of `standing`.
    """
    with _seen(database) as seen:
        if seen is None:
            return dict.fromkeys(budgets, Decimal(0))
        return sums.spent(seen[0], budgets, seen[1].now)


@contextmanager
def _seen(database: Database) -> Iterator[tuple[Connection, Here] | None]:
    """A connection that only reads, and when it is; None where there is no store."""
    with closing(database):
        if database.is_sqlite and not database.path.exists():
            yield None
            return
        with as_it_is(database) as connection:
            found = database.version_by(connection)
            if found not in (None, VERSION):
                raise ConfigurationError(other_version(database.name, str(found)))
            now = int(database.time(connection) * 1_000_000)
            yield None if found is None else (connection, Here("", now, int(LEASE * 1_000_000)))
