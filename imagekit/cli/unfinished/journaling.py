"""The journal of the command line: what a command has paid for outlives it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from imagekit.cli.saving.files import Destination
from imagekit.cli.session import config_in_use
from imagekit.errors import ImagekitError
from imagekit.send.journal.directory import FileJournal
from imagekit.values import Pending, Purchase, Result
from imagekit.values.left import Left, Unkept

__all__ = [
    "VARIABLE",
    "CallJournal",
    "Memory",
    "about",
    "journal_of",
    "place_of",
    "state_directory",
]

VARIABLE = "IMAGEKIT_STATE"


def state_directory() -> Path:
    """Where it is: ``$IMAGEKIT_STATE``, or the user's own directory for such things."""
    import platformdirs

    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    return platformdirs.user_state_path("imagekit", appauthor=False)


class Memory:
    """The journal of those who want none: it knows what is open, and forgets it at the end."""

    def __init__(self) -> None:
        self._open: dict[str, Left] = {}

    def sending(self, purchase: Purchase) -> None:
        self._open[purchase.id] = Left(purchase, time.time())

    def accepted(self, purchase: Purchase, pending: Pending) -> None:
        self._entry(purchase).pending = pending

    def answered(self, purchase: Purchase, result: Result, more: bool) -> None:
        pictures = self._entry(purchase).pictures
        pictures |= {image.index: Unkept(image.index, image.url) for image in result.images}

    def kept(self, purchase: Purchase, result: Result) -> None:
        self._open.pop(purchase.id, None)

    def left(self, purchase: Purchase, pending: Pending | None) -> None:
        """It stays open."""

    def ended(self, purchase: Purchase, error: ImagekitError) -> None:
        self._open.pop(purchase.id, None)

    @property
    def open(self) -> list[Left]:
        return list(self._open.values())

    def _entry(self, purchase: Purchase) -> Left:
        return self._open.setdefault(purchase.id, Left(purchase, time.time()))


CallJournal = FileJournal | Memory


@contextmanager
def journal_of(place: dict[str, object], no_journal: bool) -> Iterator[CallJournal]:
    """A journal that notes with every call where its pictures were to go."""
    if no_journal:
        yield Memory()
        return
    with FileJournal(state_directory(), place) as journal:
        yield journal


def about(place: Destination, *, several: bool, embed: bool) -> dict[str, object]:
    """Where pictures go, to be written down: `place_of` reads it. And which configuration knows
    the host: another may have another address for it, and another key."""
    return {
        "directory": str(place.directory.absolute()),
        "stem": place.group_stem() if several else place.stem,
        "wanted": place.wanted,
        "several": several,
        "embed": embed,
        "config": config_in_use(),
    }


def place_of(noted: Mapping[str, Any]) -> Destination:
    """Where the pictures of a call were to go; here, where that is no more. What is there
    already is not saved twice."""
    stem = Path(str(noted.get("stem") or "picture")).name
    directory, wanted = _from_here(noted.get("directory")), str(noted.get("wanted") or "")
    return Destination(directory, stem, wanted, free=True, again=True, group=stem)


def _from_here(directory: object) -> Path:
    """As it is reached from here, if it still can be written to."""
    path = Path(str(directory or ""))
    if not os.access(path, os.W_OK):
        return Path()
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
