"""``imagekit generate``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from imagekit import Client, HostSettings, Journal, Retry
from imagekit.basics.classes import evolve
from imagekit.cli import options, parsed
from imagekit.cli.progress import Progress
from imagekit.cli.request_options import request_options
from imagekit.cli.running.consent import MOST_UNASKED, agree
from imagekit.cli.running.dry_run import show_plan
from imagekit.cli.running.generating import Drawing
from imagekit.cli.saving.files import Destination, destination, slug
from imagekit.cli.saving.saver import Saver
from imagekit.cli.session import open_client
from imagekit.cli.unfinished.journaling import about, journal_of
from imagekit.client.options import ClientOptions

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit generate "a corgi" -m sandbox:seedream-4.5
  imagekit generate "a corgi" -m token360:seedream-4.5 --ratio 16:9 --resolution 4K -o corgi.png
  imagekit generate "four seasons, 4 pictures" -m powertokens:seedream-4.5 \\
      --sequential-image-generation auto \\
      --sequential-image-generation-options '{"max_images": 4}' -o seasons/
  imagekit generate "her in this style" -m sandbox:seedream-4.5 \\
      --image her.jpg --image https://example.com/style.jpg
  echo "a very long prompt" | imagekit generate -m seedream-4.5 --json
  imagekit generate "a corgi" -m sandbox:seedream-4.0 \\
      -p 'optimize_prompt_options={"mode": "standard"}' --dry-run
  imagekit generate "a corgi" -m seedream-4.5 --size 2048x512 --dry-run
  imagekit generate "a corgi" -m sandbox:seedream-4.5 -o corgi.png --embed; imagekit show corgi.png
"""


@click.command("generate", epilog=EXAMPLES)
@click.argument("words", nargs=-1, metavar="[PROMPT]", callback=parsed.prompt)
@request_options
@click.option("--remote-id", metavar="ID", help="The host's own id of the model, if it changed.")
@options.target
@options.deadline
@click.option(
    "--retries",
    type=click.IntRange(min=0),
    metavar="NUMBER",
    help="How often to send again what was certainly not charged. [3]",
)
@click.option("--yes", is_flag=True, help=f"Make more than {MOST_UNASKED} paid calls unasked.")
@click.option("--no-journal", is_flag=True, help="Note nothing of what is sent; see resume.")
@options.force
@options.embed
@click.option("--dry-run", is_flag=True, help="Print the request, bytes shortened; send nothing.")
@options.explain
@options.open_them
@options.as_json
@options.quiet
@options.verbose
def command(
    words: str,
    model: str | None,
    target: str | None,
    remote_id: str | None,
    deadline: float | None,
    retries: int | None,
    yes: bool,
    no_journal: bool,
    force: bool,
    embed: bool,
    dry_run: bool,
    explain: bool,
    open_them: bool,
    as_json: bool,
    quiet: bool,
    **parameters: Any,
) -> int:
    """Generate pictures from PROMPT and save them. Without PROMPT, or with -, it is read from
    stdin.

    Prints the path of every picture saved. Names end in the picture's true type. Of several
    pictures each is saved when it comes, which stderr tells. Every paid call is noted before it
    is sent: what a command leaves undone, however it ends, resume finishes.
    """
    if dry_run:
        with _client(model, remote_id, retries) as client:
            plan = client.plan(words, model=model, streamed=True, **parameters)
        return show_plan(plan, as_json, quiet)
    several = options.asks_for_several(parameters)
    if target == "-":
        options.check_stdout(as_json, several)
    given_place = (
        None if target == "-" else destination(target, slug(words), force, several=several)
    )
    place = given_place or Destination(Path(), slug(words))
    saver = Saver(given_place, Progress(quiet), several, embed, noted=not no_journal)
    with (
        journal_of(about(place, several=several, embed=embed), no_journal) as journal,
        _client(model, remote_id, retries, saver, journal) as client,
    ):
        agree(client, words, model, parameters, yes)
        drawing = Drawing(client, journal, saver, model, place, explain, open_them, as_json)
        return drawing.run(words, deadline, parameters)


def _client(
    model: str | None,
    remote_id: str | None,
    retries: int | None,
    saver: Saver | None = None,
    journal: Journal | None = None,
) -> Client:
    more: ClientOptions = {}
    if saver is not None:
        more |= {"observers": [saver.progress, saver], "sinks": [saver.sink], "journal": journal}
    if retries is not None:
        more["retry"] = Retry(attempts=retries + 1)
    if remote_id is None:
        return open_client(**more)
    with open_client() as first:
        route = first.route(model)
        own = first.config.hosts.get(route.host.name, HostSettings())
    settings = evolve(own, remote_ids={**own.remote_ids, route.model.name: remote_id})
    more["hosts"] = {route.host.name: settings}
    return open_client(**more)
