"""Where pictures are saved. A file is never overwritten silently, and a place that can't
be written to is found out before anything is paid for."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import click

from imagekit.basics.atomic import is_stream
from imagekit.basics.classes import define
from imagekit.basics.media import EXTENSIONS
from imagekit.cli.signals import held
from imagekit.values import Image

__all__ = ["Destination", "destination", "slug"]

_SUFFIXES = {*EXTENSIONS.values(), ".jpeg", ".tif", ".jfif"}
_NUMBERS = 10_000  # names tried before giving up on a directory
_LONGEST = 220  # bytes of a name without numbers and extension; file systems take 255


@define
class Destination:
    """A directory and a name without extension; ``wanted`` is the extension asked for.

    With ``free`` the name is imagekit's own choice, so another number is as good. A ``stream``
    is a pipe or a device, which takes the bytes as they are. ``again``: pictures may be there
    from an earlier try, and one that is the same is not saved twice. ``group`` is what all
    pictures of a group are named, once that is chosen.
    """

    directory: Path
    stem: str
    wanted: str = ""
    free: bool = False
    force: bool = False
    stream: Path | None = None
    again: bool = False
    group: str | None = None

    def save(self, image: Image, number: int | None) -> Path:
        """Move one picture there under its true extension; ``number`` tells several apart.

        Raises:
            OSError: the disk said no.
            DownloadError: the picture could not be fetched.
        """
        if self.stream:
            return image.save(self.stream)
        extension = image.extension
        if self.wanted.lower() in (extension, ".jpeg" if extension == ".jpg" else extension):
            extension = self.wanted
        for target in self._names(number, extension):
            try:
                with held():
                    return image.move_to(target, overwrite=self.force)
            except FileExistsError:
                if self.again and _holds(target, image):
                    return target
        raise FileExistsError(f"{self.directory} is full of pictures named {self.stem}")

    def _names(self, number: int | None, extension: str) -> Iterator[Path]:
        stem = self.stem if number is None else f"{self.group_stem()}-{number}"
        yield self.directory / f"{stem}{extension}"
        for attempt in range(2, _NUMBERS):
            yield self.directory / f"{stem}-{attempt}{extension}"

    def group_stem(self) -> str:
        """What all pictures of a group are named, chosen once: those of another run may be
        there, and half of one name and half of another would be nobody's group."""
        if self.group is None:
            stems = (self.stem, *(f"{self.stem}-{attempt}" for attempt in range(2, _NUMBERS)))
            untouched = (stem for stem in stems if not _numbered(self.directory, stem))
            self.group = self.stem if self.force else next(untouched, self.stem)
        return self.group


def _holds(path: Path, image: Image) -> bool:
    if not path.is_file() or path.stat().st_size != image.blob.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == image.blob.sha256


def destination(
    output: str | None,
    stem: str,
    force: bool,
    directory: Path | None = None,
    several: bool = False,
) -> Destination:
    """From ``-o`` to a place; refuses what could not be written. Where it does not say,
    ``stem`` is the name, and ``directory`` (the current one) where the files go.

    Args:
        several: more than one picture is asked for.

    Raises:
        click.UsageError: the place does not exist, is read-only, or is taken.
    """
    _short_enough(output or stem)
    if output is None:
        found = Destination(directory or Path(), stem, free=True, force=force)
    elif not output:
        raise click.UsageError("-o is empty; is a variable unset? Leave it out to save here")
    elif is_stream(Path(output)):
        return _to_stream(Path(output), stem, several)
    elif output.endswith(("/", os.sep)) or Path(output).is_dir():
        found = Destination(_made(Path(output)), stem, free=True, force=force)
    else:
        found = _named(Path(output), force, several)
    _writable(found.directory)
    return found


def _short_enough(output: str) -> None:
    if len(os.fsencode(Path(output).name)) > _LONGEST:
        raise click.UsageError(f"the name of the file has more than {_LONGEST} bytes; shorten it")


def _to_stream(path: Path, stem: str, several: bool) -> Destination:
    if several:
        raise click.UsageError(f"{path} takes one picture, and this asks for several; use -o DIR")
    if not os.access(path, os.W_OK):
        raise click.UsageError(f"{path} can't be written to")
    return Destination(Path(), stem, stream=path)


def _made(directory: Path) -> Path:
    """The slash at its end says what it is to be, so it is made when it is not there."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"{directory} can't be made: {error.strerror}") from error
    return directory


def _named(path: Path, force: bool, several: bool) -> Destination:
    wanted = path.suffix if path.suffix.lower() in _SUFFIXES else ""  # v1.5 is a whole name
    stem = path.name.removesuffix(wanted)
    there = path if os.path.lexists(path) else None
    if several:
        there = there or _numbered(path.parent, stem)
    if there and not force:
        raise click.UsageError(f"{there} exists; choose another name, or add --force")
    return Destination(path.parent, stem, wanted, force=force)


def _numbered(directory: Path, stem: str) -> Path | None:
    """A picture of a group of this name that is there already."""
    if not directory.is_dir():
        return None
    numbered = re.compile(rf"{re.escape(stem)}-\d+")
    return next(
        (
            path
            for path in sorted(directory.iterdir())
            if numbered.fullmatch(path.stem) and path.suffix.lower() in _SUFFIXES
        ),
        None,
    )


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
    """A short file name from the first words of a prompt, in whatever script they are."""
    plain = unicodedata.normalize("NFC", prompt[:200]).lower()
    letters = "".join(letter if _is_of_a_word(letter) else " " for letter in plain)
    name = ""
    for word in letters.split():
        longer = f"{name}-{word}" if name else _cut(word)
        if len(longer) > 40 or len(longer.encode()) > _LONGEST // 2:
            break
        name = longer
    return name or "picture"


def _is_of_a_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN"  # many scripts need marks to be read


def _cut(word: str) -> str:
    """Chinese and its like have no spaces between words."""
    return word[:40].encode()[: _LONGEST // 2].decode(errors="ignore")
