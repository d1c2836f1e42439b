"""Jobs that outlive a command: written into files, from which ``imagekit resume`` goes on.

A file holds a `Pending`: what was asked, and the unsigned request that asks for the job. Keys
and headers of the user's own are not in it: they are added to what is sent, and to nothing else.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Iterable, Sequence
from itertools import count
from typing import Any

from attrs import frozen

from imagekit import HostError, ImagekitError, Pending, Result
from imagekit.cli import output
from imagekit.cli.files import Destination
from imagekit.cli.saving import Saver
from imagekit.cli.session import config_words
from imagekit.cli.tracking import Jobs

__all__ = [
    "EXTENSION",
    "KIND",
    "Keeper",
    "Kept",
    "only_looks",
    "tell_how_to_resume",
]

#: What a job file says it is, and how its name ends.
KIND = "imagekit job"
EXTENSION = ".job.json"


@frozen
class Kept:
    """A job, and the file it is in: ``-`` for stdin, None when it could not be written."""

    pending: Pending
    path: str | None

    def record(self) -> dict[str, Any]:
        """As JSON, which `imagekit resume` reads as well."""
        from imagekit.convert import to_plain

        path = None if self.path == "-" else self.path
        return {"path": path, "task": self.pending.task, "pending": to_plain(self.pending)}


@frozen
class Keeper:
    """Writes the jobs that a call leaves behind beside where its pictures go."""

    jobs: Jobs
    saver: Saver
    place: Destination

    def when_interrupted(self) -> list[Kept]:
        self.saver.save_waiting()
        return self._keep(self.jobs.under_way(self.saver.saved))

    def after(self, error: ImagekitError) -> list[Kept]:
        return self._keep(self.jobs.left_by(error))

    def beside(self, result: Result, delivered: Collection[int]) -> list[Kept]:
        """Those that a result is short of."""
        return self._keep(self.jobs.left_in(result, delivered))

    def _keep(self, left: Iterable[Pending]) -> list[Kept]:
        jobs = [pending for pending in left if only_looks(pending)]
        taken = self.saver.saved
        free = (number for number in count(1) if number - 1 not in taken)
        several = self.saver.several or len(jobs) > 1
        return [_kept(job, self.place, next(free) if several else None) for job in jobs]


def only_looks(pending: Pending) -> bool:
    """Whether its request can't buy anything, whoever wrote the file."""
    return pending.request.method == "GET" and pending.request.body is None


def _kept(pending: Pending, place: Destination, number: int | None) -> Kept:
    from imagekit.convert import to_plain

    document = {"kind": KIND, "task": pending.task, "pending": to_plain(pending)}
    try:
        text = json.dumps(document, indent=2) + "\n"  # ASCII: hosts may send what is no text
        return Kept(pending, str(place.keep(text, number, EXTENSION)))
    except OSError as error:
        why = error.strerror or error
        output.note(f"a job could not be kept in a file ({why}); imagekit resume - reads it, too:")
        output.note(json.dumps(document))
        return Kept(pending, None)


def tell_how_to_resume(kept: Sequence[Kept], error: ImagekitError | None = None) -> None:
    """The exact command that goes on with what was kept."""
    files = list(dict.fromkeys(one.path for one in kept if one.path is not None))
    if not files:
        return
    words = ["imagekit", *config_words(), "resume"]
    dashes = ["--"] if any(name[:1] == "-" != name for name in files) else []
    command = shlex.join([*words, *dashes, *files])
    if error is None or (error.pending and not output.is_gone(error)):
        output.note(f"go on with: {command}")
    elif error.pending:
        output.note(f"should the host find it again: {command}")
    elif isinstance(error, HostError):
        output.note(f"the job has ended; nothing more will come of {', '.join(files)}")
    else:
        output.note(f"the job is kept; when this is mended: {command}")
