"""``imagekit work``."""

from __future__ import annotations

import click

__all__ = ["work"]

EXAMPLES = """
\b
Examples:
  imagekit work
  imagekit work --threads 16
  imagekit work --until-idle
"""


@click.command("work", epilog=EXAMPLES, short_help="Answer requests that wait in the store.")
@click.option(
    "--threads", type=click.IntRange(1, 256), default=4, help="So many steps side by side. [4]"
)
@click.option("--until-idle", is_flag=True, help="End when nothing is left to do.")
def work(threads: int, until_idle: bool) -> None:
    """Answer the requests that wait in the store, until told to stop.

    Prints a line for each that is finished. Ctrl-C or SIGTERM: what is in hand is finished
    first; a second one ends at once, and others go on with what is left. Several may work on
    one store: two processes with one SQLite file, or many machines with PostgreSQL. A call that
    was sent is never sent again, whoever dies.
    """
    from imagekit_store.commands.working import run

    run(threads, until_idle)
