"""``imagekit plan``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from imagekit import Way, to_plain
from imagekit.basics.classes import evolve
from imagekit.cli import exits, options, output, parsed
from imagekit.cli.request_options import request_options
from imagekit.cli.running.dry_run import show_plan
from imagekit.cli.session import open_client
from imagekit.cli.standing import answer, why

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit plan "a corgi" -m seedream-4.5 --size 2048x512
  imagekit plan "a corgi" -m poster --why
  imagekit plan "her in this style" -m collage --image her.jpg --why --json
"""


@click.command("plan", epilog=EXAMPLES)
@click.argument("words", nargs=-1, metavar="[PROMPT]", callback=parsed.prompt)
@request_options
@click.option(
    "--why", "show_why", is_flag=True, help="Show every way to have it made, and why or why not."
)
@options.as_json
@options.quiet
@options.verbose
def command(
    words: str, model: str | None, show_why: bool, as_json: bool, quiet: bool, **parameters: Any
) -> int:
    """Show what generate would send for PROMPT, and what it should cost. Sends nothing.

    With --why: each host and model that the configuration allows, the one first that would be
    asked now; whether it takes the very same request, or why not; its price; whether it rests and
    the budgets have room; and what would be otherwise there.
    """
    with open_client() as client:
        if not show_why:
            plan = client.plan(words, model=model, streamed=True, **parameters)
            return show_plan(plan, as_json, quiet)
        ways = client.ways(words, model=model, **parameters)
    return _show(ways, as_json)


def _show(ways: Sequence[Way], as_json: bool) -> int:
    if as_json:
        output.json_answer([_record(way) for way in ways])
    else:
        output.table(("HOST", "MODEL", "ANSWER", "COST", "WHY"), map(_row, ways))
    return 0 if any(way.takes_it for way in ways) else exits.USAGE


def _row(way: Way) -> tuple[str, ...]:
    cost = str(way.plan.estimate) if way.plan and way.takes_it else ""
    return way.host, way.model, answer(way), cost, why(way) or "as it is asked for"


def _record(way: Way) -> Any:
    """Without the request: ``imagekit plan -m ADDRESS --json`` has that."""
    bare = way.plan and evolve(way.plan, request=None)
    return {**to_plain(evolve(way, plan=bare)), "takes_it": way.takes_it}
