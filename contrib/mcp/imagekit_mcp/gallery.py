"""The folder where pictures are saved, and from which a program may read them back.

A picture is named after its bytes, so to save it again, as after a crash, changes nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from imagekit import Blob, Image, Result, UsageError, tools

__all__ = ["Gallery"]

#: A larger one is read from its file: as base64 it is a third more, and all of it in memory.
LARGEST = 16 << 20
NAME = re.compile(r"[0-9a-f]{24}\.[a-z0-9]{2,5}")


@frozen
class Gallery:
    """
    Attributes:
        folder: its real path.
    """

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> Gallery:
        """Made where it is not there.

        Raises:
            UsageError: it is a symbolic link. A repository may have brought it, and what it leads
                to would be a model's to read.
            OSError: it can't be.
        """
        if folder.is_symlink():
            raise UsageError(f"{folder} is a symbolic link; name the folder that it leads to")
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder.resolve(strict=True))

    @property
    def journal(self) -> Path:
        """Where paid calls are noted: with the user's own, since what lies in the folder may have
        come with a repository, and a journal is believed."""
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return tools.state_directory() / "mcp" / name

    def keep(self, result: Result) -> None:
        """Save every picture that is here: a sink of a client.

        Raises:
            OSError: the disk said no.
        """
        for image in result.images:
            if image.is_here:
                image.save(self.path(image), overwrite=True)

    def path(self, image: Image) -> Path:
        """Where a picture is, once it is kept."""
        return self.folder / f"{image.blob.sha256[:24]}{image.extension}"

    def newest(self, limit: int) -> list[Path]:
        """The last that were saved, newest first."""
        found = [(entry.stat().st_mtime_ns, Path(entry.path)) for entry in self._entries()]
        return [path for _, path in sorted(found, reverse=True)[:limit]]

    def read(self, uri: str) -> Image:
        """The picture of such a URI: nothing else of this machine has one.

        Raises:
            UsageError: there is none, or it is too large to be read so.
        """
        name = uri.removeprefix(f"{self.folder.as_uri()}/")
        if not NAME.fullmatch(name):
            raise UsageError(f"no picture here has the URI {uri!r:.200}")
        try:
            descriptor = os.open(
                self.folder / name, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0)
            )
        except OSError:
            raise UsageError(f"there is no picture {name} here any more") from None
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST:
                raise UsageError(
                    f"{name} has {about.st_size:,} bytes, and at most {LARGEST:,} are read so; "
                    "open the file itself"
                )
            return Image(0, blob=Blob.of(file.read(LARGEST)))

    def _entries(self) -> Iterator[os.DirEntry[str]]:
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    yield entry
