"""``imagekit store``."""

from __future__ import annotations

import click

from imagekit.tools import Lazily

__all__ = ["store"]

HERE = "imagekit_store.commands.store"
EXAMPLES = """
\b
Examples:
  imagekit store init
  imagekit store init --url-env STORE_URL --pictures s3://bucket/pictures
"""


@click.group(
    "store",
    cls=Lazily,
    modules={
        "init": (f"{HERE}.init", "Write [store] into your configuration, and set the store up."),
        "check": (f"{HERE}.check", "Look whether everything is where it should be."),
        "sweep": (f"{HERE}.sweep", "Forget what is older than keep_days; remove leftovers."),
        "upgrade": (f"{HERE}.upgrade", "Bring the tables of an older version up to date."),
    },
    epilog=EXAMPLES,
    short_help="Set up the store of calls and pictures.",
)
def store() -> None:
    """Where every paid call and every picture is kept: set it up, look after it."""
