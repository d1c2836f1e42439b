"""What a command leaves behind: calls that were paid for, or may have been, and whose pictures
are not where they were to go."""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from imagekit import Image, ImagekitError, JournalError
from imagekit.cli import output
from imagekit.cli.session import config_in_use, config_words
from imagekit.cli.unfinished.journaling import VARIABLE, CallJournal, Memory, state_directory
from imagekit.send.journal.recovery import left_behind
from imagekit.values.left import Left

__all__ = [
    "other_config",
    "record",
    "records",
    "resume_command",
    "tell_how_many",
    "tell_of_dead_links",
    "tell_of_earlier",
    "tell_of_files",
    "tell_what_is_left",
    "when",
]


def record(entry: Left) -> dict[str, Any]:
    """A call as JSON. What has a ``pending`` is read by `imagekit resume` as well."""
    return {
        "call": entry.purchase.id,
        "model": entry.purchase.model,
        "host": entry.purchase.host,
        "state": entry.state,
        "at": entry.at,
        "task": entry.asks.task if entry.asks else None,
        "pending": entry.asks,
        "pictures": list(entry.pictures.values()),
    }


def records(entries: Iterable[Left]) -> list[dict[str, Any]]:
    return [record(entry) for entry in entries]


def resume_command(entries: Sequence[Left], *words: str) -> str:
    """What is typed to go on with these, under the configuration that they were made with."""
    return _command(entries, "resume", *words)


def _command(entries: Sequence[Left], *words: str) -> str:
    elsewhere = {other_config(entry) for entry in entries} or {None}
    told = elsewhere.pop()
    named = config_words() if told is None else ["--config", told] if told else ["--no-config"]
    return shlex.join(["imagekit", *([] if elsewhere else named), *words])


def other_config(entry: Left) -> str | None:
    """The configuration that it was made with, if that is another than this command's, and
    still there; empty where it was made without one."""
    noted = entry.about.get("config")
    if not isinstance(noted, str) or os.path.realpath(noted) == os.path.realpath(config_in_use()):
        return None
    return noted if not noted or Path(noted).is_file() else None


def tell_what_is_left(
    journal: CallJournal, error: ImagekitError | None = None, missing: Sequence[Image] = ()
) -> None:
    """Where it is, and how to go on with it. ``error`` is what it was left by; ``missing`` are
    pictures of it that could not be saved."""
    left = journal.open
    if isinstance(journal, Memory):
        _tell_of_forgotten([entry for entry in left if entry.asks])
        return
    if isinstance(error, JournalError) and isinstance(error.__cause__, OSError):
        output.note(f"another place for journals: ${VARIABLE}; without one: --no-journal")
    for entry in left:
        tell_of_files(entry)
    left = [entry for entry in left if not _told_as_lost(entry, missing)]
    if not left:
        return
    if error is not None and error.pending and output.is_gone(error):
        output.note(f"should the host find it again: {resume_command(left)}")
    else:
        output.note(f"go on with: {resume_command(left)}")


def _told_as_lost(entry: Left, missing: Sequence[Image]) -> bool:
    """Whether there is nobody to ask for it and nothing to fetch, which is said."""
    if entry.asks:
        return False
    if any(picture.url or picture.file for picture in entry.pictures.values()):
        return tell_of_dead_links(entry, missing)
    id, host = entry.purchase.id, entry.purchase.host
    forget = resume_command([entry], "--forget", id)
    output.note(
        f"{id}: {host} can't be asked what became of it; its own billing shows whether it was "
        f"charged. When you have seen to it: {forget}"
    )
    return True


def tell_of_files(entry: Left) -> None:
    """Where pictures are that could not be put where they were to go."""
    for picture in entry.pictures.values():
        if picture.file:
            is_kept = "was kept" if _is_gone(picture.file) else "is kept for now"
            output.note(f"picture {picture.index + 1} {is_kept} in {picture.file}")


def tell_of_dead_links(entry: Left, missing: Sequence[Image]) -> bool:
    """Whether a call is short of nothing but pictures that can't be had any more, which is said:
    their links will never lead to them, or their files are gone. Whoever forgets a call loses a
    file that is there."""
    short = [image for image in missing if image.index in entry.pictures]
    files = [file for image in short if (file := entry.pictures[image.index].file)]
    errors = [image.error for image in short]
    if not errors or any(error is None or error.retryable for error in errors):
        return False
    if not all(map(_is_gone, files)):
        return False
    expired = all(error and error.status in (403, 404, 410) for error in errors)
    link = "its link has expired" if expired else "its link leads to no picture"
    id, host = entry.purchase.id, entry.purchase.host
    output.note(
        f"{id}: {'its file is gone' if files else link}; where its host keeps records, these may "
        f"still have it: {_command([entry], 'records', 'list', '--at', host)}. "
        f"To hear no more of it: {resume_command([entry], '--forget', id)}"
    )
    return True


def _is_gone(file: str) -> bool:
    """Whether it is certain that there is none."""
    try:
        Path(file).stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def tell_how_many(left: Sequence[Left]) -> None:
    """After several calls were gone on with."""
    if left:
        calls = "1 call is" if len(left) == 1 else f"{len(left)} calls are"
        output.note(f"{calls} still open; go on with: {resume_command(left)}")


def tell_of_earlier() -> None:
    """Calls that other commands have left open, and that nobody may have heard of."""
    open_ones = left_behind(state_directory())
    if open_ones:
        calls = "a call is" if len(open_ones) == 1 else f"{len(open_ones)} calls are"
        since, command = when(open_ones[0]), resume_command(open_ones)
        output.note(f"{calls} open since {since}; go on with: {command}")


def when(entry: Left) -> str:
    """When it was sent, for people."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.at))


def _tell_of_forgotten(left: Sequence[Left]) -> None:
    """Without a journal a job is known to nobody else than the host when this ends."""
    from imagekit.values.plain.convert import to_plain

    for entry in left:
        output.note(f"nothing was noted of this job; {resume_command([], '-')} reads it:")
        output.note(json.dumps({"pending": to_plain(entry.asks)}))
