"""The URL of a database as people write it, and what is said of one that can't be a store."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from imagekit import ConfigurationError
from imagekit_store.database.mounts import network_file_system
from imagekit_store.schema.words import is_readable

__all__ = ["parsed", "refuse_options", "refuse_place"]


def parsed(given: str) -> URL:
    """The URL, with the driver for it.

    Raises:
        ConfigurationError: it is none, or of no database that a store is kept in.
    """
    example = "sqlite:////home/me/store.db or postgresql://user:password@host/name"
    if not isinstance(given, str) or "://" not in given or not is_readable(given):
        # Which is not shown: it may have a password all the same.
        raise ConfigurationError(f"a store is named by a URL such as {example}, and not so")
    try:
        url = make_url(given)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise ConfigurationError(f"this is no URL of a database; one is {example}") from None
    if backend in ("postgresql", "postgres"):
        if given.partition("?")[0].count("@") > 1:  # else the rest of a password is the host
            raise ConfigurationError("an @ in the password of a URL is written as %40, a / as %2F")
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ConfigurationError(f"a store is kept in SQLite or PostgreSQL, not in {backend}")
    if url.database in (None, "", ":memory:"):
        raise ConfigurationError(f"a store in memory keeps nothing; name a file: {example}")
    if url.query or url.host:
        raise ConfigurationError(
            "the URL of an SQLite store is sqlite:/// and a path: no host, and no ?options, "
            "some of which would lose what is kept"
        )
    return url.set(drivername="sqlite")


def refuse_options(url: URL) -> None:
    """Those of PostgreSQL's URLs are its library's. Prisma's URLs look alike, and have others.

    Raises:
        ConfigurationError: an option is none that the driver knows; the driver is there.
    """
    from psycopg.pq import Conninfo

    known = {one.keyword.decode() for one in Conninfo.get_defaults()}
    unknown = [name for name in url.query if name not in known]
    if unknown:
        told = ", ".join(f"{name!r:.40}" for name in unknown)
        raise ConfigurationError(
            f"the URL of the store has what PostgreSQL's driver does not know: {told}; leave it "
            "out (schema, connection_limit, pool_timeout and pgbouncer are options of Prisma's)"
        )


def refuse_place(path: Path) -> None:
    """
    Raises:
        ConfigurationError: the file of an SQLite database can't be there.
    """
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
    if path.exists() and not path.is_file():
        raise ConfigurationError(f"{path} is no file; name one, such as {path.parent}/store.db")
