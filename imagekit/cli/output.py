"""What goes where: the answer to stdout; notes, progress and errors to stderr.

A terminal gets colour and moving parts (rich, imported only then); a pipe gets plain lines.
Everything is printed here, so that no stranger's text reaches a terminal as it is.
"""

from __future__ import annotations

import errno
import io
import json
import os
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import click

from imagekit.cli.text import as_options, clean, encodable, hanging
from imagekit.cli.tojson import to_json
from imagekit.errors import HostError, ImagekitError, InvalidRequest, LimitReached, NoPictures
from imagekit.values import Action, Receipt

__all__ = [
    "answer",
    "close",
    "error_record",
    "is_gone",
    "json_answer",
    "note",
    "receipt_rows",
    "show_error",
    "show_misuse",
    "table",
    "tell_path",
]


def answer(text: str) -> None:
    """One line of the answer, or several."""
    _print(clean(text))


def _print(text: str) -> None:
    """A line on stdout. A terminal that was closed reads nothing, and there is more to do."""
    try:
        # In one piece: several threads may answer at once.
        print(f"{encodable(text, sys.stdout)}\n", end="", flush=True)
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        close(sys.stdout)


def close(stream: TextIO) -> None:
    """Let what is written go nowhere; Python flushes it at exit and would complain once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def json_answer(document: Any) -> None:
    """The answer as JSON, whatever is in it."""
    unicode = (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    _print(to_json(document, ascii_only=not unicode))


def tell_path(path: Path) -> None:
    """The path of a file as the answer. Who reads a pipe wants to open it: there it is as it
    is, in the bytes of the file system."""
    if sys.stdout.isatty():
        answer(str(path))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(os.fsencode(path) + b"\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """One line for people, on stderr."""
    _to_people(hanging(text), "dim")


def _to_people(text: str, style: str) -> None:
    """A line on stderr. When nobody reads that any more, the pictures count all the same."""
    try:
        _tell(clean(text), style)
    except OSError:  # a pipe without a reader, or a terminal that was closed
        close(sys.stderr)


def _tell(text: str, style: str) -> None:
    if sys.stderr.isatty():
        from rich.console import Console

        # A soft wrap is the terminal's: links and commands can be copied whole.
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print(text, style=style, markup=False, emoji=False)
    else:
        # In one piece: several threads tell of their calls.
        print(f"{text}\n", end="", file=sys.stderr, flush=True)


def show_error(
    error: ImagekitError, as_json: bool = False, jobs: Sequence[Mapping[str, Any]] = ()
) -> None:
    """What went wrong, whether it was charged, and whether trying again makes sense. ``jobs``
    are the records of those that were left behind."""
    if as_json:
        json_answer({"error": error_record(error), **({"jobs": jobs} if jobs else {})})
    text = f"error: {as_options(str(error)) if isinstance(error, InvalidRequest) else error}"
    if not isinstance(error, InvalidRequest) and (error.charged != "no" or error.retryable):
        again = "trying again is safe" if error.retryable and error.charged == "no" else ""
        if wait := getattr(error, "retry_after", None):
            who = "room is in" if isinstance(error, LimitReached) else "the host asks to wait"
            again = f"{again}, " * bool(again) + f"{who} {wait:,.0f} s"
        text += f"\n  {'; '.join(filter(None, (_charged(error), again)))}"
    task = error.pending and error.pending.task
    if task and task not in text:
        state = "was its name" if is_gone(error) else "goes on without us, and can be resumed"
        text += f"\n  task {task} {state}"
    for note in getattr(error, "__notes__", ()):
        text += f"\n  {note}"
    text = text.replace("`imagekit ", f"`{_this_command()} ")
    _to_people(hanging(text), "red")


def _charged(error: ImagekitError) -> str:
    """Whether it was paid for. That a refusal is free goes without saying for people, and not
    for us: so of one that may have been charged it is told why."""
    if error.charged != "maybe":
        return {"no": "not charged", "yes": "charged"}[error.charged]
    if isinstance(error, HostError) and error.host and (error.status or 0) >= 400:
        return f"may have been charged: {error.host} does not say that this is free"
    return "may have been charged"


def _this_command() -> str:
    """As it is typed to have the same configuration."""
    from imagekit.cli.session import config_words

    return shlex.join(["imagekit", *config_words()])


def show_misuse(error: click.ClickException, as_json: bool = False) -> None:
    """What is wrong with the command itself, with its usage."""
    if as_json:
        message = error.format_message()
        about = {"type": "UsageError", "message": message, "retryable": False, "charged": "no"}
        json_answer({"error": about})
    shown = io.StringIO()
    error.show(shown)
    _to_people(shown.getvalue().rstrip("\n"), "red")


def is_gone(error: ImagekitError) -> bool:
    """Whether the host knows nothing of the job that an error carries."""
    status = getattr(error, "status", None)
    return bool(error.pending) and (isinstance(error, NoPictures) or status in (404, 410))


def error_record(error: ImagekitError) -> dict[str, Any]:
    """An error as JSON: its class, its sentence, and every attribute that is set."""
    record: dict[str, Any] = {"type": type(error).__name__, "message": error.message}
    for name in error.details:
        value = getattr(error, name)
        if name not in ("result", "head", "response") and value is not None:
            record[name] = value
    if notes := getattr(error, "__notes__", ()):
        record["notes"] = list(notes)
    return record


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on stdout: ruled on a terminal, tab-separated lines in a pipe."""
    if not sys.stdout.isatty():
        for row in (columns, *rows):
            line = "\t".join(clean(cell.replace("\n", " ")) for cell in row)
            _print(line)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        # Half a URL is none, and what the first column has is often typed again.
        shown.add_column(name, overflow="fold", no_wrap=name == columns[0])
    for row in rows:
        shown.add_row(*(Text(clean(cell)) for cell in row))
    Console().print(shown)


def receipt_rows(receipt: Receipt, changed_only: bool = False) -> list[str]:
    """The receipt as lines: what was given, what became of it, what was added; or just what
    was sent otherwise than it was asked for, or not at all."""
    lines = []
    for line in receipt.lines:
        if changed_only and line.action not in (Action.ADAPTED, Action.DROPPED):
            continue
        fields = ", ".join(f"{field}={_short(value)}" for field, value in line.fields)
        target = f" -> {fields}" if fields and line.action != "sent" else ""
        by = f" (by {line.by})" if line.by != "caller" else ""
        why = f"  [{line.note}]" if line.note else ""
        given = f"{line.parameter}={_short(line.value)}"
        lines.append(f"  {line.action:<8}{given}{target}{by}{why}")
    for added in () if changed_only else receipt.added:
        lines.append(f"  {'added':<8}{added.field}={_short(added.value)}  [{added.why}]")
    return lines


def _has_picture(value: Any) -> bool:
    """Whether a picture that was given as bytes stands in an object, however deep."""
    return isinstance(value, dict) and ("sha256" in value or any(map(_has_picture, value.values())))


def _short(value: Any) -> str:
    if isinstance(value, list) and any(map(_has_picture, value)):
        return " ".join(map(_short, value))
    if isinstance(value, dict) and "sha256" in value:  # a picture given as bytes
        about = f"{value.get('width')}x{value.get('height')}, {value['bytes']:,} bytes"
        return f"{value['name']} ({about}, sha256 {value['sha256'][:8]})"
    if isinstance(value, dict) and (inside := list(filter(_has_picture, value.values()))):
        return " ".join(map(_short, inside))  # what stands around it, `--dry-run` shows
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."
