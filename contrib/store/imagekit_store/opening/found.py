"""The store of somebody who may have configured none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from imagekit import Config
from imagekit_store.opening.configured import is_there, opened
from imagekit_store.store import Store

__all__ = ["store_at", "store_to_look_at"]

#: Of its database, where nobody names one.
NAME = "store.db"


def store_at(config: Config) -> Store:
    """The store that the configuration names; one in the user's directory for data, where it
    names none. A client tells a store that is configured by itself, and the other as
    ``Client(journal=store)``.

    Raises:
        ConfigurationError: it can't be opened, or does not count before the user says so.
    """
    if _is_named(config):
        return opened(config)
    folder = _folder()
    folder.mkdir(0o700, parents=True, exist_ok=True)
    return _store_in(folder)


@contextmanager
def store_to_look_at(config: Config) -> Iterator[Store]:
    """The same for whoever only looks: where it is not there yet, an empty one that is gone
    afterwards.

    Raises:
        ConfigurationError: it can't be opened, or does not count before the user says so.
    """
    if _is_named(config) and is_there(config):
        yield opened(config)
    elif not _is_named(config) and (_folder() / NAME).exists():
        with store_at(config) as store:
            yield store
    else:
        with TemporaryDirectory(prefix="imagekit-") as folder, _store_in(folder) as store:
            yield store


def _is_named(config: Config) -> bool:
    """Whether it says which, if only its user trusts it."""
    return bool(config.store) or config.withholds("store")


def _store_in(folder: str | Path) -> Store:
    return Store(f"sqlite:///{Path(folder) / NAME}")


def _folder() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_path("imagekit", appauthor=False))
