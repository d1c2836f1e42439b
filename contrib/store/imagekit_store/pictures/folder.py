"""Pictures in a folder, for the user alone.

A file is written into ``parts``, forced to the disk, and only then given its name; the name is
forced to the disk, too. Who is killed in the middle leaves a part, and no picture that looks like
one. Two processes that keep the same picture write the same bytes, so either may be the last.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from imagekit import Blob
from imagekit_store.pictures.place import Area, Gone, Stored

__all__ = ["Folder"]

#: Where files are written before they have a name.
_PARTS = "parts"
#: Areas that grow for ever have 256 folders, by the first two digits of the digest.
_SHARED_OUT = (Area.PICTURES, Area.THUMBNAILS)
#: A file that is a link is not read, and one that is a pipe is not waited for.
_READ = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Folder:
    """See `Place`. Made when the first picture is kept.

    No symbolic link below the folder is followed; the folder itself may be one.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).absolute()
        self._made: set[Path] = set()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Folder({str(self.path)!r})"

    @property
    def url(self) -> str:
        """Where it is, for people."""
        return str(self.path)

    def put(self, area: Area, name: str, blob: Blob, media_type: str | None) -> None:
        target = self._path(area, name)
        self._make(target.parent)
        there = self.stat(area, name)
        if there is None or there.size != blob.size:
            self._write(target, blob)
        _force_names(target.parent)  # whoever wrote it may not have come to that yet

    def stat(self, area: Area, name: str) -> Stored | None:
        try:
            status = os.lstat(self._path(area, name))
        except FileNotFoundError:
            return None
        return _stored(name, status)

    def open(self, area: Area, name: str) -> BinaryIO:
        path = self._path(area, name)
        self._refuse_link(path.parent)
        try:
            descriptor = os.open(path, _READ)
        except FileNotFoundError:
            raise _gone(area, name, path) from None
        file = os.fdopen(descriptor, "rb")
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return file
        file.close()
        raise OSError(errno.EINVAL, "this is no regular file", str(path))

    def blob(self, area: Area, name: str, sha256: str) -> Blob:
        self.open(area, name).close()  # else a link could lead elsewhere
        try:
            return Blob.of_file(self._path(area, name), sha256=sha256)
        except FileNotFoundError:
            raise _gone(area, name, self._path(area, name)) from None

    def where(self, area: Area, name: str) -> str:
        return str(self._path(area, name))

    def remove(self, area: Area, names: list[str]) -> None:
        for name in names:
            path = self._path(area, name)
            self._refuse_link(path.parent)
            path.unlink(missing_ok=True)

    def listed(self, area: Area) -> Iterator[Stored]:
        for directory in self._directories(area):
            for entry in _entries(directory):
                with suppress(FileNotFoundError):  # removed since it was listed
                    if found := _stored(entry.name, entry.stat(follow_symlinks=False)):
                        yield found

    def free(self) -> int | None:
        return shutil.disk_usage(next(path for path in self._and_above() if path.exists())).free

    def tidy(self, before: float) -> int:
        count, parts = 0, self.path / _PARTS
        self._refuse_link(parts)  # whoever made it one would have us empty another folder
        for entry in _entries(parts):
            with suppress(FileNotFoundError):  # it has got its name since it was listed
                if entry.stat(follow_symlinks=False).st_mtime < before:
                    Path(entry.path).unlink()
                    count += 1
        return count

    def _path(self, area: Area, name: str) -> Path:
        return self.path / area / (name[:2] if area in _SHARED_OUT else "") / name

    def _directories(self, area: Area) -> Iterator[Path]:
        self._refuse_link(self.path / area)
        if area not in _SHARED_OUT:
            yield self.path / area
            return
        for entry in _entries(self.path / area):
            if entry.is_dir(follow_symlinks=False):
                yield Path(entry.path)

    def _and_above(self) -> tuple[Path, ...]:
        return (self.path, *self.path.parents)

    def _make(self, directory: Path) -> None:
        """The directory, for the user alone, and on the disk when this returns."""
        with self._lock:
            if directory in self._made and directory.is_dir():
                return
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            for inner in (*self._below(directory), self.path / _PARTS):
                inner.mkdir(mode=0o700, exist_ok=True)
                self._refuse_link(inner)
                _force_names(inner.parent)
            self._made.add(directory)

    def _below(self, directory: Path) -> list[Path]:
        """The directories from the folder down to this one."""
        above = [directory, *directory.parents]
        return above[: above.index(self.path)][::-1]

    def _refuse_link(self, directory: Path) -> None:
        for inner in self._below(directory):
            if inner.is_symlink():
                raise OSError(
                    errno.ELOOP, "this is a link, which pictures do not follow", str(inner)
                )

    def _write(self, target: Path, blob: Blob) -> None:
        part = self.path / _PARTS / f"{token_hex(8)}.part"
        try:
            _fill(part, blob)
            _rename(part, target, blob.size)
        except OSError as error:
            raise _told(error, target, blob.size) from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _fill(part: Path, blob: Blob) -> None:
    """The file may be one with the blob: nobody writes to what is kept."""
    mode = "rb" if blob.link_to(part, private=True) else "wb"
    with os.fdopen(os.open(part, _READ if mode == "rb" else _WRITE, 0o600), mode) as file:
        if mode == "wb":
            blob.copy_to(file)
            file.flush()
        if blob.size:  # what is empty is all in its name
            os.fsync(file.fileno())


def _rename(part: Path, target: Path, size: int) -> None:
    try:
        part.replace(target)
    except PermissionError:  # Windows, while somebody reads the very same picture there
        if not (target.is_file() and target.stat().st_size == size):
            raise


def _told(error: OSError, target: Path, size: int) -> OSError:
    """It with words; of the same kind, since its number says that."""
    why = f"a picture of {size:,} bytes could not be kept: {error.strerror or error}"
    return OSError(error.errno or errno.EIO, why, str(target))


def _gone(area: Area, name: str, path: Path) -> Gone:
    return Gone(f"there is no {name} in {path.parent}: it was removed, or never kept there")


def _stored(name: str, status: os.stat_result) -> Stored | None:
    if not stat.S_ISREG(status.st_mode):
        return None
    return Stored(name, status.st_size, status.st_mtime)


def _entries(directory: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            yield from entries
    except FileNotFoundError:  # nothing was kept yet
        return


def _force_names(directory: Path) -> None:
    """A name is on the disk when its directory is. Not every system lets one say so."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
