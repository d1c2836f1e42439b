"""``imagekit generate``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from imagekit import Client, DownloadError, HostSettings, Image, Plan, Result
from imagekit.cli import exits, output
from imagekit.cli.files import Destination, destination
from imagekit.cli.progress import Progress

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit generate "a corgi" -m sandbox:seedream-4.5
  imagekit generate "a corgi" -m token360:seedream-4.5 --ratio 16:9 --resolution 4K -o corgi.png
  imagekit generate "four seasons, 4 pictures" -m powertokens:seedream-4.5 \\
      --sequential-image-generation auto \\
      --sequential-image-generation-options '{"max_images": 4}' -o seasons/
  imagekit generate "in this style" -m powertokens:seedream-4.5 --image https://example.com/a.jpg
  echo "a very long prompt" | imagekit generate - -m seedream-4.5 --json
  imagekit generate "a corgi" -m seedream-4.5 --size 2048x512 --dry-run
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
@click.option("-m", "--model", required=True, help="A model, or host:model; see imagekit models.")
@click.option(
    "-o", "--output", "target", metavar="FILE|DIR|-", help="Where to save; - is stdout. [here]"
)
@click.option("--image", multiple=True, metavar="URL", help="A reference picture; may be repeated.")
@click.option("--mask", metavar="URL", help="A mask for the first reference picture.")
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
@click.option("--deadline", type=float, metavar="SECONDS", help="Give up after this long.")
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.option("--dry-run", is_flag=True, help="Print the exact request; send nothing.")
@click.option("--explain", is_flag=True, help="Print what became of every parameter.")
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no notes.")
def command(
    prompt: str,
    model: str,
    target: str | None,
    remote_id: str | None,
    deadline: float | None,
    force: bool,
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
            return _show_plan(client.plan(text, model=model, **parameters), as_json)
        place = None if target == "-" else destination(target, text, force)
        try:
            with progress:
                result = client.generate(text, model=model, deadline=deadline, **parameters)
        except KeyboardInterrupt:
            return _interrupted(progress)
        return _deliver(result, place, progress, explain=explain, as_json=as_json)


def _client(model: str, remote_id: str | None, progress: Progress) -> Client:
    if remote_id is None:
        return Client(observers=[progress])
    with Client() as first:
        route = first.route(model)
    settings = HostSettings(remote_ids={route.model.name: remote_id})
    return Client(observers=[progress], hosts={route.host.name: settings})


def _interrupted(progress: Progress) -> int:
    if progress.sent:
        output.note(
            "interrupted: the request was sent and its answer had not come; "
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
    explain: bool,
    as_json: bool,
) -> int:
    """Save every picture that can be saved, then say what there is and what is not."""
    if place is None:
        if len(result.images) == 1:
            return _to_stdout(result)
        output.note(f"stdout takes one picture, and there are {len(result.images)}: saving them")
        place = destination(None, "stdout", force=False)
    saved: dict[int, Path] = {}
    lost: dict[int, str] = {}
    several = len(result.images) + len(result.failures) > 1
    with progress:
        for image in result.images:
            try:
                saved[image.index] = place.save(image, image.index + 1 if several else None)
            except (DownloadError, OSError) as error:
                lost[image.index] = _why_lost(image, error)
            except KeyboardInterrupt:
                lost[image.index] = _why_lost(image, "interrupted")
                break
    if not progress.quiet:
        _tell(result, saved, place, progress)
    for index, why in lost.items():
        output.note(f"picture {index + 1} could not be saved: {why}")
    for failure in result.failures:
        output.note(f"picture {failure.index + 1} was not made: {failure.message}")
    if explain:
        for row in output.receipt_rows(result.receipt):
            output.note(row)
    if as_json:
        output.json_answer(_record(result, saved, lost))
    else:
        for path in saved.values():
            output.answer(str(path))
    return exits.PARTIAL if lost or result.failures else 0


def _tell(result: Result, saved: dict[int, Path], place: Destination, progress: Progress) -> None:
    for image in result.images:
        if image.index not in saved:
            continue
        size = "{}x{}".format(*image.pixels) if image.pixels else "unknown size"
        kind = (image.media_type or "unknown type").removeprefix("image/").upper()
        about = f"{size} {kind}, {image.blob.size:,} bytes"
        path = saved[image.index]
        output.note(f"{path}: {about}, {result.model} at {result.host}")
        if place.wanted and path.suffix != place.wanted:
            output.note(f"note: it is a {kind}, so it is named {path.suffix}, not {place.wanted}")
    notes = [*result.notes, *(image.note for image in result.images if image.index in saved)]
    for text in dict.fromkeys(note for note in notes if note):
        output.note(f"note: {text}")
    output.note(f"done in {progress.seconds:.1f} s")


def _to_stdout(result: Result) -> int:
    for chunk in result.image.blob.chunks():
        sys.stdout.buffer.write(chunk)
    return exits.PARTIAL if result.failures else 0


def _why_lost(image: Image, error: object) -> str:
    return f"{error}; it is still at {image.url}" if image.url else str(error)


def _record(result: Result, saved: dict[int, Path], lost: dict[int, str]) -> dict[str, Any]:
    from imagekit.convert import to_plain

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
        "receipt": to_plain(result.receipt),
        "notes": list(result.notes),
        "metadata": to_plain(result.metadata),
    }


# --- the plan -------------------------------------------------------------------------------------


def _show_plan(plan: Plan, as_json: bool) -> int:
    code = 0 if plan.request else exits.USAGE
    if as_json:
        from imagekit.convert import to_plain

        record = to_plain(plan)
        if plan.request and plan.request.body:
            record["request"]["body"] = json.loads(plan.request.body)
        output.json_answer(record)
        return code
    for problem in plan.problems:
        output.note(f"error: {problem}")
    if plan.request:
        output.answer(f"{plan.request.method} {plan.request.url}")
        for name, value in plan.request.headers.items():
            output.answer(f"{name}: {value}")
        body = json.loads(plan.request.body or b"null")
        output.answer(f"\n{json.dumps(body, indent=2, ensure_ascii=False)}")
    for row in output.receipt_rows(plan.receipt):
        output.note(row)
    for text in plan.notes:
        output.note(f"note: {text}")
    if plan.request:
        output.note(f"{plan.paid_calls} paid call; nothing was sent")
    return code
