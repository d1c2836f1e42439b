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
@click.option("--why", is_flag=True, help="Show every way to have it made, and why or why not.")
@options.as_json
@options.quiet
@options.verbose
def command(
    words: str, model: str | None, why: bool, as_json: bool, quiet: bool, **parameters: Any
) -> int:
    """Show what generate would send for PROMPT, and what it should cost. Sends nothing.

    With --why: each host and model that the configuration allows, the one first that would be
    asked; whether it takes the very same request, or why not; its price; and what would be
    otherwise there.
    """
    with open_client() as client:
        if not why:
            plan = client.plan(words, model=model, streamed=True, **parameters)
            return show_plan(plan, as_json, quiet)
        ways = client.ways(words, model=model, **parameters)
    return _show(ways, as_json)


def _show(ways: Sequence[Way], as_json: bool) -> int:
    if as_json:
        output.json_answer([_record(way) for way in ways])
    else:
        rows = [_row(way, is_first=at == 0 and way.takes_it) for at, way in enumerate(ways)]
        output.table(("HOST", "MODEL", "ANSWER", "COST", "WHY"), rows)
    return 0 if any(way.takes_it for way in ways) else exits.USAGE


def _row(way: Way, is_first: bool) -> tuple[str, ...]:
    answer = "asked" if is_first else "could be" if way.takes_it else "no"
    cost = str(way.plan.estimate) if way.plan and way.takes_it else ""
    why = way.why_not or "; ".join(way.changes) or "as it is asked for"
    return way.host, way.model, answer, cost, why


def _record(way: Way) -> Any:
    """Without the request: ``imagekit plan -m ADDRESS --json`` has that."""
    bare = way.plan and evolve(way.plan, request=None)
    return {**to_plain(evolve(way, plan=bare)), "takes_it": way.takes_it}
