"""``results.jsonl``: a line in OpenAI's batch format for each request that is over, as it ends.

The store knows what came of each line; the file is what people and programs read. What a killed
process has left half of it is made good from the store at the next start, and two that run one
file write it one after the other: whoever holds the folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from attrs import define, field

from imagekit import UsageError
from imagekit_store.batch.checking import Batch, Stands
from imagekit_store.batch.filing import Filing
from imagekit_store.batch.holding import add_to, batch_in, hold, own_file
from imagekit_store.batch.lines import Line
from imagekit_store.batch.told import result_line
from imagekit_store.pictures import reason
from imagekit_store.store import Store
from imagekit_store.values.entries import Entry

__all__ = ["NAME", "Results"]

NAME = "results.jsonl"
#: Of a line of the file: where that of the batch has to stand so that it stays.
STAYS = {"done": Stands.DONE, "failed": Stands.FAILED, "free": Stands.FAILED}


@define(eq=False)
class Results:
    """
    Attributes:
        batch: where its lines stand.
        key: of the batch, to which the folder belongs from now on.
        written: of which lines there is a result in the file: a byte for each.
        unsaved: of which lines the next run tells, since the disk did not take it; and why.
        trouble: pictures that are gone, so that no run can save them.
    """

    store: Store
    filing: Filing
    batch: Batch
    key: str
    written: bytearray = field(init=False)
    unsaved: dict[str, str] = field(factory=dict, init=False)
    trouble: list[str] = field(factory=list, init=False)
    _held: IO[str] | None = field(default=None, init=False)
    _file: IO[str] | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self.written = bytearray(len(self.batch.stands))

    @property
    def path(self) -> Path:
        return self.filing.folder / NAME

    @property
    def is_taken(self) -> bool:
        """Whether this process writes them."""
        return self._file is not None

    # --- who writes ---------------------------------------------------------------------------

    def take(self) -> bool:
        """Whether this process writes the results: no other does, or not any more. Those that are
        there are read then.

        Raises:
            UsageError: the folder is another batch's; or it has results of which the store knows
                nothing, so that they would be bought again.
            OSError: it can't be written.
        """
        if self.is_taken:
            return True
        is_new = batch_in(self.filing.folder) is None
        self._held = hold(self.filing.folder, self.key)
        if self._held is None:
            return False
        try:
            self._file = self._reconciled(is_new)
        except BaseException:
            self.close()
            raise
        return True

    def close(self) -> None:
        for file in (self._file, self._held):
            if file is not None:
                file.close()
        self._file = self._held = None

    def _reconciled(self, is_new: bool) -> IO[str]:
        """The file, with what stays of it.

        Args:
            is_new: the folder was no batch's before, so that nothing in it may be taken away.

        Raises:
            UsageError: something would be, or it is no plain file.
        """
        file = own_file(self.path)
        try:
            kept, dropped = self._sorted(file)
            if dropped and is_new:
                told = f"{self.path} is there already, and no batch's"
                raise UsageError(f"{told}; remove it, or give another folder")
            if dropped:  # in its place: a disk that is full has no room for another
                file.truncate(0)
                add_to(file, "".join(kept))
        except BaseException:
            file.close()
            raise
        return file

    def _sorted(self, file: IO[str]) -> tuple[list[str], bool]:
        """The lines that stay, and whether others don't."""
        kept, dropped = [], False
        file.seek(0)
        for text in file:
            name, stands = _of(text)
            if name is not None and self._stays(name, stands):
                self.written[self.batch.places[name]] = 1
                kept.append(text)
            else:
                dropped = True
        return kept, dropped

    def _stays(self, name: str, stands: str) -> bool:
        """
        Raises:
            UsageError: it was bought, and would be once more.
        """
        place = self.batch.places.get(name)
        if place is None:  # its line is gone from the file: what came of it is not
            return False
        if self.batch.stands[place] == Stands.NEW and stands != "free":
            raise UsageError(
                f"{self.path} has the result of {name!r:.80}, of which the store "
                f"{self.store.ledger.database.name} knows nothing, so that it would be bought "
                "again: use the store it was made with, or another folder"
            )
        was = bool(self.written[place])
        return not was and self.batch.stands[place] == STAYS.get(stands)

    # --- what is written ----------------------------------------------------------------------

    def has(self, name: str) -> bool:
        return bool(self.written[self.batch.places[name]])

    def add(self, line: Line, entry: Entry) -> None:
        """Save its pictures, and then tell of it; once. Where the disk does not take that, the next
        run does it: they are in the store."""
        if self._file is None or self.has(line.name):
            return
        try:
            files = dict(self._saved(line, entry))
            told = json.dumps(result_line(line, entry, files), ensure_ascii=False)
            add_to(self._file, f"{told}\n")
        except OSError as error:
            self.unsaved[line.name] = reason(error)
            return
        self.unsaved.pop(line.name, None)
        self.written[self.batch.places[line.name]] = 1

    def _saved(self, line: Line, entry: Entry) -> Iterator[tuple[int, str]]:
        """The place of each picture, and its file.

        Raises:
            OSError: one can't be saved now.
        """
        for picture in entry.pictures:
            if not picture.is_kept:
                continue
            try:
                path = self.filing.save(self.store, line, entry, picture)
            except LookupError as error:
                self.trouble.append(f"{line.name}: {error}")
            else:
                yield picture.place, path.as_posix()


def _of(text: str) -> tuple[str | None, str]:
    """The name of the line of a result, and how that ended."""
    try:
        told = json.loads(text) if text.endswith("\n") else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, Mapping) or not isinstance(told.get("custom_id"), str):
        return None, ""
    return str(told["custom_id"]), _ended(told)


def _ended(told: Mapping[str, Any]) -> str:
    if told.get("response"):
        return "done"
    error = told.get("error")
    error = error if isinstance(error, Mapping) else {}
    if error.get("code") == "outcome_unknown":
        return "unknown"
    return "free" if error.get("charged") == "no" else "failed"
