"""``imagekit store sweep``."""

from __future__ import annotations

import click
from attrs import asdict

from imagekit import tools
from imagekit_store.commands.common import in_words, pictures_of, store_in_use

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit store sweep --dry-run
  imagekit store sweep
"""


@click.command("sweep", epilog=EXAMPLES)
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@click.option(
    "--rewrite",
    is_flag=True,
    help="PostgreSQL: make its tables anew, so that its files have nothing that was forgotten.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(dry_run: bool, rewrite: bool, as_json: bool) -> None:
    """Forget what is older than keep_days says, and remove pictures that no request needs and
    what was left half written.

    Others may use the store meanwhile; with --rewrite they wait. What things cost stays. Nothing
    does this by itself: let a timer run it once a day.
    """
    store = store_in_use()
    with in_words():
        removed = store.sweepable() if dry_run else store.sweep(rewrite=rewrite)
    if as_json:
        tools.json_answer({"dry_run": dry_run, **asdict(removed)})
        return
    requests = "1 request" if removed.requests == 1 else f"{removed.requests:,} requests"
    would = "would be " if dry_run else ""
    pictures = pictures_of(removed.pictures, removed.bytes)
    tools.answer(f"{requests} {would}forgotten, {pictures} {would}removed")
    if removed.parts:
        parts = "1 part" if removed.parts == 1 else f"{removed.parts:,} parts"
        tools.answer(f"{parts} removed that killed processes had left")
    for sentence in removed.remains:
        tools.note(f"note: {sentence}")
