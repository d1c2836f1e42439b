"""What processes that are gone have left in a journal's directory, read from their files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from attrs import field

from imagekit.basics.classes import define
from imagekit.errors import InvalidConfiguration
from imagekit.send.journal.locked_lines import LockedLines
from imagekit.send.journal.spool import is_spooled, spooled
from imagekit.values import Pending, Purchase
from imagekit.values.left import Left, Unkept

__all__ = ["claimed", "left_behind", "read"]


def left_behind(directory: str | Path) -> list[Left]:
    """What processes that are gone have left open there, oldest first. Changes nothing."""
    with claimed(Path(directory)) as files:
        return sorted(read(files).open.values(), key=lambda entry: entry.at)


@contextmanager
def claimed(directory: Path) -> Iterator[list[LockedLines]]:
    """The files of processes that are gone; nobody else may touch them meanwhile."""
    with ExitStack() as held:
        files = map(LockedLines.claim, LockedLines.files(directory))
        yield [held.enter_context(lines) for lines in files if lines is not None]


@define
class Found:
    """What files say: the calls that are open, and the ids of those that have ended."""

    open: dict[str, Left] = field(factory=dict)
    ended: set[str] = field(factory=set)


def read(files: Iterable[LockedLines]) -> Found:
    """A call may be in several files, and in one of them only half: whoever wrote that was
    killed while it took the call over."""
    found = Found()
    for lines in files:
        said = _read_one(lines.path)
        found.ended |= said.ended
        for id, entry in said.open.items():
            found.open[id] = _joined(entry, found.open.get(id))
    for id in found.ended:
        found.open.pop(id, None)
    return found


def _joined(entry: Left, other: Left | None) -> Left:
    """All that is known of a call."""
    if other is not None:
        entry.pending = entry.pending or other.pending
        entry.pictures = {**other.pictures, **entry.pictures}
        entry.whole = entry.whole or other.whole
    return entry


def _read_one(path: Path) -> Found:
    """A line that broke off, or that nobody understands, is passed over."""
    found = Found()
    for document in _documents(path):
        with suppress(LookupError, TypeError, ValueError, InvalidConfiguration):
            _take(found, document)
    for id, entry in found.open.items():
        files = spooled(path.parent, id)  # where temporary files are now, which may be elsewhere
        noted = {i: one for i, one in entry.pictures.items() if _may_be_had(id, one, path.parent)}
        entry.pictures = noted | {
            index: Unkept(index, file=str(file)) for index, file in sorted(files.items())
        }
    return found


def _may_be_had(id: str, picture: Unkept, directory: Path) -> bool:
    if picture.file is None:
        return picture.url is not None
    return is_spooled(Path(picture.file), id, picture.index, directory)


def _documents(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_bytes().splitlines():
        with suppress(ValueError, RecursionError):
            document = json.loads(line)
            if isinstance(document, dict):
                yield document


def _take(found: Found, document: Mapping[str, Any]) -> None:
    """One line: what it adds, or ends."""
    from imagekit.settings.conversion import from_plain

    step, id = document["step"], str(document["id"])
    if step == "sending":
        purchase = from_plain(document["purchase"], Purchase)
        found.open[id] = Left(purchase, float(document["at"]), dict(document.get("about") or {}))
        return
    entry = found.open[id]
    if step == "accepted":
        entry.pending = from_plain(document["pending"], Pending)
    elif step == "answered":
        pictures = [from_plain(plain, Unkept) for plain in document["pictures"]]
        entry.pictures |= {picture.index: picture for picture in pictures}
        entry.whole = bool(document.get("whole"))
    else:
        del found.open[id]
        found.ended.add(id)
