"""One call that was left open, brought to its end as far as that can be done for nothing."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from typing import Any

from attrs import field

from imagekit import (
    Client,
    DownloadError,
    Image,
    ImagekitError,
    OutcomeUnknown,
    Pending,
    Result,
    UsageError,
)
from imagekit.basics.blob import Blob
from imagekit.basics.classes import define, evolve, frozen
from imagekit.cli import exits, output
from imagekit.cli.running.sandbox_notice import is_drawn
from imagekit.cli.running.summary import code_of, deliver, record, tell_paths
from imagekit.cli.saving.saver import Saver, Unsaved, made_in_spite_of
from imagekit.cli.unfinished.report import (
    other_config,
    record as open_record,
    resume_command,
    tell_of_dead_links,
    tell_of_files,
    when,
)
from imagekit.events import Event
from imagekit.journals import Recovers
from imagekit.send.journal.directory import FileJournal
from imagekit.values.left import Left, Unkept

__all__ = ["Finisher", "Turn", "where"]


@define
class Turn:
    """Whose pictures are being saved: a client's sinks are chosen before its calls are. None
    while they are for somebody else to keep."""

    saver: Saver | None = field(default=None, init=False)

    def __call__(self, event: Event) -> None:
        if self.saver is not None:
            self.saver(event)

    def sink(self, result: Result) -> None:
        if self.saver is not None:
            self.saver.sink(result)


@frozen
class Finisher:
    """Finishes calls one after the other.

    Attributes:
        turn: an observer and a sink of ``client``.
        others: journals of plugins, which may find out more, or know how a call ended.
        open_there: the calls that have not ended there.
        deadline: seconds for each.
    """

    client: Client
    journal: FileJournal
    others: Sequence[Recovers]
    open_there: Collection[str]
    turn: Turn
    deadline: float | None
    explain: bool
    as_json: bool

    def finish(self, entry: Left, saver: Saver) -> tuple[int, dict[str, Any]]:
        """Its exit code, and what became of it as JSON; people are told, too."""
        self.turn.saver = saver
        try:
            with saver.progress:
                result = self._result(entry, saver)
        except ImagekitError as error:
            result = made_in_spite_of(error)
            if result is None:
                return self._told(entry, error)
        if result is None:
            return _uncertain(entry)
        deliver(result, saver, explain=self.explain)
        self._stays(entry, [image for image in result.images if not saver.has(image)])
        if not self.as_json:
            tell_paths(result, saver)
        told = record(result, saver, self.journal, sandbox=is_drawn(self.client, result))
        code = code_of(result, saver)
        code = exits.PARTIAL if code == exits.OK and _broke_off(entry) else code
        return code, {"call": entry.purchase.id, **told, "whole": not _broke_off(entry)}

    def _result(self, entry: Left, saver: Saver) -> Result | None:
        """Its pictures, which are saved; None when nobody can be asked for any.

        Raises:
            ImagekitError: as of `Client.resume`.
        """
        if entry.pictures:
            result = self._arrived(entry)
            there = entry.whole and all(image.is_here for image in result.images)
            if there or entry.asks is None:
                return self._saved(entry, result, saver)
        if entry.asks is None:
            return self._found_out(entry, saver)
        return self.client.resume(_looked_at_once(entry.asks), deadline=self.deadline)

    def _found_out(self, entry: Left, saver: Saver) -> Result | None:
        """What another journal can find out of a call whose answer was lost, or knows already."""
        id = entry.purchase.id
        for other in self.others:
            try:
                result = other.recover(id, self.client, self.deadline)
            except LookupError:
                continue  # it is not written there
            except UsageError:
                raise
            except ImagekitError as error:
                if id not in self.open_there:  # that is how it ended, and was settled, perhaps
                    self.journal.ended(entry.purchase, error)
                raise
            if result is not None:
                return self._saved(entry, result, saver)
        return None

    def _arrived(self, entry: Left) -> Result:
        """The pictures that had come already: from their files, or by their links again."""
        asked = entry.purchase
        images = tuple(self._brought(asked.host, one) for one in entry.pictures.values())
        return Result(images, model=asked.model, host=asked.host, provenance=asked.provenance)

    def _brought(self, host: str, picture: Unkept) -> Image:
        image = Image(picture.index, picture.url, host=host)
        try:
            if picture.file:
                return evolve(image, blob=Blob.of_file(picture.file))
            self.client.fetch(image, deadline=self.deadline)
        except DownloadError as error:
            image.error = error.trouble
        except OSError as error:
            unreadable = DownloadError(f"{picture.file} can't be read: {error.strerror}")
            image.error = unreadable.trouble
        return image

    def _saved(self, entry: Left, result: Result, saver: Saver) -> Result:
        """The call is done with when all its pictures are saved, and stays open otherwise."""
        try:
            saver.sink(result)
        except Unsaved:
            return result
        if _broke_off(entry):
            output.note(
                f"{entry.purchase.id}: the command ended before its answer did; more pictures "
                "than these may have been made, and charged"
            )
        self.journal.kept(entry.purchase, result)
        return result

    def _stays(self, entry: Left, missing: list[Image]) -> None:
        """Say what is left to be done for a call that is short of these pictures."""
        id = entry.purchase.id
        for left in (one for one in self.journal.open if one.purchase.id == id):
            tell_of_files(left)
            if not tell_of_dead_links(left, missing):
                output.note(f"{id} stays open; go on with: {resume_command([left], id)}")

    def _told(self, entry: Left, error: ImagekitError) -> tuple[int, dict[str, Any]]:
        """Why there is no picture, or not yet."""
        id, was_accepted = entry.purchase.id, entry.state != "sending"
        if error.pending:  # also of a job that was in no journal
            entry = evolve(entry, pending=error.pending)
            self.journal.adopt(entry)
        is_open = any(one.purchase.id == id for one in self.journal.open)
        if isinstance(error, UsageError) and (config := other_config(entry)) is not None:
            error = _made_elsewhere(entry, config)
        output.show_error(error)
        if not is_open:
            output.note(f"nothing more will come of {id}")
        elif output.is_gone(error):
            if entry.purchase.lookup and not was_accepted:
                output.note("nobody knows a job of its name there: most likely it never arrived")
            output.note(f"should nothing come of it: {resume_command([entry], '--forget', id)}")
        elif error.pending or not isinstance(error, OutcomeUnknown):
            output.note(f"{id} stays open; go on with: {resume_command([entry], id)}")
        return exits.code_of(error), {**open_record(entry), "error": output.error_record(error)}


def where(entry: Left) -> str:
    """Whom it was sent to."""
    return f"{entry.purchase.host}:{entry.purchase.model}"


def _made_elsewhere(entry: Left, config: str) -> UsageError:
    same = f"--config {shlex.quote(config)}" if config else "--no-config"
    return UsageError(
        f"this call of {where(entry)} was made with another configuration: give the same {same}"
    )


def _broke_off(entry: Left) -> bool:
    """Whether more pictures may have been made than have come, of which nobody can be asked."""
    return bool(entry.pictures) and not entry.whole and entry.asks is None


def _looked_at_once(pending: Pending) -> Pending:
    """The job, to be asked for without a wait before."""
    return evolve(pending, wait=0.0)


def _uncertain(entry: Left) -> tuple[int, dict[str, Any]]:
    """Only its first line was written, and its host keeps no record that could be asked for."""
    forget = resume_command([entry], "--forget", entry.purchase.id)
    output.note(
        f"{entry.purchase.id}: sent to {where(entry)} at {when(entry)}, and its answer was lost "
        "with the command. It may have been charged; nothing finds that out but the host's own "
        f"billing. When you have seen to it: {forget}"
    )
    return exits.UNKNOWN, {**open_record(entry), "charged": "maybe"}
