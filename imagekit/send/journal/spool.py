"""Pictures that came in an answer itself, in files until they are where they were to go."""

from __future__ import annotations

import glob
import os
import re
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

from imagekit.basics.atomic import write_whole
from imagekit.basics.blob import Blob
from imagekit.basics.media import measure
from imagekit.values import Image
from imagekit.values.left import Unkept

__all__ = ["is_spooled", "remove", "spooled", "unkept"]


def unkept(directory: Path, id: str, image: Image) -> Unkept:
    """A picture of a call that has come: its link, or the file that it is in from now on."""
    if not image.is_here:
        return Unkept(image.index, image.url)
    name = f"{id}-{image.index}{image.extension}"
    error: OSError | None = None
    for spool in _spools(directory):
        try:
            return Unkept(image.index, file=str(_written(image.blob, spool, name)))
        except OSError as failure:
            error = error or failure
    return Unkept(image.index, error=str(error))


def spooled(directory: Path, id: str) -> dict[int, Path]:
    """The pictures of a call that are there, by index: also one whose line was not written any
    more when the process was killed."""
    return {
        int(path.stem.rpartition("-")[2]): path
        for spool in _spools(directory)
        for path in spool.glob(f"{glob.escape(id)}-*.*")
        if _is_named(path, id, r"\d+") and not _is_foreign(path, directory)
    }


def is_spooled(path: Path, id: str, index: int, directory: Path) -> bool:
    """Whether this may be what the journal in ``directory`` wrote of a picture. Its lines may be
    somebody else's who shipped them: any other file that they name is neither read nor removed.
    Beyond its own folder, where temporary files were, it is a picture that nobody else may read."""
    if not _is_named(path, id, str(index)) or _is_foreign(path, directory):
        return False
    own = directory / "pictures"
    return not own.is_symlink() if path.parent == own else _is_private_picture(path)


def _is_named(path: Path, id: str, index: str) -> bool:
    return re.fullmatch(rf"{re.escape(id)}-{index}\.\w+", path.name) is not None


def _is_foreign(path: Path, directory: Path) -> bool:
    """Whether something stands there that nobody wrote for the journal: others can put something
    into the temporary directory, under a name that they have seen in a list of processes."""
    owners = {directory.stat().st_uid, *([os.getuid()] if hasattr(os, "getuid") else [])}
    try:
        status = path.lstat()
    except OSError:  # it is gone, as whoever reads it will say
        return False
    return not stat.S_ISREG(status.st_mode) or status.st_uid not in owners


def _is_private_picture(path: Path) -> bool:
    """A key of the user's may have such a name, and is no picture."""
    try:
        if os.name == "posix" and path.lstat().st_mode & 0o077:
            return False
        with path.open("rb") as file:
            return measure(file) is not None
    except OSError:  # it is gone, as whoever reads it will say
        return True


def remove(files: Iterable[Path]) -> None:
    for path in files:
        with suppress(OSError):
            path.unlink()


def _spools(directory: Path) -> tuple[Path, ...]:
    """Where they are put: beside the journal, or where there is room when that disk is full.
    What leads elsewhere is no folder of the journal's: what is there is the user's."""
    own, temporary = directory / "pictures", Path(tempfile.gettempdir())
    return (temporary,) if own.is_symlink() else (own, temporary)


def _written(blob: Blob, directory: Path, name: str) -> Path:
    """The bytes in a file of the user's own, forced to disk; a file of that name is whole. It may
    be one with the blob, since nobody writes to it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / name
    link = partial(blob.link_to, private=True, passing=True)
    write_whole(path, blob.copy_to, link, overwrite=True, private=True)
    return path
