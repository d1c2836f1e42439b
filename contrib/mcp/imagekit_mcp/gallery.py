"""The folder where pictures are saved, and from which a program may read them back."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from imagekit import Blob, Image, UsageError, tools

__all__ = ["Gallery"]

#: A larger one is read from its file: as base64 it is a third more, and all of it in memory.
LARGEST = 16 << 20
#: As they are named when they are saved.
NAME = re.compile(r"[^./\0][^/\0]*-[0-9a-f]{16}\.[a-z0-9]{2,5}")


class Gallery(tools.Gallery):
    """That of a server, which reads its pictures back as well."""

    @property
    def journal(self) -> Path:
        """Where paid calls are noted: with the user's own, since what lies in the folder may have
        come with a repository, and a journal is believed."""
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return tools.state_directory() / "mcp" / name

    def newest(self, limit: int) -> list[Path]:
        """The last that were saved, newest first."""
        found = [(entry.stat().st_mtime_ns, Path(entry.path)) for entry in self._entries()]
        return [path for _, path in sorted(found, reverse=True)[:limit]]

    def read(self, uri: str) -> Image:
        """The picture of such a URI: nothing else of this machine has one.

        Raises:
            UsageError: there is none, or it is too large to be read so.
        """
        name = unquote(uri.removeprefix(f"{self.folder.as_uri()}/"))
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
