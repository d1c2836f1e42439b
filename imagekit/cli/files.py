"""Where pictures are saved. A file is never overwritten silently, and a place that can't
be written to is found out before anything is paid for."""

from __future__ import annotations

import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import click
from attrs import frozen

from imagekit.media import EXTENSIONS
from imagekit.values import Image

__all__ = ["Destination", "destination", "slug"]

_SUFFIXES = {*EXTENSIONS.values(), ".jpeg", ".tif", ".jfif"}
_NUMBERS = 10_000  # names tried before giving up on a directory


@frozen
class Destination:
    """A directory and a name without extension; ``wanted`` is the extension asked for.

    With ``free`` the name is imagekit's own choice, so another number is as good.
    """

    directory: Path
    stem: str
    wanted: str = ""
    free: bool = False
    force: bool = False

    def save(self, image: Image, number: int | None) -> Path:
        """Save one picture under its true extension; ``number`` tells several apart."""
        extension = image.extension
        if self.wanted.lower() in (extension, ".jpeg" if extension == ".jpg" else extension):
            extension = self.wanted
        for target in self._names(number, extension):
            try:
                return image.save(target, overwrite=self.force)
            except FileExistsError:
                continue
        raise click.ClickException(f"{self.directory} is full of pictures named {self.stem}")

    def keep(self, text: str, number: int | None, extension: str) -> Path:
        """Write what is no picture beside the pictures; never over another file.

        Raises:
            OSError: the disk said no.
        """
        for target in self._names(number, extension):
            try:
                file = target.open("x", encoding="utf-8")
            except FileExistsError:
                continue
            try:
                with file:
                    file.write(text)
            except BaseException:
                target.unlink()
                raise
            return target
        raise FileExistsError(f"{self.directory} is full of files named {self.stem}")

    def _names(self, number: int | None, extension: str) -> Iterator[Path]:
        stem = self.stem if number is None else f"{self.stem}-{number}"
        yield self.directory / f"{stem}{extension}"
        for attempt in range(2, _NUMBERS):
            yield self.directory / f"{stem}-{attempt}{extension}"


def destination(
    output: str | None, stem: str, force: bool, directory: Path | None = None
) -> Destination:
    """From ``-o`` to a place; refuses what could not be written. Where it does not say,
    ``stem`` is the name, and ``directory`` (the current one) where the files go.

    Raises:
        click.UsageError: the place does not exist, is read-only, or is taken.
    """
    if output is None:
        found = Destination(directory or Path(), stem, free=True, force=force)
    elif output.endswith(("/", os.sep)) or Path(output).is_dir():
        found = Destination(Path(output), stem, free=True, force=force)
    else:
        path = Path(output)
        wanted = path.suffix if path.suffix.lower() in _SUFFIXES else ""  # v1.5 is a whole name
        found = Destination(path.parent, path.name.removesuffix(wanted), wanted, force=force)
        if path.exists() and not force:
            raise click.UsageError(f"{path} exists; choose another name, or add --force")
    _writable(found.directory)
    return found


def _writable(directory: Path) -> None:
    if not directory.is_dir():
        raise click.UsageError(f"{directory} is not a directory; make it first")
    try:
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        message = f"{directory} can't be written to ({error.strerror}); choose another with -o"
        raise click.UsageError(message) from error


def slug(prompt: str) -> str:
    """A short file name from the first words of a prompt."""
    plain = unicodedata.normalize("NFKD", prompt[:200]).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain.lower())
    name = ""
    for word in words:
        if len(name) + len(word) > 40:
            break
        name = f"{name}-{word}" if name else word
    return name or "picture"
