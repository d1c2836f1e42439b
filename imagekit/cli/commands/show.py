"""``imagekit show``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from imagekit import InvalidConfiguration, RecordError
from imagekit.cli import exits, output
from imagekit.client.metadata.record import read_record

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit show corgi.png
  imagekit show corgi.png --json
"""


@click.command("show", epilog=EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The record as JSON.")
def command(file: Path, as_json: bool) -> int:
    """Show how the picture in FILE was made: what was asked, of whom, and what was sent.

    It reads what ``imagekit generate --embed`` wrote into a PNG, JPEG or WebP. Anybody can
    write anything into a file: this is a note, not a proof.
    """
    record = _record(file)
    if record is None:
        output.note(f"{file} carries no record; imagekit generate --embed writes one")
        return exits.NO_RECORD
    if as_json:
        output.json_answer(record)
        return exits.OK
    try:
        text = "\n".join(_pretty(record))
    except RecursionError as error:
        raise RecordError(f"{file}: the record is nested too deeply to be shown") from error
    output.answer(text)
    return exits.OK


def _record(file: Path) -> Any:
    if not file.is_file():  # a pipe would be waited for
        raise click.UsageError(f"{file} is {'no file' if file.exists() else 'not there'}")
    try:
        with file.open("rb") as opened:
            return read_record(opened)
    except OSError as error:
        raise click.UsageError(f"{file} can't be read: {error.strerror}") from error
    except RecordError as error:
        raise RecordError(f"{file}: {error}") from error


def _pretty(record: Any) -> list[str]:
    """One line a value, and values that have parts below their names."""
    if not isinstance(record, dict):
        return [json.dumps(record, indent=2, ensure_ascii=False)]
    lines: list[str] = []
    for name, value in record.items():
        if name == "receipt":
            lines += ["receipt", *_receipt(value)]
        elif isinstance(value, dict):
            lines += [name, *(f"  {_line(key, part)}" for key, part in value.items())]
        else:
            lines.append(_line(name, value))
    return lines


def _line(name: str, value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"{name}: {text}"


def _receipt(value: Any) -> list[str]:
    """As ``--explain`` prints it, when it is one."""
    from imagekit import Receipt, from_plain

    try:
        return output.receipt_rows(from_plain(value, Receipt))
    except (InvalidConfiguration, LookupError, TypeError, ValueError):  # its values may be anything
        return [f"  {_line('not readable', value)}"]
