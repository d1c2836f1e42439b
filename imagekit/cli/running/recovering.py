"""Calls that stand in a journal of a plugin's: what nobody carries out is brought to its end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import field

from imagekit import Client, ImagekitError, Result
from imagekit.basics.classes import frozen
from imagekit.cli import exits, output
from imagekit.cli.running.resuming import Finisher, where
from imagekit.cli.running.summary import code_of, deliver, record, tell_paths
from imagekit.cli.saving.saver import Saver, Unsaved
from imagekit.cli.unfinished.journaling import Memory
from imagekit.cli.unfinished.report import record as open_record, resume_command, when
from imagekit.journals import Recovers
from imagekit.values.left import Left

__all__ = ["Found", "Recovering", "elsewhere"]


@frozen
class Found:
    """What journals of plugins have open.

    Attributes:
        calls: oldest first in each journal.
        journals: call -> who knows it.
        every: all of these journals, also those that have nothing open.
        failed: the exit codes of those that could not be asked, which was told.
    """

    calls: list[Left] = field(factory=list)
    journals: dict[str, Recovers] = field(factory=dict)
    every: list[Recovers] = field(factory=list)
    failed: list[int] = field(factory=list)

    def has(self, entry: Left) -> bool:
        return entry.purchase.id in self.journals

    def without(self, entries: Iterable[Left]) -> Found:
        """The same but for these, so that nobody is told of a call twice."""
        known = {entry.purchase.id for entry in entries}
        calls = [entry for entry in self.calls if entry.purchase.id not in known]
        journals = {id: one for id, one in self.journals.items() if id not in known}
        return Found(calls, journals, self.every, self.failed)


def elsewhere(client: Client) -> Found:
    """What is open in the journals of a client, as far as they are such that know. One that can't
    be asked keeps nobody from going on with what others have."""
    found = Found()
    for journal in client.engine.journals:
        if not isinstance(journal, Recovers):
            continue
        try:
            calls = journal.left_open()
        except ImagekitError as error:
            output.show_error(error)
            found.failed.append(exits.code_of(error))
        else:
            found.every.append(journal)
            found.calls.extend(calls)
            found.journals.update({entry.purchase.id: journal for entry in calls})
    return found


@frozen
class Recovering:
    """Brings such calls to their end, one after the other.

    Attributes:
        own: does so with those of the command line.
        found: the calls, and who knows each.
        save: whether pictures are to be saved here; they are kept by their journal anyway.
    """

    own: Finisher
    found: Found
    save: bool

    def finish(self, entry: Left, saver: Saver) -> tuple[int, dict[str, Any]]:
        """Its exit code, and what became of it as JSON; people are told, too."""
        own, journal = self.own, self.found.journals[entry.purchase.id]
        own.turn.saver = saver if self.save else None
        try:
            with saver.progress:
                result = journal.recover(entry.purchase.id, own.client, own.deadline)
        except ImagekitError as error:
            return _told(entry, error)
        if result is None:
            return _uncertain(entry)
        return self._saved(entry, result, saver) if self.save else _kept(entry, result)

    def _saved(self, entry: Left, result: Result, saver: Saver) -> tuple[int, dict[str, Any]]:
        try:
            saver.sink(result)
        except Unsaved:
            output.note(f"{entry.purchase.id}: its journal has what could not be saved here")
        deliver(result, saver, explain=self.own.explain)
        if not self.own.as_json:
            tell_paths(result, saver)
        told = record(result, saver, Memory())
        return code_of(result, saver), {"call": entry.purchase.id, **told}


def _kept(entry: Left, result: Result) -> tuple[int, dict[str, Any]]:
    """Its journal has the pictures, which is where they were to go."""
    here = [image for image in result.images if image.is_here]
    pictures = "1 picture is" if len(here) == 1 else f"{len(here)} pictures are"
    output.note(f"{entry.purchase.id}: {pictures} kept")
    short = len(here) < len(result.images) or bool(result.failures)
    code = exits.PARTIAL if short else exits.OK
    about = {"model": result.model, "host": result.host, "kept": len(here)}
    return code, {"call": entry.purchase.id, **about, "failures": result.failures}


def _told(entry: Left, error: ImagekitError) -> tuple[int, dict[str, Any]]:
    output.show_error(error)
    if error.pending:
        again = resume_command([entry], entry.purchase.id)
        output.note(f"{entry.purchase.id} stays open; go on with: {again}")
    return exits.code_of(error), {**open_record(entry), "error": output.error_record(error)}


def _uncertain(entry: Left) -> tuple[int, dict[str, Any]]:
    output.note(
        f"{entry.purchase.id}: sent to {where(entry)} at {when(entry)}, and its answer was lost. "
        "It may have been charged; nothing finds that out but the host's own billing"
    )
    return exits.UNKNOWN, {**open_record(entry), "charged": "maybe"}
