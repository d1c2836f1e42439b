"""Where pictures are saved. A file is never overwritten silently, and a place that can't
be written to is found out before anything is paid for."""

from __future__ import annotations

import os
import re
import tempfile
import unicodedata
from pathlib import Path

import click
from attrs import frozen

from imagekit.media import EXTENSIONS
from imagekit.values import Image

__all__ = ["Destination", "destination"]

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
        stem = self.stem if number is None else f"{self.stem}-{number}"
        target = self.directory / f"{stem}{extension}"
        for attempt in range(2, _NUMBERS):
            try:
                return image.save(target, overwrite=self.force)
            except FileExistsError:
                target = self.directory / f"{stem}-{attempt}{extension}"
        raise click.ClickException(f"{self.directory} is full of pictures named {stem}")


def destination(output: str | None, prompt: str, force: bool) -> Destination:
    """From ``-o`` and the prompt to a place; refuses what could not be written.

    Raises:
        click.UsageError: the place does not exist, is read-only, or is taken.
    """
    if output is None:
        found = Destination(Path(), _slug(prompt), free=True, force=force)
    elif output.endswith(("/", os.sep)) or Path(output).is_dir():
        found = Destination(Path(output), _slug(prompt), free=True, force=force)
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


def _slug(prompt: str) -> str:
    """A short file name from the first words of a prompt."""
    plain = unicodedata.normalize("NFKD", prompt[:200]).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain.lower())
    slug = ""
    for word in words:
        if len(slug) + len(word) > 40:
            break
        slug = f"{slug}-{word}" if slug else word
    return slug or "picture"
