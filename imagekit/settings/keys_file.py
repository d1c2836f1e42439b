"""The keys file: credentials kept for one user, where nobody else can read them.

JSON, host -> field -> secret, in the user's directory for imagekit's configuration. Only
``imagekit keys`` writes it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from imagekit.errors import ConfigurationError
from imagekit.settings.private_files import directory, load, store

__all__ = ["Keys"]


class Keys:
    """The keys file, read anew at each question: it is small, and others may change it.

    Args:
        path: the file; the user's own when not given. It need not be there.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._path = None if path is None else Path(path)

    @property
    def path(self) -> Path:
        if self._path is None:
            self._path = directory() / "keys.json"
        return self._path

    def read(self) -> dict[str, dict[str, str]]:
        """Host -> field -> secret; empty when there is no file.

        Raises:
            ConfigurationError: others can use the file, or it is not what it should be.
        """
        keys = load(self.path)
        if not _is_keys(keys):
            del keys  # it may be keys all the same: no traceback has it
            raise ConfigurationError(
                f"{self.path} is damaged; remove it, then give your keys again: "
                "imagekit keys set HOST"
            )
        return keys  # type: ignore[no-any-return]

    def fields(self, host: str) -> Mapping[str, str]:
        """The secrets of one host, by field."""
        return self.read().get(host, {})

    def set(self, host: str, fields: Mapping[str, str]) -> None:
        """Keep secrets of a host; its other fields stay."""
        every = self.read()
        every[host] = {**every.get(host, {}), **fields}
        store(self.path, every)

    def remove(self, host: str) -> bool:
        """Forget a host; False when nothing was kept of it."""
        every = self.read()
        if every.pop(host, None) is None:
            return False
        store(self.path, every)
        return True


def _is_keys(document: object) -> bool:
    return isinstance(document, dict) and all(
        isinstance(fields, dict) and all(isinstance(secret, str) for secret in fields.values())
        for fields in document.values()
    )
