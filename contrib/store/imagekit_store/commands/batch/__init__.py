"""``imagekit batch``."""

from __future__ import annotations

import click

from imagekit.tools import Lazily

__all__ = ["batch"]

HERE = "imagekit_store.commands.batch"
EXAMPLES = """
\b
Examples:
  imagekit batch run prompts.jsonl -o pictures --dry-run
  imagekit batch run prompts.jsonl -o pictures --budget "20 USD"
  imagekit batch status prompts.jsonl
"""


@click.group(
    "batch",
    cls=Lazily,
    modules={
        "run": (f"{HERE}.run", "Ask for every line of a file, or go on where it was left."),
        "status": (f"{HERE}.status", "How far it has come."),
    },
    epilog=EXAMPLES,
    short_help="A file of requests, each line one, bought once.",
)
def batch() -> None:
    """A file of requests, each line one: bought once, however often it is run."""
