"""``imagekit batch status``."""

from __future__ import annotations

from pathlib import Path

import click

from imagekit import tools
from imagekit_store.batch.account import Account
from imagekit_store.batch.holding import batch_in
from imagekit_store.batch.progress import exact
from imagekit_store.callers import MOST, Limits
from imagekit_store.commands.batch.running import named
from imagekit_store.commands.batch.telling import money_of
from imagekit_store.found import store_to_look_at

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit batch status prompts.jsonl
  imagekit batch status -o pictures --json
"""


@click.command("status", epilog=EXAMPLES)
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of its results, in place of FILE.",
)
@click.option("--batch", "called", metavar="NAME", help="Its name, if it was given one.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(file: Path | None, folder: Path | None, called: str | None, as_json: bool) -> None:
    """How many lines of the batch of FILE were asked for, what came of them, and what they cost."""
    key, limits = _key(file, folder, called), Limits(budget=MOST, period="total")
    with store_to_look_at(tools.configuration()) as store:
        counts = Account(store, key, limits).counts()
        spent = store.costs(by="key", key=key).total
    if as_json:
        cost = {one.currency or "?": exact(one.cost) for one in spent.amounts}
        told = {"batch": key, "cost": cost, "calls_of_unknown_cost": spent.unknown}
        tools.json_answer({**told, "requests": counts})
        return
    words = ", ".join(f"{count:,} {state}" for state, count in sorted(counts.items()))
    tools.answer(f"{words or 'nothing was asked for'}; cost: {money_of(spent)}")


def _key(file: Path | None, folder: Path | None, called: str | None) -> str:
    """
    Raises:
        click.UsageError: it is not said which batch.
    """
    if folder is not None:
        if key := batch_in(folder):
            return key
        raise click.UsageError(f"{folder} has no results of a batch")
    if file is None and called is None:
        raise click.UsageError("say which: its file, or -o and the folder of its results")
    return named(file or Path(), called)
