"""``imagekit batch status``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from imagekit import UsageError, tools
from imagekit_store.batch.account import Account
from imagekit_store.batch.holding import batch_in
from imagekit_store.batch.lines import count_in
from imagekit_store.batch.progress import exact
from imagekit_store.commands.batch.running import named
from imagekit_store.commands.batch.telling import money_of
from imagekit_store.opening.found import store_to_look_at
from imagekit_store.schema.states import RequestState
from imagekit_store.values.callers import MOST, Limits

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
    """How many lines of the batch of FILE are done, what came of the others, and what it cost."""
    lines = count_in(file) if file and file.exists() else None
    key, limits = _key(file, folder, called), Limits(budget=MOST, period="total")
    with store_to_look_at(tools.configuration()) as store:
        counts = Account(store, key, limits).counts()
        spent = store.costs(by="key", key=key).total
    if lines is None and folder is None and not counts:
        where = "" if called else f"{file} is not there, and "
        raise UsageError(f"{where}the store has no batch {called or 'of that name'}")
    if as_json:
        cost = {one.currency or "?": exact(one.cost) for one in spent.amounts}
        told = {"batch": key, "cost": cost, "calls_of_unknown_cost": spent.unknown}
        tools.json_answer({**told, "lines": lines, "requests": counts})
        return
    words = ", ".join(_words(counts, lines)) or "nothing was asked for"
    tools.answer(f"{words}; cost: {money_of(spent)}")


def _words(counts: Mapping[str, int], lines: int | None) -> Iterator[str]:
    """How many stand where; of so many lines, if the file is there."""
    if lines is not None:
        yield f"{counts.get(RequestState.DONE, 0):,} of {lines:,} done"
    for state, count in sorted(counts.items()):
        if lines is None or state != RequestState.DONE:
            yield f"{count:,} {state}"
    if lines is not None and (left := lines - sum(counts.values())) > 0:
        yield f"{left:,} left"


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
