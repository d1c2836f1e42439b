"""The options that say what is asked for, of every command that asks."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import click

from imagekit.cli import parsed
from imagekit.cli.session import complete_models

__all__ = ["request_options"]

_OPTIONS = (
    click.option(
        "-m",
        "--model",
        shell_complete=complete_models,
        help="A model, host:model, or an alias. [the configuration's default_model]",
    ),
    click.option(
        "--image",
        multiple=True,
        callback=lambda ctx, param, values: values or None,  # so that an alias's own count
        metavar="FILE|URL",
        help="A reference picture; may be repeated.",
    ),
    click.option("--mask", metavar="FILE|URL", help="A mask for the first reference picture."),
    click.option("-n", "--n", type=int, help="How many pictures."),
    click.option("--size", callback=parsed.size, help="2048x2048, a tier such as 2K, or auto."),
    click.option(
        "--ratio", callback=parsed.ratio, help="Such as 16:9, alone or with --resolution."
    ),
    click.option("--resolution", help="The tier: 512, 1K, 1.5K, 2K, 3K, 4K or 8K."),
    click.option("--quality", help="As the host has it."),
    click.option("--response-format", help="How the picture travels: url or b64_json."),
    click.option("--output-format", help="What the picture is: png, jpeg, ..."),
    click.option("--seed", type=int, help="For hosts that take one."),
    click.option("--watermark/--no-watermark", default=None, help="Whether the host stamps it."),
    click.option("--negative-prompt", help="What not to draw."),
    click.option("--sequential-image-generation", help="auto makes a group of pictures."),
    click.option(
        "--sequential-image-generation-options",
        type=parsed.JsonObject(),
        help='Such as {"max_images": 4}.',
    ),
    click.option("--user", help="An opaque id of your end user."),
    click.option(
        "-p",
        "--option",
        "options",
        multiple=True,
        callback=parsed.options,
        metavar="KEY=VALUE",
        help="An option of the model's family; may be repeated.",
    ),
    click.option("--native", type=parsed.JsonObject(), help="Fields to send verbatim, unchecked."),
    click.option(
        "--on-unsupported",
        type=click.Choice(["error", "adapt", "drop"]),
        help="What to do with what the host can't do. [error]",
    ),
)


def request_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """They are given to the command by their names; ``image`` is None where none is given, so that
    an alias's own count."""
    return reduce(lambda wrapped, option: option(wrapped), reversed(_OPTIONS), command)
