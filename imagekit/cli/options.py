"""Options that ``generate`` and ``resume`` have in common."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from imagekit.family import is_group

__all__ = [
    "as_json",
    "asks_for_several",
    "check_stdout",
    "deadline",
    "embed",
    "explain",
    "force",
    "quiet",
    "target",
]

_SECONDS = click.FloatRange(min=0, min_open=True)

target = click.option(
    "-o", "--output", "target", metavar="FILE|DIR|-", help="Where to save; - is stdout. [here]"
)
deadline = click.option(
    "--deadline", type=_SECONDS, metavar="SECONDS", help="Give up waiting after this long."
)
force = click.option("--force", is_flag=True, help="Overwrite an existing file.")
embed = click.option(
    "--embed", is_flag=True, help="Write prompt, request and receipt into the PNG; see show."
)
explain = click.option("--explain", is_flag=True, help="Print what became of every parameter.")
as_json = click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
quiet = click.option("-q", "--quiet", is_flag=True, help="No progress and no notes.")


def check_stdout(as_json: bool, several: bool) -> None:
    """Refuse, before anything is paid for, what stdout can't take."""
    if as_json:
        raise click.UsageError("-o - and --json both want stdout; leave one of them out")
    if several:
        raise click.UsageError("stdout takes one picture, and this asks for several; use -o DIR")
    if sys.stdout.isatty():
        raise click.UsageError("-o - would fill the terminal with bytes; add > FILE, or -o FILE")


def asks_for_several(parameters: Mapping[str, Any]) -> bool:
    """Whether these are the parameters of several pictures, or of a group."""
    number = parameters.get("n")
    return (isinstance(number, int) and number > 1) or is_group(parameters)
