"""Options that ``generate`` and ``resume`` have in common."""

from __future__ import annotations

import logging
import math
import sys
from collections.abc import Mapping
from typing import Any

import click

from imagekit.declare.family import is_group

__all__ = [
    "as_json",
    "asks_for_several",
    "check_stdout",
    "deadline",
    "embed",
    "explain",
    "force",
    "open_them",
    "quiet",
    "target",
    "verbose",
]


class _Seconds(click.FloatRange):
    """A number of them: NaN is none, though it is in every range."""

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        seconds = float(super().convert(value, param, ctx))
        if math.isnan(seconds):
            self.fail(f"{value!r} is no number of seconds", param, ctx)
        return seconds


_SECONDS = _Seconds(min=0, min_open=True)

target = click.option(
    "-o", "--output", "target", metavar="FILE|DIR|-", help="Where to save; - is stdout. [here]"
)
deadline = click.option(
    "--deadline", type=_SECONDS, metavar="SECONDS", help="Give up waiting after this long."
)
force = click.option("--force", is_flag=True, help="Overwrite an existing file.")
embed = click.option(
    "--embed", is_flag=True, help="Write prompt, request and receipt into the picture; see show."
)
explain = click.option("--explain", is_flag=True, help="Print what became of every parameter.")
as_json = click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
quiet = click.option(
    "-q", "--quiet", is_flag=True, help="Say only what failed, and what was changed or left out."
)
open_them = click.option("--open", "open_them", is_flag=True, help="Show what was saved.")


def _be_verbose(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        logging.getLogger("imagekit").setLevel(logging.INFO)


verbose = click.option(
    "-v",
    "--verbose",
    is_flag=True,
    expose_value=False,
    callback=_be_verbose,
    help="Tell of every request: its host, status, seconds and id; never prompt or key.",
)


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
