"""``imagekit history open``."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from imagekit import UsageError, tools
from imagekit_store.commands.common import PARTIAL, in_words, named, store_in_use

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit history open 4f1c
"""


@click.command("open", epilog=EXAMPLES)
@click.argument("id")
def command(id: str) -> int:
    """Show the pictures of the request ID in whatever shows pictures here. They are copies in a
    temporary directory: what is done to them there changes nothing in the store."""
    store = store_in_use()
    entry = named(store, id)
    kept = [picture.place for picture in entry.pictures if picture.is_kept]
    if not kept:
        why = "was forgotten" if entry.forgotten else f"has no picture here; it is {entry.state}"
        raise UsageError(f"{entry.id} {why}")
    folder = Path(tempfile.mkdtemp(prefix="imagekit-"))
    paths = []
    for place in kept:
        try:
            with in_words():
                image = store.picture(entry.id, place)
                path = folder / f"{entry.id}-{place + 1}{image.extension}"
                image.save(path)
        except LookupError as error:  # its row is here, and its bytes are not
            tools.note(f"picture {place + 1} of {entry.id} can't be shown: {error}")
            continue
        tools.tell_path(path)
        paths.append(path)
    tools.show_them(paths)
    return 0 if len(paths) == len(kept) else PARTIAL
