"""``imagekit resume``."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import click
from attrs import evolve, frozen

from imagekit import Client, ImagekitError, Result
from imagekit.cli import exits, options, output
from imagekit.cli.delivery import deliver, interrupted
from imagekit.cli.files import Destination, destination
from imagekit.cli.jobfiles import Job, looked_at_once, read_jobs
from imagekit.cli.jobs import Kept, tell_how_to_resume
from imagekit.cli.progress import Progress
from imagekit.cli.saving import Saver
from imagekit.cli.session import open_client

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit resume 3-herons.job.json
  imagekit resume 3-herons-*.job.json --deadline 60 -o herons/
  imagekit resume 3-herons.job.json -o - > heron.png
  imagekit generate "3 herons" -m klingai:kling-v3 --deadline 5 --json > answer.json
  imagekit resume answer.json
"""


@frozen
class _Wishes:
    """The options, which are the same for every job."""

    deadline: float | None
    embed: bool
    explain: bool
    as_json: bool


@click.command("resume", epilog=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@options.target
@options.deadline
@options.force
@options.embed
@options.explain
@options.as_json
@options.quiet
def command(
    files: tuple[str, ...],
    target: str | None,
    deadline: float | None,
    force: bool,
    embed: bool,
    explain: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Go on waiting for the job in FILE, and save its pictures. Never buys anything.

    FILE is what generate wrote when a job was not done in time or was interrupted, or what it
    printed with --json; - reads that from stdin. Pictures are saved beside FILE, which is
    removed when all of them are there. A job that still is not done stays in it. Each job is
    waited for as long as --deadline says, one after the other; with --json each has a document
    of its own.
    """
    jobs = [job for name in dict.fromkeys(files) for job in read_jobs(name)]
    wishes = _Wishes(deadline, embed, explain, as_json)
    places = _places(jobs, target, force, as_json)
    progress = Progress(quiet)
    codes = []
    with open_client(observers=[progress]) as client:
        for at, (job, place) in enumerate(zip(jobs, places, strict=True)):
            saver = Saver(place, progress, waits=True)
            try:
                codes.append(_finish(client, job, saver, wishes))
            except KeyboardInterrupt as stop:
                return interrupted(stop, saver, [left.kept for left in jobs[at:]], as_json=as_json)
            if saver.stopped:
                return exits.interrupted(saver.stopped)
    return codes[0] if len(set(codes)) == 1 else exits.PARTIAL


def _places(
    jobs: list[Job], target: str | None, force: bool, as_json: bool
) -> list[Destination | None]:
    """Where the pictures of each job go; None is stdout."""
    if len(jobs) > 1 and force:
        raise click.UsageError("--force takes one job; several might overwrite one another")
    if target == "-":
        several = len(jobs) > 1 or options.asks_for_several(jobs[0].pending.given)
        options.check_stdout(as_json, several)
        return [None]
    places = [destination(target, job.stem, force, job.directory) for job in jobs]
    if len(jobs) > 1 and not all(place.free for place in places):
        raise click.UsageError(f"-o {target} is one file, for {len(jobs)} jobs; name a directory")
    return [*places]


def _finish(client: Client, job: Job, saver: Saver, wishes: _Wishes) -> int:
    """Wait for one job and deliver its pictures; returns the exit code."""
    try:
        with saver.progress:
            result = client.resume(looked_at_once(job.pending), deadline=wishes.deadline)
    except ImagekitError as error:
        kept = job.kept
        if error.pending:
            kept = evolve(kept, pending=error.pending)
        output.show_error(error, wishes.as_json, [kept.record()])
        tell_how_to_resume([kept], error)
        return exits.code_of(error)
    saver.several = len(result.images) + len(result.failures) > 1
    return deliver(
        result,
        saver,
        partial(_settle, job, saver.progress),
        embed=wishes.embed,
        explain=wishes.explain,
        as_json=wishes.as_json,
    )


def _settle(job: Job, progress: Progress, result: Result, delivered: Collection[int]) -> list[Kept]:
    """Remove the file of a job whose pictures are all delivered; what is left otherwise."""
    if any(image.index not in delivered for image in result.images):
        return [job.kept]
    if job.file is not None:
        try:
            job.file.unlink(missing_ok=True)
        except OSError as error:
            output.note(f"{job.file} is done with, but can't be removed ({error.strerror})")
        else:
            progress.note(f"{job.file} is done with, and removed")
    return []
