"""Reading jobs back: from job files, and from what ``--json`` printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from attrs import evolve, frozen

from imagekit import Pending, UsageError
from imagekit.cli.files import slug
from imagekit.cli.jobs import EXTENSION, KIND, Kept, only_looks

__all__ = ["Job", "looked_at_once", "read_jobs"]


@frozen
class Job:
    """A job that was kept.

    Attributes:
        kept: itself, and where it was read.
        file: the job file, which is removed with the job; None for other places.
        stem: what its pictures are to be named.
    """

    kept: Kept
    file: Path | None
    stem: str

    @property
    def pending(self) -> Pending:
        return self.kept.pending

    @property
    def directory(self) -> Path:
        return self.file.parent if self.file else Path()


def read_jobs(name: str) -> list[Job]:
    """The jobs in a file, or in what stdin has (``-``).

    Raises:
        click.UsageError: there is none, in one sentence.
    """
    called = "stdin" if name == "-" else name
    try:
        document = json.loads(_text(name))
        plain = list(_plain_jobs(document))
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{called} is no job file: it is not JSON") from error
    if not plain:
        raise click.UsageError(f"{called} is no job file: it has no job in it")
    found = [_pending(one, called) for one in plain]
    if len(found) > 1:
        return [_loose(one, name, number) for number, one in enumerate(found, 1)]
    if document.get("kind") != KIND or name == "-":
        return [_loose(found[0], name)]
    path = Path(name)
    own = path.name.removesuffix(EXTENSION) if path.name.endswith(EXTENSION) else path.stem
    return [Job(Kept(found[0], name), path, own)]


def _text(name: str) -> str:
    path = Path(name)
    if name != "-" and not path.is_file():
        raise click.UsageError(f"{name} is {'no file' if path.exists() else 'not there'}")
    try:
        return sys.stdin.read() if name == "-" else path.read_text(encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{name} can't be read: {error.strerror}") from error


def _plain_jobs(document: Any) -> Iterator[Any]:
    """Wherever one stands: ``jobs`` has all that an answer has, ``error`` one at most."""
    if not isinstance(document, dict):
        return
    error = document.get("error")
    if isinstance(document.get("jobs"), list):
        for inner in document["jobs"]:
            yield from _plain_jobs(inner)
    elif isinstance(error, dict):
        yield from _plain_jobs(error)
    elif document.get("pending") is not None:
        yield document["pending"]
    elif "request" in document and "wait" in document:
        yield document  # as `imagekit.convert` writes one


def _pending(plain: Any, called: str) -> Pending:
    from cattrs import BaseValidationError

    from imagekit.config.places import dotted
    from imagekit.config.strict import mistakes
    from imagekit.convert import from_plain

    try:
        return from_plain(plain, Pending)
    except (BaseValidationError, LookupError, TypeError, ValueError) as error:
        place, why = next(mistakes(error))
        told = f"{dotted(place)}: {why}" if place else why
        raise click.UsageError(f"{called} has a job that makes no sense: {told}") from error


def _loose(pending: Pending, name: str, number: int | None = None) -> Job:
    """A job that is not in a file of its own, so that its pictures are named by the prompt."""
    stem = slug(str(pending.given.get("prompt", "")))
    return Job(Kept(pending, name), None, stem if number is None else f"{stem}-{number}")


def looked_at_once(pending: Pending) -> Pending:
    """The job, to be asked for without a wait before.

    Raises:
        UsageError: its request might buy something.
    """
    if not only_looks(pending):
        raise UsageError("this job is not asked for by a GET, and resume sends nothing else")
    return evolve(pending, wait=0.0)
