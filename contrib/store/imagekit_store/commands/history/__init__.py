"""``imagekit history``."""

from __future__ import annotations

from typing import Any

import click

from imagekit.tools import Lazily

__all__ = ["history"]

HERE = "imagekit_store.commands.history"
EXAMPLES = """
\b
Examples:
  imagekit history
  imagekit history --model seedream-4.5 --since 2026-11-01 --prompt corgi
  imagekit history --state unknown --json
  imagekit history show 4f1c
  imagekit history again 4f1c --seed 7
"""


@click.group(
    "history",
    cls=Lazily,
    modules={
        "show": (f"{HERE}.show", "Show all that is known of a request."),
        "open": (f"{HERE}.open", "Show its pictures in whatever shows pictures here."),
        "again": (f"{HERE}.again", "Ask the same again: a new purchase."),
        "costs": (f"{HERE}.costs", "What was spent: by day, host, model or key."),
        "settle": (f"{HERE}.settle", "Say what became of calls that are unknown."),
        "forget": (f"{HERE}.forget", "Remove prompts and pictures; what they cost stays."),
    },
    invoke_without_command=True,
    epilog=EXAMPLES,
    short_help="What was asked for, what came of it, and what it cost.",
)
@click.option("--model", help="Only of this model.")
@click.option("--host", help="Only at this host.")
@click.option(
    "--state",
    type=click.Choice(["queued", "running", "done", "failed", "unknown"]),
    help="Only those that stand so.",
)
@click.option(
    "--since",
    metavar="TIME",
    help="Made then or later, by the clock here: 2026-11-29, or 2026-11-29T12:30.",
)
@click.option("--until", metavar="TIME", help="Made before, by the clock here.")
@click.option("--prompt", metavar="TEXT", help="With this in the prompt, in any case and script.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, help="At most so many. [20]")
@click.option("--after", metavar="ID", help="Those that are older than this one.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def history(as_json: bool, limit: int, after: str | None, **only: Any) -> None:
    """What was asked for, newest first: what came of it, and what it cost.

    ID is the beginning of one that is listed, as long as no other begins so.
    """
    command = click.get_current_context().invoked_subcommand
    if command is None:
        from imagekit_store.commands.history.listing import listed

        listed(as_json, limit, after, only)
    elif as_json or after or any(only.values()):
        raise click.UsageError(f"these are options of history itself; {command} has its own")
