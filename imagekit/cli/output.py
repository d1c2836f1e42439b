"""What goes where: the answer to stdout; notes, progress and errors to stderr.

A terminal gets colour and moving parts (rich, imported only then); a pipe gets plain lines.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from imagekit.errors import ImagekitError, InvalidRequest, NoPictures
from imagekit.values import Receipt

__all__ = [
    "answer",
    "error_record",
    "is_gone",
    "json_answer",
    "note",
    "receipt_rows",
    "show_error",
    "table",
]


def answer(line: str) -> None:
    """One line of the answer."""
    print(line)


def json_answer(document: Any) -> None:
    """The answer as JSON."""
    print(json.dumps(document, indent=2, ensure_ascii=False))


def note(text: str) -> None:
    """One line for people, on stderr."""
    _to_people(text, "dim")


def _to_people(text: str, style: str) -> None:
    """A line on stderr. When nobody reads that any more, the pictures count all the same."""
    if sys.stderr.isatty():
        from rich.console import Console

        Console(stderr=True, highlight=False).print(text, style=style, markup=False)
        return
    try:
        # In one piece: several threads tell of their calls.
        print(f"{text}\n", end="", file=sys.stderr, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def show_error(
    error: ImagekitError, as_json: bool = False, jobs: Sequence[Mapping[str, Any]] = ()
) -> None:
    """What went wrong, whether it was charged, and whether trying again makes sense. ``jobs``
    are the records of those that were left behind."""
    if as_json:
        json_answer({"error": error_record(error), **({"jobs": jobs} if jobs else {})})
    text = f"error: {error}"
    if not isinstance(error, InvalidRequest) and (error.charged != "no" or error.retryable):
        again = "trying again is safe" if error.retryable and error.charged == "no" else ""
        if wait := getattr(error, "retry_after", None):
            again = f"{again}, " * bool(again) + f"the host asks to wait {wait:,.0f} s"
        cost = {"no": "not charged", "maybe": "may have been charged", "yes": "charged"}
        text += f"\n  {'; '.join(filter(None, (cost[error.charged], again)))}"
    task = error.pending and error.pending.task
    if task and task not in text:
        state = "was its name" if is_gone(error) else "goes on without us, and can be resumed"
        text += f"\n  task {task} {state}"
    _to_people(text, "red")


def is_gone(error: ImagekitError) -> bool:
    """Whether the host knows nothing of the job that an error carries."""
    status = getattr(error, "status", None)
    return bool(error.pending) and (isinstance(error, NoPictures) or status in (404, 410))


def error_record(error: ImagekitError) -> dict[str, Any]:
    """An error as JSON: its class, its sentence, and every attribute that is set."""
    record: dict[str, Any] = {"type": type(error).__name__, "message": error.message}
    for name in error.details:
        value = getattr(error, name)
        if name in ("result", "head") or value is None:
            continue
        if name in ("problems", "pending"):
            from imagekit.convert import to_plain

            value = to_plain(value)
        record[name] = value
    return record


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on stdout: ruled on a terminal, tab-separated lines in a pipe."""
    if not sys.stdout.isatty():
        for row in (columns, *rows):
            print("\t".join(cell.replace("\n", " ") for cell in row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        shown.add_column(name, overflow="fold")  # half a URL is none
    for row in rows:
        shown.add_row(*(Text(cell) for cell in row))
    Console().print(shown)


def receipt_rows(receipt: Receipt) -> list[str]:
    """The receipt as lines: what was given, what became of it, what was added."""
    lines = []
    for line in receipt.lines:
        fields = ", ".join(f"{field}={_short(value)}" for field, value in line.fields)
        target = f" -> {fields}" if fields and line.action != "sent" else ""
        by = f" (by {line.by})" if line.by != "caller" else ""
        why = f"  [{line.note}]" if line.note else ""
        given = f"{line.parameter}={_short(line.value)}"
        lines.append(f"  {line.action:<8}{given}{target}{by}{why}")
    for added in receipt.added:
        lines.append(f"  {'added':<8}{added.field}={_short(added.value)}  [{added.why}]")
    return lines


def _short(value: Any) -> str:
    if isinstance(value, list) and any(isinstance(one, dict) and "sha256" in one for one in value):
        return " ".join(map(_short, value))
    if isinstance(value, dict) and "sha256" in value:  # a picture given as bytes
        about = f"{value.get('width')}x{value.get('height')}, {value['bytes']:,} bytes"
        return f"{value['name']} ({about}, sha256 {value['sha256'][:8]})"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."
