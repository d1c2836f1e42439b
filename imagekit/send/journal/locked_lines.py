"""A file of lines that one process writes and nobody else touches, until that process is gone."""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

from attrs import field

from imagekit.basics.classes import define

__all__ = ["LockedLines"]

EXTENSION = ".journal"
_FLAGS = os.O_APPEND | getattr(os, "O_BINARY", 0)
#: The place of the byte that stands for a file where bytes are locked: no journal gets there.
_NEVER_WRITTEN = 1 << 30


@define
class LockedLines:
    """A file of one process, locked while that lives; each line of JSON is forced to disk."""

    path: Path
    descriptor: int
    size: int = 0
    _process: int = field(factory=os.getpid)
    _torn: bool = False

    @classmethod
    def new(cls, directory: Path) -> LockedLines:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{token_hex(4)}{EXTENSION}"
        path = directory / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)
        if not _locked(descriptor):
            raise OSError(f"{path} is in use")
        _force_directory(directory)
        return cls(path, descriptor)

    @staticmethod
    def files(directory: Path) -> list[Path]:
        """Those of all processes, in the order in which they were begun."""
        return sorted(directory.glob(f"*{EXTENSION}"))

    @classmethod
    def claim(cls, path: Path) -> LockedLines | None:
        """The file of a process that is gone; None when it lives, or somebody else was quicker, or
        when it is none of ours: what came with an archive is readable by others, or theirs."""
        try:
            descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | _FLAGS)
        except OSError:
            return None
        if _is_ours(os.fstat(descriptor)) and _locked(descriptor) and path.exists():
            return cls(path, descriptor)
        os.close(descriptor)
        return None

    @property
    def is_of_another_process(self) -> bool:
        return self._process != os.getpid()

    def write(self, document: Mapping[str, Any]) -> None:
        line = json.dumps(document, separators=(",", ":")).encode() + b"\n"
        line = b"\n" * self._torn + line  # half a line is no reason to lose the next
        self._torn = True
        left = memoryview(line)
        while left:
            left = left[os.write(self.descriptor, left) :]
        os.fsync(self.descriptor)
        self._torn = False
        self.size += len(line)

    def begin_anew(self) -> None:
        os.ftruncate(self.descriptor, 0)
        self.size = 0

    def remove(self) -> None:
        """Remove the file while nobody else can claim it; where what is open can't be removed,
        right after that. Who claims it in between only goes on with the same calls as we."""
        try:
            self.path.unlink()
        except PermissionError:
            self.close()
            self.path.unlink()

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __enter__(self) -> LockedLines:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _is_ours(status: os.stat_result) -> bool:
    """Whether a journal of this user may be so: a regular file (to read a FIFO has no end) that
    nobody else could have written or has left open to all."""
    if not stat.S_ISREG(status.st_mode):
        return False
    if not hasattr(os, "geteuid"):  # Windows, whose modes say nothing of others
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & 0o077


def _locked(descriptor: int) -> bool:
    """Whether the file is ours alone from now on, until it is closed."""
    try:
        _lock(descriptor)
    except OSError:
        return False
    return True


def _lock(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows: there, what is locked can't be read by others either
        import msvcrt

        os.lseek(descriptor, _NEVER_WRITTEN, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _force_directory(directory: Path) -> None:
    """A name outlives a power cut only when its directory is on disk, too."""
    with suppress(OSError):  # Windows can't, and a few file systems
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
