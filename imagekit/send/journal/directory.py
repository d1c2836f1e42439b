"""A journal in a directory of the user's: what a process that was killed leaves behind there,
the next one can finish.

Each process writes a file of its own, lines of JSON, each forced to disk before it counts;
pictures that come inside an answer get files beside it first. A file is locked while its
process lives. Files are 0600: they hold prompts, and the signed links of pictures that are not
kept yet. They hold no key, no pixel of a reference (its digest stands for it), and nothing of a
call that has come to its end once its file is closed or taken over.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from imagekit.basics.forks import tell_in_child
from imagekit.errors import ImagekitError
from imagekit.send.journal.locked_lines import LockedLines
from imagekit.send.journal.open_calls import plain, steps
from imagekit.send.journal.recovery import claimed, read
from imagekit.send.journal.spool import is_spooled, remove, spooled, unkept
from imagekit.values import Pending, Purchase, Result
from imagekit.values.left import Left

__all__ = ["FileJournal"]

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
        self._file: LockedLines | None = None
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
            pictures = [unkept(self.directory, purchase.id, image) for image in new]
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

    def left(self, purchase: Purchase, pending: Pending | None) -> None:
        """It stays open, for whoever takes it over."""

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
        with self._lock, claimed(self.directory) as files:
            found = read(files)
            self._adopt(found.open)
            for lines in files:
                lines.remove()
            for id in found.ended:
                remove(spooled(self.directory, id).values())
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
            id, pictures = purchase.id, self._open.pop(purchase.id).pictures.values()
            files = [(Path(one.file), one.index) for one in pictures if one.file]
            remove(path for path, at in files if is_spooled(path, id, at, self.directory))
            if not self._open and self._file is not None and self._file.size > LONGEST:
                self._file.begin_anew()

    def _write(self, step: str, id: str, **told: Any) -> None:
        if self._file is not None and self._file.is_of_another_process:
            self._file, self._open = None, {}  # this process was forked: all that is its parent's
        if self._file is None:
            self._file = LockedLines.new(self.directory)
        self._file.write({"step": step, "id": id, "at": time.time(), **told})
