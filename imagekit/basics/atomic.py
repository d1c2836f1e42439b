"""Files that are whole or not there, whatever happens while they are written.

A file is written beside its name, forced to the disk, and only then given its name: by a hard
link, which never takes the place of another file. Who is killed in the middle leaves a
``.part`` and no picture that looks like one.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

__all__ = ["is_stream", "write_whole"]

#: What is open already, under a name: `Path.is_file` may well call it a file.
_OPEN = ("/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/")
#: What file systems without hard links answer: FAT, some network and phone storage.
_NO_LINKS = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK)
#: What Windows answers of such: ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED. Their errno is EINVAL.
_NO_LINKS_WINDOWS = (1, 50)


def write_whole(
    target: Path,
    write: Callable[[BinaryIO], object],
    link: Callable[[Path], bool] = lambda beside: False,
    *,
    overwrite: bool = False,
    private: bool = False,
) -> None:
    """Let ``write`` fill a new file, and give it the name ``target``.

    A pipe or a device is written to as it is. A symbolic link is a name like another: it is
    replaced with ``overwrite``, and what it points to is left alone.

    Args:
        link: gives a file that is full already this name, without a copy; whether it could.
        overwrite: take the place of a file that is there, and keep its permissions; not those to
            be run as its owner or group.
        private: nobody else may read it, whatever was allowed to others before.

    Raises:
        FileExistsError: ``target`` is there, and ``overwrite`` is False.
        OSError: the disk said no. Nothing is left behind.
    """
    if is_stream(target):
        with target.open("wb") as stream:
            write(stream)
        return
    if not overwrite and os.path.lexists(target):
        raise _taken(target)
    beside = target.with_name(f".{token_hex(8)}.part")
    try:
        if link(beside):
            _force(beside)
        else:
            _fill(beside, write, 0o600 if private else 0o666)
        if overwrite and not private:
            _permit_as(target, beside)
        beside.replace(target) if overwrite else _name(beside, target)
    finally:
        beside.unlink(missing_ok=True)
    _force_names(target.parent)


def is_stream(target: Path) -> bool:
    """Whether it is a pipe, a device, or open already, so that there is nothing to replace."""
    there = target.exists() and not target.is_file() and not target.is_dir()
    return there or str(target).startswith(_OPEN)


def _fill(beside: Path, write: Callable[[BinaryIO], object], mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        made = os.open(beside, flags, mode)
    except OSError as error:  # of the directory, since nobody else has this name
        raise OSError(error.errno, error.strerror, str(beside.parent)) from None
    with os.fdopen(made, "wb") as file:
        write(file)
        file.flush()
        os.fsync(made)


def _permit_as(target: Path, beside: Path) -> None:
    if target.is_file() and not target.is_symlink():
        beside.chmod(target.stat().st_mode & 0o777)


def _name(beside: Path, target: Path) -> None:
    try:
        _link(beside, target)
    except FileExistsError:  # since it was looked for
        raise _taken(target) from None


def _taken(target: Path) -> FileExistsError:
    why = "it is there already; overwrite=True takes its place"
    return FileExistsError(errno.EEXIST, why, str(target))


def _link(beside: Path, target: Path) -> None:
    try:
        os.link(beside, target)
    except (AttributeError, OSError) as error:
        if isinstance(error, OSError) and not _knows_no_links(error):
            raise
        target.open("xb").close()  # the name is ours, and empty for no longer than a rename
        beside.replace(target)


def _knows_no_links(error: OSError) -> bool:
    return error.errno in _NO_LINKS or getattr(error, "winerror", None) in _NO_LINKS_WINDOWS


def _force_names(directory: Path) -> None:
    """A name is on the disk when its directory is. Not every system lets one say so."""
    with contextlib.suppress(OSError):
        _force(directory)


def _force(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
