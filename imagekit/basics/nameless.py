"""Temporary files without a name, which may be given one.

Linux has files that never had a name (``O_TMPFILE`` in open(2)): they are gone when they are
closed, unless ``/proc/self/fd/...`` was linked to a name. Elsewhere there are those of
`tempfile`, which stay without.
"""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path
from typing import IO

__all__ = ["Nameless"]

_DEFAULT_ACL = "system.posix_acl_default"


class Nameless:
    """A new empty file where temporary files are: see `tempfile.gettempdir`.

    Attributes:
        file: it, open for reading and writing, without a buffer: what was written is in it.

    Raises:
        OSError: there is no room for it.
    """

    def __init__(self) -> None:
        self.file = _opened()
        self._mode = stat.S_IMODE(os.fstat(self.file.fileno()).st_mode)
        self._names = 0  # that pass; or, once it has one that stays, none may be added
        self._lock = threading.Lock()

    def link_to(self, path: str, *, private: bool, passing: bool) -> bool:
        """Give it a name; whether it has that now. See `Blob.link_to`.

        Not in a directory that gives new files a group or permissions of its own: this one would
        keep those that it was made with.
        """
        descriptor = self.file.fileno()
        with self._lock:
            try:
                # Names that were not given here are a forked process's.
                if os.fstat(descriptor).st_nlink > self._names or _bequeaths(path):
                    return False
                os.fchmod(descriptor, 0o600 if private else self._mode)
                # Only where a directory is given, which is not needed, that link is followed.
                source = f"/proc/self/fd/{descriptor}"
                os.link(source, path, src_dir_fd=descriptor, follow_symlinks=True)
            except (AttributeError, NotImplementedError, OSError):
                return False
            self._names = self._names + 1 if passing else -1
            return True


def _opened() -> IO[bytes]:
    import tempfile  # costs 10 ms to import, and small answers never need it

    try:
        made = os.open(tempfile.gettempdir(), os.O_TMPFILE | os.O_RDWR, 0o666)
    except (AttributeError, OSError):  # another system, or a file system that has none
        return tempfile.TemporaryFile(buffering=0)
    return os.fdopen(made, "w+b", buffering=0)


def _bequeaths(path: str) -> bool:
    directory = Path(path).parent
    if directory.stat().st_mode & stat.S_ISGID:
        return True
    try:
        return bool(os.getxattr(directory, _DEFAULT_ACL))
    except OSError:  # it has none
        return False
