"""``imagekit store upgrade``."""

from __future__ import annotations

import click

from imagekit import tools
from imagekit_store.opening.configured import database
from imagekit_store.schema.tables import VERSION

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit store upgrade
  imagekit --config studio.toml store upgrade --json
"""


@click.command("upgrade", epilog=EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Bring the store's tables up to date after a new version of imagekit-store was installed.

    It is done as a whole or not at all, also when it is killed; of several that try, one does it.
    Stop what uses the store first, workers too: they know the tables as they were. If you want a
    copy: sqlite3 store.db "vacuum into 'copy.db'", or pg_dump.
    """
    store = database(tools.configuration())
    try:
        before = store.upgrade()
    finally:
        store.close()
    if as_json:
        tools.json_answer({"store": store.name, "before": before, "version": VERSION})
    elif before is None:
        tools.answer(f"{store.name} is set up, of version {VERSION}")
    elif before == VERSION:
        tools.answer(f"{store.name} is of version {VERSION} already")
    else:
        tools.answer(f"{store.name} was of version {before}, and is of {VERSION} now")
