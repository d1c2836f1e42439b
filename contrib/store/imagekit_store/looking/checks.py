"""Whether a store can be used, what is open in it, and what it has to say of what is declared."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from imagekit import Check, Config, ConfigurationError, UsageError
from imagekit_store.database.database import Database, other_version
from imagekit_store.database.read_only import as_it_is
from imagekit_store.looking.open_calls import open_calls
from imagekit_store.looking.recorded import recorded
from imagekit_store.looking.spent import spent
from imagekit_store.opening.configured import database, keeping
from imagekit_store.pictures import Folder, Pictures, reason
from imagekit_store.schema.tables import VERSION

__all__ = ["checks"]

#: Bytes below which there is hardly room for the pictures of a day.
LITTLE = 1_000_000_000


def checks(config: Config) -> Iterator[Check]:
    """All that is found; see `imagekit.hookspecs.imagekit_checks`."""
    try:
        looked_at = database(config)
        where = keeping(config, looked_at)
    except (ConfigurationError, UsageError) as error:
        mend = "correct [store] in the configuration"
        yield Check("store", "", "failed", str(error), mend)
        return
    try:
        yield from _of(looked_at, where, config)
    except ConfigurationError as error:
        mend = "look whether it runs and can be reached; then: imagekit store check"
        yield Check("store", looked_at.name, "failed", str(error), mend)
    finally:
        looked_at.close()


def _of(database: Database, where: Pictures, config: Config) -> Iterator[Check]:
    if database.is_sqlite and not database.path.exists():
        why = "it is not there yet; the first paid call makes it"
        yield Check("store", database.name, "ok", why)
        return
    with as_it_is(database) as connection:
        found = database.version_by(connection)
        yield _version(database.name, found)
        yield _pictures(where)
        if found == VERSION:
            yield from _told(connection, config)


def _told(connection: Connection, config: Config) -> Iterator[Check]:
    yield from open_calls(connection)
    yield from spent(connection, config)
    yield from recorded(connection)


def _version(name: str, found: str | None) -> Check:
    if found is None:
        return Check("store", name, "ok", "it is empty; the first paid call sets it up")
    if found == VERSION:
        return Check("store", name, "ok", f"it can be read, and is of version {found}")
    newer = found > VERSION
    mend = "pip install -U imagekit-store" if newer else "imagekit store upgrade"
    return Check("store", name, "failed", other_version(name, found), mend)


def _pictures(where: Pictures) -> Check:
    """Whether pictures can be kept. A folder that is not there is not made for it."""
    place = where.place
    if isinstance(place, Folder) and not place.path.exists():
        return Check("pictures", place.url, "ok", "the folder is made with the first picture")
    try:
        free = where.check()
    except OSError as error:
        why = f"no picture can be kept: {reason(error)}"
        return Check("pictures", place.url, "failed", why, "make it writable, or name another")
    if free is None:
        return Check("pictures", place.url, "ok", "it can be written")
    found = f"it can be written, and has {free / 1e9:,.1f} GB free"
    if free < LITTLE:
        return Check("pictures", place.url, "warning", found, "make room: imagekit store sweep")
    return Check("pictures", place.url, "ok", found)
