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
  imagekit work --ray 10.0.0.1:6379
  imagekit work --ray auto --workers 8 --threads 16
"""


@click.command("work", epilog=EXAMPLES, short_help="Answer requests that wait in the store.")
@click.option(
    "--threads", type=click.IntRange(1, 256), default=4, help="So many steps side by side. [4]"
)
@click.option("--until-idle", is_flag=True, help="End when nothing is left to do.")
@click.option(
    "--ray", "address", metavar="ADDRESS", help="On the nodes of this Ray cluster, or auto."
)
@click.option("--workers", type=click.IntRange(1, 1000), help="So many there. [one for each node]")
def work(threads: int, until_idle: bool, address: str | None, workers: int | None) -> None:
    """Answer the requests that wait in the store, until told to stop.

    Prints a line for each that is finished. Ctrl-C or SIGTERM: what is in hand is finished
    first; a second one ends at once, and others go on with what is left. Several may work on
    one store: two processes with one SQLite file, or many machines with PostgreSQL. A call that
    was sent is never sent again, whoever dies.

    With --ray, workers are actors of a Ray cluster, which starts them, spreads them and puts
    another in the place of one that dies. Each node has the configuration and its own keys.
    """
    if address is None:
        if workers is not None:
            raise click.UsageError("--workers are those of a Ray cluster: say --ray ADDRESS, too")
        from imagekit_store.commands.working import run

        run(threads, until_idle)
    else:
        from imagekit_store.commands.working import run_on

        run_on(address, workers, threads, until_idle)
