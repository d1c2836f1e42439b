"""Jobs from elsewhere than the journal: from what ``--json`` printed, on whatever machine."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import click

from imagekit import InvalidConfiguration, Pending, from_plain
from imagekit.cli.saving.files import slug
from imagekit.values import Purchase
from imagekit.values.left import Left
from imagekit.values.purchase import CALL_ID

__all__ = ["read_jobs"]


def read_jobs(name: str) -> list[Left]:
    """The jobs in a file, or in what stdin has (``-``).

    Raises:
        click.UsageError: there is none, in one sentence.
    """
    called = "stdin" if name == "-" else name
    try:
        plain = list(_plain_jobs(json.loads(_text(name))))
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{called} has no job: it is not JSON") from error
    if not plain:
        raise click.UsageError(f"{called} has no job in it")
    found = [_pending(one, called) for one in plain]
    return [_left(job, number if len(found) > 1 else None) for number, job in enumerate(found, 1)]


def _text(name: str) -> str:
    path = Path(name)
    if name != "-" and not path.is_file():
        raise click.UsageError(
            f"{name} is {'no file' if path.exists() else 'neither a call that is open nor a file'}"
        )
    try:
        return sys.stdin.read() if name == "-" else path.read_text(encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{name} can't be read: {error.strerror}") from error


def _plain_jobs(document: Any) -> Iterator[Any]:
    """Wherever one stands: ``jobs`` has all that an answer has, ``error`` one at most."""
    if not isinstance(document, dict):
        return
    error = document.get("error")
    listed = document.get("jobs") or document.get("calls")
    if isinstance(listed, list):
        for inner in listed:
            yield from _plain_jobs(inner)
    elif isinstance(error, dict):
        yield from _plain_jobs(error)
    elif document.get("pending") is not None:
        yield document["pending"]
    elif "request" in document and "wait" in document:
        yield document  # as `imagekit.to_plain` writes one


def _pending(plain: Any, called: str) -> Pending:
    senseless = f"{called} has a job that makes no sense"
    try:
        pending = from_plain(plain, Pending)
    except InvalidConfiguration as error:
        told = str(error.problems[0]).removeprefix(": ")  # of all of it, which has no name
        raise click.UsageError(f"{senseless}: {told}") from error
    if pending.call and not re.fullmatch(CALL_ID, pending.call):
        raise click.UsageError(f"{senseless}: {pending.call!r:.60} names no call")
    return pending


def _left(pending: Pending, number: int | None) -> Left:
    """As the journal has it; its pictures are named by the prompt."""
    stem = slug(str(pending.given.get("prompt", "")))
    purchase = Purchase(
        pending.call or token_hex(8),
        pending.model,
        pending.host,
        places=pending.places,
        provenance=pending.provenance,
    )
    noted = {"stem": stem if number is None else f"{stem}-{number}"}
    return Left(purchase, time.time(), noted, pending)
