"""The store of somebody who may have configured none."""

from __future__ import annotations

from pathlib import Path

from imagekit import Config
from imagekit_store.configured import opened
from imagekit_store.store import Store

__all__ = ["store_at"]


def store_at(config: Config) -> Store:
    """The store that the configuration names; one in the user's directory for data, where it
    names none. A client tells a store that is configured by itself, and the other as
    ``Client(journal=store)``.

    Raises:
        ConfigurationError: it can't be opened, or does not count before the user says so.
    """
    if config.store or config.withholds("store"):
        return opened(config)
    import platformdirs

    folder = Path(platformdirs.user_data_path("imagekit", appauthor=False))
    folder.mkdir(0o700, parents=True, exist_ok=True)
    return Store(f"sqlite:///{folder / 'store.db'}")
