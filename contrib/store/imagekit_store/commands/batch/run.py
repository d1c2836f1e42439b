"""``imagekit batch run``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from imagekit import Budget, Cost
from imagekit_store.commands.amounts import InAll, Money

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit batch run prompts.jsonl -o pictures --dry-run
  imagekit batch run prompts.jsonl -o pictures --budget "20 USD" --at-once 16
  imagekit batch run prompts.csv -o pictures -m seedream-4.5 --limit 10
  imagekit batch run prompts.jsonl -o pictures --retry-failed
"""


@click.command("run", epilog=EXAMPLES)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where results.jsonl and the pictures go.",
)
@click.option("-m", "--model", help="Of lines that name none. [default_model]")
@click.option(
    "--root",
    "roots",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    default=(Path(),),
    help="Where references may be read besides the folder of FILE. [here]",
)
@click.option("--allow-native", is_flag=True, help="Send what lines say to hosts unchecked.")
@click.option("--budget", type=InAll(), help="The batch may cost so much in all: '20 USD'.")
@click.option(
    "--unknown-price", type=Money(), help="What a picture counts whose price nobody knows."
)
@click.option(
    "--at-once", type=click.IntRange(1, 512), default=8, help="So many requests under way. [8]"
)
@click.option("--limit", type=click.IntRange(1), help="Only the first so many that are left.")
@click.option("--retry-failed", is_flag=True, help="Ask anew for what failed and was free.")
@click.option("--name", "template", default="{custom_id}", help="Of files. [{custom_id}]")
@click.option("--batch", "called", metavar="NAME", help="Its name. [the whole path of FILE]")
@click.option("--ray", metavar="ADDRESS", help="Answered by the nodes of this Ray cluster.")
@click.option("--dry-run", is_flag=True, help="Look at every line, and add up the prices.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.option("--json", "as_json", is_flag=True, help="Print what came of it as JSON.")
def command(
    file: Path,
    folder: Path | None,
    budget: Budget | None,
    unknown_price: Cost | None,
    dry_run: bool,
    **given: Any,
) -> int:
    """Ask for every line of FILE, or go on where it was left. The same command again asks for
    nothing twice, also after a crash; several may run one file side by side.

    A line of a .jsonl is {"prompt": ..., "model": ..., ...}, with a custom_id if you like, or one
    of OpenAI's batch format. A .csv has parameters in its first line. All lines are looked at
    before the first is bought. {custom_id}, {line}, {index}, {model}, {host}, {prompt} and {id}
    may stand in --name.

    The exit code is 0 when all is done, 8 when some failed, 7 when it is unknown of some whether
    they were charged, and 11 when the budget has no room for the next line.
    """
    if folder is None and not dry_run:
        raise click.UsageError("say where the results go: -o FOLDER")
    from imagekit_store.commands.batch.running import run

    return run(file, folder, budget, unknown_price, dry_run, **given)
