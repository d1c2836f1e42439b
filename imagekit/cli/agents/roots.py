"""Reference pictures that a model names: files below the roots, and nothing else of this machine.

Whoever names them may be under the spell of a prompt, so a path is taken apart and opened folder
by folder, without following a symbolic link: what is read is what was checked.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from imagekit import Reference, UsageError, read_reference
from imagekit.basics.classes import evolve, frozen

__all__ = ["Roots"]

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_FOLDER = _FLAGS | getattr(os, "O_DIRECTORY", 0)
#: Opened without waiting for whoever writes into it, and never a terminal of ours.
_FILE = _FLAGS | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


@frozen
class Roots:
    """Folders below which pictures may be read.

    Attributes:
        folders: as they were given, and as they really are: either is what a model may say.
    """

    folders: tuple[tuple[Path, Path], ...]

    @classmethod
    def of(cls, folders: Sequence[Path]) -> Roots:
        return cls(tuple((one.absolute(), one.resolve(strict=True)) for one in folders))

    def reference(self, named: str) -> Reference:
        """The picture of this name: a path below a root, or a ``file:`` URI of one. A URL is
        none: whoever looks at its server would read what a prompt has made the model write there.

        Raises:
            UsageError: it is not below a root, or no regular file there.
        """
        if not isinstance(named, str):
            raise UsageError(f"a reference is named by its path, not by {named!r:.60}")
        path = _path(named)
        with self._opened(path, named) as file:
            return evolve(read_reference(file), name=path.name)

    def _opened(self, path: Path, named: str) -> BinaryIO:
        """
        Raises:
            UsageError: as `reference`.
        """
        for root, parts in self._places(path):
            try:
                return os.fdopen(_below(root, parts, named), "rb")
            except FileNotFoundError:
                continue
            except (OSError, ValueError) as error:
                raise UsageError(_unreadable(named, error)) from None
        folders = ", ".join(str(given) for given, _ in self.folders)
        raise UsageError(f"{named!r:.200} is no file below {folders}, where references may be read")

    def _places(self, path: Path) -> list[tuple[Path, tuple[str, ...]]]:
        """Each root that the path may be below, and the way from there; a relative one may be
        below any of them."""
        if ".." in path.parts or "\0" in str(path):
            return []
        if not path.is_absolute():
            return [(real, path.parts) for _, real in self.folders]
        return [
            (real, path.relative_to(root).parts)
            for given, real in self.folders
            for root in dict.fromkeys((given, real))
            if path.is_relative_to(root)
        ]


def _path(named: str) -> Path:
    if not named.lower().startswith("file:"):
        return Path(named)
    address = urlsplit(named)
    if address.netloc not in ("", "localhost"):
        raise UsageError(f"{named!r:.200} is a file of another machine")
    return Path(unquote(address.path))


def _below(root: Path, parts: tuple[str, ...], named: str) -> int:
    """A descriptor of the file at the end of this way.

    Raises:
        UsageError: it is hidden, or no regular file.
        OSError: it is not there, may not be read, or there is a link on the way.
    """
    if os.open not in os.supports_dir_fd:
        raise UsageError("files are read as references on Linux and macOS alone")
    if not parts or any(part.startswith(".") for part in parts):
        raise UsageError(f"{named!r:.200} is hidden or a root itself; name a picture file")
    folder = os.open(root, _FOLDER)
    try:
        for part in parts[:-1]:
            above, folder = folder, os.open(part, _FOLDER, dir_fd=folder)
            os.close(above)
        return _regular(parts[-1], folder, named)
    finally:
        os.close(folder)


def _regular(name: str, folder: int, named: str) -> int:
    """
    Raises:
        UsageError: it is a folder, a pipe, a device: opened without waiting, and never read.
    """
    descriptor = os.open(name, _FILE, dir_fd=folder)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise UsageError(f"{named!r:.200} is no regular file; name a picture file")


def _unreadable(named: str, error: Exception) -> str:
    if getattr(error, "errno", None) in (errno.ELOOP, errno.ENOTDIR):
        return f"{named!r:.200} leads over a symbolic link, which is not followed"
    return f"{named!r:.200} can't be read: {getattr(error, 'strerror', None) or error}"
