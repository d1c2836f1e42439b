"""A folder that one process writes, of all that run a batch; it belongs to that batch for good."""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
from pathlib import Path
from typing import IO

from imagekit import UsageError

__all__ = ["NAME", "add_to", "batch_in", "hold", "own_file"]

NAME = ".imagekit-batch.json"


def hold(folder: Path, key: str) -> IO[str] | None:
    """The folder is this process's until the file is closed; None: it is another's now.

    Raises:
        UsageError: it belongs to another batch.
        OSError: it can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = own_file(folder / NAME)
    try:
        if not _is_locked(file):
            file.close()
            return None
        owner, mine = _owner(file), json.dumps({"batch": key}) + "\n"
        if owner is None and not mine.startswith(_text(file)):  # half of it is that of a kill
            told = f"{folder / NAME} says of no batch that it is its"
            raise UsageError(f"{told}; give another folder")
        if owner is None:
            file.truncate(0)
            add_to(file, mine)
        elif owner != key:
            raise UsageError(
                f"{folder} has the results of another batch, {owner}; give another folder, or, if "
                "the file was moved, its former path as --batch"
            )
    except BaseException:
        file.close()
        raise
    return file


def batch_in(folder: Path) -> str | None:
    """The key of the batch that a folder belongs to."""
    try:
        with own_file(folder / NAME, "r") as file:
            return _owner(file)
    except (OSError, UsageError):
        return None


def own_file(path: Path, mode: str = "a+") -> IO[str]:
    """A file of a batch, to be read and added to. What stands in a folder may have come with a
    repository: a link would lead to a file of the user's, and a pipe would wait for ever.

    Raises:
        UsageError: it is a link, or no file.
        OSError: it can't be opened.
    """
    return open(path, mode, encoding="utf-8", errors="replace", newline="\n", opener=_opened)


def _opened(path: str, flags: int) -> int:
    safely = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        opened = os.open(path, flags | safely, 0o666)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UsageError(_no_file(path)) from None
        raise
    if Path(path).is_symlink() or not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise UsageError(_no_file(path))
    return opened


def add_to(file: IO[str], text: str) -> None:
    """At its end, whole or not at all: of a line, a full disk takes half.

    Raises:
        OSError: the disk does not take it; with the path.
    """
    descriptor, left = file.fileno(), text.encode()
    before = os.fstat(descriptor).st_size
    try:
        while left:
            left = left[os.write(descriptor, left) :]
    except OSError as error:
        file.truncate(before)
        error.filename = file.name
        raise


def _no_file(path: str) -> str:
    return (
        f"{path} is no plain file, so nothing is written there; remove it, or give another folder"
    )


def _text(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def _owner(file: IO[str]) -> str | None:
    try:
        return str(json.loads(_text(file))["batch"])
    except (ValueError, KeyError, TypeError):
        return None


def _is_locked(file: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(1 << 30)  # a byte beyond what is read
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
