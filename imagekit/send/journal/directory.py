"""A journal in a directory of the user's: what a process that was killed leaves behind there,
the next one can finish.

Each process writes a file of its own, lines of JSON, each forced to disk before it counts;
pictures that come inside an answer get files beside it first. A file is locked while its
process lives. Files are 0600: they hold prompts, and the signed links of pictures that are not
kept yet. They hold no key, no pixel of a reference (its digest stands for it), and nothing of a
call that has come to its end once its file is closed or taken over.
"""

from __future__ import annotations

import glob
import json
import os
import re
import stat
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

from attrs import define, field

from imagekit.basics.atomic import write_whole
from imagekit.basics.blob import Blob
from imagekit.basics.forks import tell_in_child
from imagekit.errors import ImagekitError
from imagekit.send.journal.open_calls import Left, Unkept, plain, steps
from imagekit.values import Image, Pending, Purchase, Result

__all__ = ["FileJournal", "left_behind"]

EXTENSION = ".journal"
#: Bytes beyond which a file in which nothing is open any more begins anew.
LONGEST = 1 << 20


class FileJournal:
    """The journal of one process. Thread-safe; a child that is forked writes its own file.

    Args:
        directory: made, for the user alone, when the first call is written.
        about: is noted with every call.
    """

    def __init__(self, directory: str | Path, about: Mapping[str, Any] | None = None) -> None:
        self.directory = Path(directory).absolute()
        self.about = dict(about or {})
        self._file: _Lines | None = None
        self._open: dict[str, Left] = {}
        self.after_fork()
        tell_in_child(self)

    def after_fork(self) -> None:
        """In a child the lock may be held by a thread that it has not got."""
        self._lock = threading.RLock()

    # --- the steps: see `imagekit.Journal` ------------------------------------------------

    def sending(self, purchase: Purchase) -> None:
        entry = Left(purchase, time.time(), self.about)
        with self._lock:
            for step, told in steps(entry):
                self._write(step, purchase.id, **told)
            self._open[purchase.id] = entry

    def accepted(self, purchase: Purchase, pending: Pending) -> None:
        from imagekit.values.plain.convert import to_plain

        with self._lock:
            entry = self._entry(purchase)
            self._write("accepted", purchase.id, pending=to_plain(pending))
            entry.pending = pending

    def answered(self, purchase: Purchase, result: Result, more: bool = False) -> None:
        with self._lock:
            entry = self._entry(purchase)
            new = [image for image in result.images if image.index not in entry.pictures]
            pictures = [self._unkept(purchase.id, image) for image in new]
            if pictures or not more:
                told = {"pictures": [plain(picture) for picture in pictures], "whole": not more}
                self._write("answered", purchase.id, **told, request=result.request_id)
                entry.pictures |= {picture.index: picture for picture in pictures}
                entry.whole = not more
        lost = [picture.error for picture in pictures if picture.error]
        if lost:
            raise OSError(f"a picture of the answer could not be written down: {lost[0]}")

    def kept(self, purchase: Purchase, result: Result) -> None:
        self._end("kept", purchase)

    def ended(self, purchase: Purchase, error: ImagekitError) -> None:
        told = {"error": type(error).__name__, "charged": str(error.charged)}
        self._end("ended", purchase, **told)

    # --- what is open ---------------------------------------------------------------------

    @property
    def open(self) -> list[Left]:
        """The calls that have not come to their end, oldest first."""
        with self._lock:
            return list(self._open.values())

    def take_over(self) -> list[Left]:
        """Go on with what processes that are gone have left: from now on it stands in this
        journal, and in their files no more. What a living process does is left alone.
        """
        with self._lock, _claimed(self.directory) as claimed:
            found = _read(claimed)
            self._adopt(found.open)
            for lines in claimed:
                lines.remove()
            for id in found.ended:
                _remove(_spooled(self.directory, id).values())
            return self.open

    def adopt(self, entry: Left) -> None:
        """Go on with a call that no journal here knows, such as one from another machine."""
        with self._lock:
            self._adopt({entry.purchase.id: entry})

    def forget(self, id: str) -> None:
        """End a call by a person's word: nothing more is expected of it."""
        entry = self._open[id]
        self._end("forgotten", entry.purchase)

    def close(self) -> None:
        """Remove the file, or leave it to whoever takes over what is still open in it. That of
        another process is left alone, from which this one was forked."""
        with self._lock:
            if self._file is not None:
                if not self._open and not self._file.is_of_another_process:
                    with suppress(OSError):
                        self._file.remove()
                self._file.close()
                self._file = None

    def __enter__(self) -> FileJournal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _adopt(self, entries: Mapping[str, Left]) -> None:
        for id, entry in entries.items():
            if id not in self._open:
                for step, told in steps(entry):
                    self._write(step, id, **told)
                self._open[id] = entry

    def _entry(self, purchase: Purchase) -> Left:
        """The call; one that is new here is a job that another process began."""
        entry = self._open.get(purchase.id)
        if entry is None:
            self.sending(purchase)
            entry = self._open[purchase.id]
        return entry

    def _end(self, step: str, purchase: Purchase, **told: Any) -> None:
        with self._lock:
            if purchase.id not in self._open:
                return
            self._write(step, purchase.id, **told)
            pictures = self._open.pop(purchase.id).pictures.values()
            _remove(Path(picture.file) for picture in pictures if picture.file)
            if not self._open and self._file is not None and self._file.size > LONGEST:
                self._file.begin_anew()

    def _write(self, step: str, id: str, **told: Any) -> None:
        if self._file is not None and self._file.is_of_another_process:
            self._file, self._open = None, {}  # this process was forked: all that is its parent's
        if self._file is None:
            self._file = _Lines.new(self.directory)
        self._file.write({"step": step, "id": id, "at": time.time(), **told})

    def _unkept(self, id: str, image: Image) -> Unkept:
        if not image.is_here:
            return Unkept(image.index, image.url)
        name = f"{id}-{image.index}{image.extension}"
        error: OSError | None = None
        for directory in _spools(self.directory):
            try:
                return Unkept(image.index, file=str(_written(image.blob, directory, name)))
            except OSError as failure:
                error = error or failure
        return Unkept(image.index, error=str(error))


def left_behind(directory: str | Path) -> list[Left]:
    """What processes that are gone have left open there, oldest first. Changes nothing."""
    with _claimed(Path(directory)) as claimed:
        return sorted(_read(claimed).open.values(), key=lambda entry: entry.at)


# --- lines on disk ------------------------------------------------------------------------

_FLAGS = os.O_APPEND | getattr(os, "O_BINARY", 0)
#: The place of the byte that stands for a file where bytes are locked: no journal gets there.
_NEVER_WRITTEN = 1 << 30


@define
class _Lines:
    """A file of lines, locked, each forced to disk."""

    path: Path
    descriptor: int
    size: int = 0
    _process: int = field(factory=os.getpid)
    _torn: bool = False

    @classmethod
    def new(cls, directory: Path) -> _Lines:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{token_hex(4)}{EXTENSION}"
        path = directory / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)
        if not _locked(descriptor):
            raise OSError(f"{path} is in use")
        _force_directory(directory)
        return cls(path, descriptor)

    @classmethod
    def claim(cls, path: Path) -> _Lines | None:
        """The file of a process that is gone; None when it lives, or somebody else was quicker."""
        try:
            descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | _FLAGS)
        except OSError:
            return None
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)  # to read a FIFO has no end
        if regular and _locked(descriptor) and path.exists():
            return cls(path, descriptor)
        os.close(descriptor)
        return None

    @property
    def is_of_another_process(self) -> bool:
        return self._process != os.getpid()

    def write(self, document: Mapping[str, Any]) -> None:
        line = json.dumps(document, separators=(",", ":")).encode() + b"\n"
        line = b"\n" * self._torn + line  # half a line is no reason to lose the next
        self._torn = True
        left = memoryview(line)
        while left:
            left = left[os.write(self.descriptor, left) :]
        os.fsync(self.descriptor)
        self._torn = False
        self.size += len(line)

    def begin_anew(self) -> None:
        os.ftruncate(self.descriptor, 0)
        self.size = 0

    def remove(self) -> None:
        """Remove the file while nobody else can claim it; where what is open can't be removed,
        right after that. Who claims it in between only goes on with the same calls as we."""
        try:
            self.path.unlink()
        except PermissionError:
            self.close()
            self.path.unlink()

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _locked(descriptor: int) -> bool:
    """Whether the file is ours alone from now on, until it is closed."""
    try:
        _lock(descriptor)
    except OSError:
        return False
    return True


def _lock(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows: there, what is locked can't be read by others either
        import msvcrt

        os.lseek(descriptor, _NEVER_WRITTEN, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _force_directory(directory: Path) -> None:
    """A name outlives a power cut only when its directory is on disk, too."""
    with suppress(OSError):  # Windows can't, and a few file systems
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


# --- pictures that came in an answer itself -----------------------------------------------


def _spools(directory: Path) -> tuple[Path, Path]:
    """Where they are put: beside the journal, or where there is room when that disk is full."""
    return directory / "pictures", Path(tempfile.gettempdir())


def _written(blob: Blob, directory: Path, name: str) -> Path:
    """The bytes in a file of the user's own, forced to disk; a file of that name is whole."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / name
    write_whole(path, blob.copy_to, overwrite=True, private=True)
    return path


def _spooled(directory: Path, id: str) -> dict[int, Path]:
    """The pictures of a call that are there, by index: also one whose line was not written any
    more when the process was killed."""
    name = re.compile(rf"{re.escape(id)}-(\d+)\.\w+")
    owners = {directory.stat().st_uid, *([os.getuid()] if hasattr(os, "getuid") else [])}
    return {
        int(found[1]): path
        for spool in _spools(directory)
        for path in spool.glob(f"{glob.escape(id)}-*.*")
        if (found := name.fullmatch(path.name)) and _is_of(path, owners)
    }


def _is_of(path: Path, owners: set[int]) -> bool:
    """Whether it is a file of theirs: others can put something into the temporary directory, under
    a name that they have seen in a list of processes."""
    try:
        status = path.lstat()
    except OSError:  # it is gone
        return False
    return stat.S_ISREG(status.st_mode) and status.st_uid in owners


def _remove(files: Iterable[Path]) -> None:
    for path in files:
        with suppress(OSError):
            path.unlink()


# --- reading it back ----------------------------------------------------------------------


@contextmanager
def _claimed(directory: Path) -> Iterator[list[_Lines]]:
    """The files of processes that are gone; nobody else may touch them meanwhile."""
    with ExitStack() as held:
        claimed = []
        for path in _files(directory):
            if (lines := _Lines.claim(path)) is not None:
                claimed.append(held.enter_context(lines))
        yield claimed


def _files(directory: Path) -> list[Path]:
    return sorted(directory.glob(f"*{EXTENSION}"))


@define
class _Found:
    """What files say: the calls that are open, and the ids of those that have ended."""

    open: dict[str, Left] = field(factory=dict)
    ended: set[str] = field(factory=set)


def _read(claimed: Iterable[_Lines]) -> _Found:
    """A call may be in several files, and in one of them only half: whoever wrote that was
    killed while it took the call over."""
    found = _Found()
    for lines in claimed:
        one = _read_one(lines.path)
        found.ended |= one.ended
        for id, entry in one.open.items():
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


def _read_one(path: Path) -> _Found:
    """A line that broke off, or that nobody understands, is passed over."""
    from cattrs import BaseValidationError

    found = _Found()
    for document in _documents(path):
        with suppress(LookupError, TypeError, ValueError, BaseValidationError):
            _take(found, document)
    for id, entry in found.open.items():
        files = _spooled(path.parent, id)
        links = {index: one for index, one in entry.pictures.items() if one.url}
        entry.pictures = links | {
            index: Unkept(index, file=str(file)) for index, file in sorted(files.items())
        }
    return found


def _documents(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_bytes().splitlines():
        with suppress(ValueError, RecursionError):
            document = json.loads(line)
            if isinstance(document, dict):
                yield document


def _take(found: _Found, document: Mapping[str, Any]) -> None:
    """One line: what it adds, or ends."""
    from imagekit.values.plain.convert import from_plain

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
