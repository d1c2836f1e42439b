"""``imagekit history forget``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from attrs import asdict

from imagekit import tools
from imagekit_store.commands.common import in_words, named, pictures_of, store_in_use
from imagekit_store.values.entries import Entry

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit history forget 4f1c
  imagekit history forget 4f1c 77ab --yes --json
"""


@click.command("forget", epilog=EXAMPLES)
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(ids: Sequence[str], yes: bool, as_json: bool) -> None:
    """Remove the prompt and the pictures of each request ID, for ever. What it cost stays.

    Pictures that other requests have as well stay for those. A request that is queued is never
    sent; one that is under way, or that may have been paid for, is not forgotten before its end
    is known.
    """
    store = store_in_use()
    entries = {entry.id: entry for entry in (named(store, id) for id in ids)}
    if not yes:
        _agree([*entries.values()])
    done = []
    for id in entries:
        with in_words():
            removed = store.forget(id)
        done.append({"id": id, **asdict(removed)})
        if not as_json:
            tools.answer(f"{id}: forgotten, {pictures_of(removed.pictures, removed.bytes)} removed")
            for sentence in removed.remains:
                tools.note(f"note: {sentence}")
    if as_json:
        tools.json_answer({"forgotten": done})


def _agree(entries: Sequence[Entry]) -> None:
    """Go on only if that is meant.

    Raises:
        click.UsageError: nobody is there to be asked.
        click.Abort: it is not.
    """
    kept = [picture for entry in entries for picture in entry.pictures if picture.is_kept]
    size = sum(picture.bytes or 0 for picture in kept)
    prompts = "1 prompt" if len(entries) == 1 else f"{len(entries)} prompts"
    told = f"this removes {prompts} and {pictures_of(len(kept), size)} for ever"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError(f"{told}; if that is meant, add --yes")
    click.confirm(f"{told}. Go on?", abort=True, err=True)
