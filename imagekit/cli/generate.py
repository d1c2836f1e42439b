"""``imagekit generate``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from attrs import evolve

from imagekit import Client, DownloadError, HostSettings, Image, RecordError, Result
from imagekit.cli import exits, output
from imagekit.cli.files import Destination, destination
from imagekit.cli.plan import show_plan
from imagekit.cli.progress import Progress
from imagekit.cli.session import complete_models, open_client

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


_SECONDS = click.FloatRange(min=0, min_open=True)


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
    options: dict[str, Any] = {}
    for text in values:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"{text!r} is not key=value")
        try:
            options[key] = json.loads(value)
        except ValueError:
            options[key] = value
    return options


@click.command("generate", epilog=EXAMPLES)
@click.argument("prompt")
@click.option(
    "-m",
    "--model",
    shell_complete=complete_models,
    help="A model, host:model, or an alias. [the configuration's default_model]",
)
@click.option(
    "-o", "--output", "target", metavar="FILE|DIR|-", help="Where to save; - is stdout. [here]"
)
@click.option(
    "--image", multiple=True, metavar="FILE|URL", help="A reference picture; may be repeated."
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
@click.option("--deadline", type=_SECONDS, metavar="SECONDS", help="Give up after this long.")
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.option(
    "--embed", is_flag=True, help="Write prompt, request and receipt into the PNG; see show."
)
@click.option("--dry-run", is_flag=True, help="Print the request, bytes shortened; send nothing.")
@click.option("--explain", is_flag=True, help="Print what became of every parameter.")
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no notes.")
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

    Prints the path of every picture saved. Names end in the picture's true type.
    """
    text = sys.stdin.read().rstrip("\n") if prompt == "-" else prompt
    progress = Progress(quiet)
    with _client(model, remote_id, progress) as client:
        if dry_run:
            return show_plan(client.plan(text, model=model, **parameters), as_json)
        if target == "-":
            _check_stdout(as_json)
        place = None if target == "-" else destination(target, text, force)
        try:
            with progress:
                result = client.generate(text, model=model, deadline=deadline, **parameters)
        except KeyboardInterrupt:
            return _interrupted(progress)
        return _deliver(result, place, progress, embed=embed, explain=explain, as_json=as_json)


def _client(model: str | None, remote_id: str | None, progress: Progress) -> Client:
    if remote_id is None:
        return open_client(observers=[progress])
    with open_client() as first:
        route = first.route(model)
        own = first.config.hosts.get(route.host.name, HostSettings())
    settings = evolve(own, remote_ids={**own.remote_ids, route.model.name: remote_id})
    return open_client(observers=[progress], hosts={route.host.name: settings})


def _check_stdout(as_json: bool) -> None:
    """Refuse, before anything is paid for, what stdout can't take."""
    if as_json:
        raise click.UsageError("-o - and --json both want stdout; leave one of them out")
    if sys.stdout.isatty():
        raise click.UsageError("-o - would fill the terminal with bytes; add > FILE, or -o FILE")


def _interrupted(progress: Progress) -> int:
    if progress.sent:
        output.note(
            "interrupted: the request was sent and its pictures had not come; "
            "it may have been carried out and charged"
        )
    else:
        output.note("interrupted: nothing was sent that could be charged")
    return exits.INTERRUPTED


# --- the answer -----------------------------------------------------------------------------


def _deliver(
    result: Result,
    place: Destination | None,
    progress: Progress,
    *,
    embed: bool,
    explain: bool,
    as_json: bool,
) -> int:
    """Save every picture that can be saved, then say what there is and what is not."""
    keep = _recording(result) if embed else _as_it_is
    if place is None and len(result.images) == 1:
        result = evolve(result, images=(keep(result.image),))
        _to_stdout(result.image)
        _tell_rest(result, list(result.images), {}, progress, explain)
        return exits.PARTIAL if result.failures else 0
    if place is None:
        output.note(f"stdout takes one picture, and there are {len(result.images)}: saving them")
        place = destination(None, "stdout", force=False)
    saved: dict[int, Path] = {}
    lost: dict[int, str] = {}
    several = len(result.images) + len(result.failures) > 1
    with progress:
        images = list(result.images)
        for at, image in enumerate(images):
            try:
                images[at] = keep(image)
                saved[image.index] = place.save(images[at], image.index + 1 if several else None)
            except (DownloadError, OSError) as error:
                lost[image.index] = _why_lost(image, error)
            except KeyboardInterrupt:
                lost[image.index] = _why_lost(image, "interrupted")
                break
    result = evolve(result, images=tuple(images))
    if not progress.quiet:
        _tell_saved(result, saved, place)
    here = [image for image in result.images if image.index in saved]
    _tell_rest(result, here, lost, progress, explain)
    if as_json:
        output.json_answer(_record(result, saved, lost))
    else:
        for path in saved.values():
            output.answer(str(path))
    return exits.PARTIAL if lost or result.failures else 0


def _as_it_is(image: Image) -> Image:
    return image


def _recording(result: Result) -> Callable[[Image], Image]:
    """Puts the record of this result into a picture, where it fits."""
    from imagekit.provenance import embed, record_of

    def keep(image: Image) -> Image:
        try:
            return embed(image, record_of(result))
        except RecordError as error:
            output.note(f"picture {image.index + 1} is saved without its record: {error}")
            return image

    return keep


def _tell_saved(result: Result, saved: dict[int, Path], place: Destination) -> None:
    for image in result.images:
        if image.index not in saved:
            continue
        size = "{}x{} ".format(*image.pixels) if image.pixels else ""
        kind = (image.media_type or "no known kind of picture").removeprefix("image/")
        kind = kind.upper() if image.media_type else kind
        about = f"{size}{kind}, {image.blob.size:,} bytes"
        path = saved[image.index]
        output.note(f"{path}: {about}, {result.model} at {result.host}")
        if place.wanted and path.suffix != place.wanted:
            output.note(f"note: it is {kind}, so it is named {path.suffix}, not {place.wanted}")


def _tell_rest(
    result: Result, here: list[Image], lost: dict[int, str], progress: Progress, explain: bool
) -> None:
    """Everything but the answer itself."""
    if not progress.quiet:
        for text in _notes(result, here):
            output.note(f"note: {text}")
        output.note(f"done in {progress.seconds:.1f} s")
    for index, why in lost.items():
        output.note(f"picture {index + 1} could not be saved: {why}")
    for failure in result.failures:
        output.note(f"picture {failure.index + 1} was not made: {failure.message}")
    if explain:
        for row in output.receipt_rows(result.receipt):
            output.note(row)


def _notes(result: Result, here: list[Image]) -> list[str]:
    """The notes of the call and of the pictures that are here, each once."""
    notes = [*result.notes, *(image.note for image in here)]
    return list(dict.fromkeys(note for note in notes if note))


def _to_stdout(image: Image) -> None:
    for chunk in image.blob.chunks():
        sys.stdout.buffer.write(chunk)
    sys.stdout.flush()


def _why_lost(image: Image, error: object) -> str:
    return f"{error}; it is still at {image.url}" if image.url else str(error)


def _record(result: Result, saved: dict[int, Path], lost: dict[int, str]) -> dict[str, Any]:
    from imagekit.convert import to_plain
    from imagekit.provenance import portable

    images = []
    for image in result.images:
        if image.index in saved:
            images.append({"path": str(saved[image.index]), **to_plain(image)})
        else:
            images.append({"path": None, "index": image.index, "url": image.url})
    return {
        "model": result.model,
        "host": result.host,
        "served_model": result.served_model,
        "created": result.created,
        "request_id": result.request_id,
        "images": images,
        "failures": to_plain(result.failures),
        "unsaved": {str(index): why for index, why in lost.items()},
        "usage": to_plain(result.usage),
        "provenance": to_plain(result.provenance and portable(result.provenance)),
        "receipt": to_plain(result.receipt),
        "notes": _notes(result, [image for image in result.images if image.index in saved]),
        "metadata": to_plain(result.metadata),
    }
