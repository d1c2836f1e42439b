"""A folder that one process writes, of all that run a batch; it belongs to that batch for good."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import IO

from imagekit import UsageError

__all__ = ["NAME", "batch_in", "hold"]

NAME = ".imagekit-batch.json"


def hold(folder: Path, key: str) -> IO[str] | None:
    """The folder is this process's until the file is closed; None: it is another's now.

    Raises:
        UsageError: it belongs to another batch.
        OSError: it can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / NAME).open("a+", encoding="utf-8")
    try:
        if not _is_locked(file):
            file.close()
            return None
        owner = _owner(file)
        if owner is None:
            file.truncate(0)
            file.write(json.dumps({"batch": key}) + "\n")
            file.flush()
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
        with (folder / NAME).open(encoding="utf-8") as file:
            return _owner(file)
    except OSError:
        return None


def _owner(file: IO[str]) -> str | None:
    file.seek(0)
    try:
        return str(json.loads(file.read())["batch"])
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
