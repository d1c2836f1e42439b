"""``imagekit generate``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from attrs import evolve

from imagekit import Client, HostSettings, ImagekitError, Plan
from imagekit.cli import exits, options, output
from imagekit.cli.delivery import deliver, interrupted
from imagekit.cli.files import Destination, destination, slug
from imagekit.cli.jobs import Keeper, tell_how_to_resume
from imagekit.cli.plan import show_plan
from imagekit.cli.progress import Progress
from imagekit.cli.saving import Saver
from imagekit.cli.session import complete_models, open_client
from imagekit.cli.tracking import Jobs
from imagekit.events import Finished, Observer

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
  echo "a very long prompt" | imagekit generate - -m seedream-4.5 --json
  imagekit generate "a corgi" -m seedream-4.5 --size 2048x512 --dry-run
  imagekit generate "a corgi" -m sandbox:seedream-4.5 -o corgi.png --embed; imagekit show corgi.png
"""


class _Json(click.ParamType):  # type: ignore[type-arg]
    """A JSON object on the command line."""

    name = "JSON"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if isinstance(value, dict):
            return value
        try:
            found = json.loads(value)
        except ValueError as error:
            self.fail(f"{value!r} is not JSON: {error}", param, ctx)
        if not isinstance(found, dict):
            self.fail(f"{value!r} is not a JSON object, such as '{{\"key\": 1}}'", param, ctx)
        return found


def _options(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, Any]:
    """``-p key=value``: the value is JSON where it parses, else text."""
    given: dict[str, Any] = {}
    for text in values:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"{text!r} is not key=value")
        try:
            given[key] = json.loads(value)
        except ValueError:
            given[key] = value
    return given


@click.command("generate", epilog=EXAMPLES)
@click.argument("prompt")
@click.option(
    "-m",
    "--model",
    shell_complete=complete_models,
    help="A model, host:model, or an alias. [the configuration's default_model]",
)
@options.target
@click.option(
    "--image",
    multiple=True,
    callback=lambda ctx, param, values: values or None,  # so that an alias's own count
    metavar="FILE|URL",
    help="A reference picture; may be repeated.",
)
@click.option("--mask", metavar="FILE|URL", help="A mask for the first reference picture.")
@click.option("-n", "--n", type=int, help="How many pictures.")
@click.option("--size", help="2048x2048, a tier such as 2K, or auto.")
@click.option("--ratio", help="Such as 16:9, alone or with --resolution.")
@click.option("--resolution", help="The tier: 512, 1K, 1.5K, 2K, 3K or 4K.")
@click.option("--quality", help="As the host has it.")
@click.option("--response-format", help="How the picture travels: url or b64_json.")
@click.option("--output-format", help="What the picture is: png, jpeg, ...")
@click.option("--seed", type=int, help="For hosts that take one.")
@click.option("--watermark/--no-watermark", default=None, help="Whether the host stamps it.")
@click.option("--negative-prompt", help="What not to draw.")
@click.option("--sequential-image-generation", help="auto makes a group of pictures.")
@click.option(
    "--sequential-image-generation-options", type=_Json(), help='Such as {"max_images": 4}.'
)
@click.option("--user", help="An opaque id of your end user.")
@click.option(
    "-p",
    "--option",
    "options",
    multiple=True,
    callback=_options,
    metavar="KEY=VALUE",
    help="An option of the model's family; may be repeated.",
)
@click.option("--native", type=_Json(), help="Fields to send verbatim, unchecked.")
@click.option(
    "--on-unsupported",
    type=click.Choice(["error", "adapt", "drop"]),
    help="What to do with what the host can't do. [error]",
)
@click.option("--remote-id", metavar="ID", help="The host's own id of the model, if it changed.")
@options.deadline
@options.force
@options.embed
@click.option("--dry-run", is_flag=True, help="Print the request, bytes shortened; send nothing.")
@options.explain
@options.as_json
@options.quiet
def command(
    prompt: str,
    model: str | None,
    target: str | None,
    remote_id: str | None,
    deadline: float | None,
    force: bool,
    embed: bool,
    dry_run: bool,
    explain: bool,
    as_json: bool,
    quiet: bool,
    **parameters: Any,
) -> int:
    """Generate pictures from PROMPT (- reads it from stdin) and save them.

    Prints the path of every picture saved. Names end in the picture's true type. Of several
    pictures each is saved when it comes, which stderr tells. A job that is not done in time is
    kept in a file: see resume.
    """
    text = sys.stdin.read().rstrip("\n") if prompt == "-" else prompt
    progress, jobs = Progress(quiet), Jobs()
    with _client(model, remote_id, [progress, jobs]) as client:
        if dry_run:
            return show_plan(_plan(client, text, model, parameters), as_json)
        several = options.asks_for_several(parameters)
        if target == "-":
            options.check_stdout(as_json, several)
        stem = slug(text)
        place = None if target == "-" else destination(target, stem, force)
        saver = Saver(place, progress, several, waits=embed)
        keeper = Keeper(jobs, saver, place or Destination(Path(), stem))
        try:
            with progress:
                for event in client.stream(text, model=model, deadline=deadline, **parameters):
                    saver(event)
        except KeyboardInterrupt as stop:
            return interrupted(stop, saver, keeper.when_interrupted(), as_json=as_json)
        except ImagekitError as error:
            kept = keeper.after(error)
            output.show_error(error, as_json, [one.record() for one in kept])
            tell_how_to_resume(kept, error)
            return exits.code_of(error)
        assert isinstance(event, Finished)  # the last one always is
        return deliver(
            event.result, saver, keeper.beside, embed=embed, explain=explain, as_json=as_json
        )


def _client(model: str | None, remote_id: str | None, observers: list[Observer]) -> Client:
    if remote_id is None:
        return open_client(observers=observers)
    with open_client() as first:
        route = first.route(model)
        own = first.config.hosts.get(route.host.name, HostSettings())
    settings = evolve(own, remote_ids={**own.remote_ids, route.model.name: remote_id})
    return open_client(observers=observers, hosts={route.host.name: settings})


def _plan(client: Client, text: str, model: str | None, parameters: dict[str, Any]) -> Plan:
    """What would be sent: where nobody says whether to stream, `Client.stream` does."""
    plan = client.plan(text, model=model, **parameters)
    said = any(line.parameter == "stream" for line in plan.receipt.lines)
    if said or "stream" not in client.route(model).spells:
        return plan
    options = {**parameters["options"], "stream": True}
    return client.plan(text, model=model, **{**parameters, "options": options})
