"""The keys file: credentials kept for one user, where nobody else can read them.

JSON, host -> field -> secret, in the user's directory for imagekit's configuration. Only
``imagekit keys`` writes it.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imagekit.errors import ConfigurationError

__all__ = ["Keys"]

_FORBIDDEN = 0o077  # what group and others may do with it: nothing


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
            from imagekit.config.file import directory  # and with it platformdirs

            self._path = directory() / "keys.json"
        return self._path

    def read(self) -> dict[str, dict[str, str]]:
        """Host -> field -> secret; empty when there is no file.

        Raises:
            ConfigurationError: others can read the file, or it is not what it should be.
        """
        try:
            with self.path.open(encoding="utf-8") as file:
                self._check(os.fstat(file.fileno()))
                found = json.load(file)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise ConfigurationError(f"{self.path} can't be read: {error.strerror}") from None
        except ValueError:  # it may quote what it found
            found = None
        if not _is_keys(found):
            raise ConfigurationError(
                f"{self.path} is damaged; remove it, then give your keys again: "
                "imagekit keys set HOST"
            )
        return found  # type: ignore[no-any-return]

    def fields(self, host: str) -> Mapping[str, str]:
        """The secrets of one host, by field."""
        return self.read().get(host, {})

    def set(self, host: str, fields: Mapping[str, str]) -> None:
        """Keep secrets of a host; its other fields stay."""
        every = self.read()
        every[host] = {**every.get(host, {}), **fields}
        self._write(every)

    def remove(self, host: str) -> bool:
        """Forget a host; False when nothing was kept of it."""
        every = self.read()
        if every.pop(host, None) is None:
            return False
        self._write(every)
        return True

    def _check(self, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise ConfigurationError(f"{self.path} is not a regular file")
        mode = stat.S_IMODE(status.st_mode)
        if os.name == "posix" and mode & _FORBIDDEN:
            raise ConfigurationError(
                f"others can read your keys (mode {mode:04o}); run: chmod 600 {self.path}"
            )

    def _write(self, every: Mapping[str, Any]) -> None:
        """All or nothing, and never readable by others, not even for a moment."""
        target = self.path.resolve()  # a link stays a link
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=".keys-")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(every, file, indent=2)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise ConfigurationError(f"{target} can't be written: {error.strerror}") from None


def _is_keys(found: object) -> bool:
    return isinstance(found, dict) and all(
        isinstance(fields, dict) and all(isinstance(secret, str) for secret in fields.values())
        for fields in found.values()
    )
