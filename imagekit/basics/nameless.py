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
from typing import IO, NamedTuple, Self

__all__ = ["Nameless"]

_ACL = "system.posix_acl_access"


class Nameless:
    """A new empty file where temporary files are: see `tempfile.gettempdir`.

    Attributes:
        file: it, open for reading and writing, without a buffer: what was written is in it.

    Raises:
        OSError: there is no room for it.
    """

    def __init__(self) -> None:
        self.file = _opened()
        self._made = _Made.of(self.file.fileno())
        self._process = os.getpid()
        self._stays = False  # once it has a name that does, none may be added
        self._lock = threading.Lock()

    def link_to(self, path: str, *, private: bool, passing: bool) -> bool:
        """Give it a name; whether it has that now. See `Blob.link_to`.

        Not where a new file would have another owner, group or permissions: by the directory, by
        that of temporary files, or since the umask has changed. Nor in a forked process: neither
        it nor this one would see which names the other gives.
        """
        if os.getpid() != self._process:  # where a thread that is not there may hold the lock
            return False
        descriptor = self.file.fileno()
        with self._lock:
            try:
                if self._stays or _made_in(path) != self._made:
                    return False
                os.fchmod(descriptor, 0o600)
                # Only where a directory is given, which is not needed, that link is followed.
                source = f"/proc/self/fd/{descriptor}"
                os.link(source, path, src_dir_fd=descriptor, follow_symlinks=True)
                if not private:
                    os.fchmod(descriptor, self._made.mode)
            except (AttributeError, NotImplementedError, OSError):
                return False
            self._stays = not passing
            return True


class _Made(NamedTuple):
    """What a file keeps, under any name, of where and when it was made."""

    owner: int
    group: int
    mode: int
    acl: bytes

    @classmethod
    def of(cls, descriptor: int) -> Self:
        status = os.fstat(descriptor)
        try:
            acl = os.getxattr(descriptor, _ACL)
        except (AttributeError, OSError):  # another system, or it has none
            acl = b""
        return cls(status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode), acl)


def _made_in(path: str) -> _Made:
    """What a new file would be there, of this moment: one that never gets the name.

    Raises:
        AttributeError, OSError: there are none without a name.
    """
    descriptor = os.open(Path(path).parent, os.O_TMPFILE | os.O_RDWR, 0o666)
    try:
        return _Made.of(descriptor)
    finally:
        os.close(descriptor)


def _opened() -> IO[bytes]:
    import tempfile  # costs 10 ms to import, and small answers never need it

    try:
        made = os.open(tempfile.gettempdir(), os.O_TMPFILE | os.O_RDWR, 0o666)
    except (AttributeError, OSError):  # another system, or a file system that has none
        return tempfile.TemporaryFile(buffering=0)
    return os.fdopen(made, "w+b", buffering=0)
