"""The URL of a database as people write it, and what is said of one that can't be a store."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from imagekit import ConfigurationError
from imagekit_store.mounts import network_file_system

__all__ = ["parsed", "refuse_place"]


def parsed(given: str) -> URL:
    """The URL, with the driver for it.

    Raises:
        ConfigurationError: it is none, or of no database that a store is kept in.
    """
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
