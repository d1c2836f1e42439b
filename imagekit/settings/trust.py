"""Which configurations in which directories their user has looked at and trusts.

As direnv does it: noted are the path and a digest of the content. Whoever changes the file,
or puts a copy of it elsewhere, has to ask again. JSON, path -> SHA-256, in the user's own
directory, where nobody else can write. Only ``imagekit config trust`` and ``untrust`` do.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from imagekit.errors import ConfigurationError
from imagekit.settings.private_files import directory, load, store

__all__ = ["Trust"]


class Trust:
    """What is trusted, read anew at each question.

    Args:
        path: the file that notes it; the user's own when not given. It need not be there.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = directory() / "trusted.json" if path is None else Path(path)

    def read(self) -> Mapping[str, str]:
        """Absolute path -> SHA-256 of what was trusted there.

        Raises:
            ConfigurationError: others can use the file, or it is not what it should be.
        """
        trusted = load(self.path)
        if not isinstance(trusted, dict):
            raise ConfigurationError(
                f"{self.path} is damaged; remove it, then say again what you trust: "
                "imagekit config trust"
            )
        return trusted

    def holds(self, file: Path, content: bytes) -> bool:
        """Whether just this content is trusted in just this place."""
        return self.read().get(_place(file)) == _digest(content)

    def knows(self, file: Path) -> bool:
        """Whether anything was trusted in this place, if only other content."""
        return _place(file) in self.read()

    def note(self, file: Path, content: bytes) -> None:
        """Trust this content, which the caller has read and shown, in this place."""
        store(self.path, {**self.read(), _place(file): _digest(content)})

    def forget(self, file: Path) -> bool:
        """Trust a file no longer; False when it was not trusted."""
        every = dict(self.read())
        if every.pop(_place(file), None) is None:
            return False
        store(self.path, every)
        return True


def _place(file: Path) -> str:
    """Its directory's true path, so that no link to a directory stands for another; a file
    that is a link is trusted where the link is, since its secrets are looked for there."""
    absolute = file.absolute()
    return str(absolute.parent.resolve() / absolute.name)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
