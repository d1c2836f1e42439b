"""``imagekit mcp``."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import click

from imagekit import Budget, tools

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit mcp
  imagekit mcp --budget "5 USD" --output ~/Pictures/made
  imagekit mcp --budget "2 USD/day" --root ~/Pictures --root ~/work/art
  imagekit --config studio.toml mcp --budget "5 USD"
"""


def _budget(ctx: click.Context, param: click.Parameter, text: str | None) -> Budget | None:
    try:
        return None if text is None else Budget.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


#: What may be spent where nobody says so: what costs nothing is made all the same.
NOTHING = Budget(Decimal(0), "USD")
FOLDER = click.Path(file_okay=False, path_type=Path)
#: Seconds; most pictures take less than one minute, and no client waits so long.
PATIENCE = 600.0


@click.command("mcp", epilog=EXAMPLES)
@click.option(
    "--budget",
    metavar="MONEY",
    callback=_budget,
    help="What may be spent, such as '5 USD' or '5 USD/day'; else that of the configuration. "
    "Without either only what is free is made.",
)
@click.option(
    "--output",
    type=FOLDER,
    default=Path("imagekit-pictures"),
    show_default=True,
    help="Where pictures are saved.",
)
@click.option(
    "--root",
    "roots",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="Where reference pictures may be read; may be repeated. Those of --output always may.",
)
@click.option(
    "--deadline",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    default=PATIENCE,
    show_default=True,
    help="Give up waiting for a call after this long; a job is fetched at the next start.",
)
@click.option("--allow-native", is_flag=True, help="Let models send fields of a host verbatim.")
def command(
    budget: Budget | None,
    output: Path,
    roots: tuple[Path, ...],
    deadline: float,
    allow_native: bool,
) -> None:
    """Serve tools that make pictures to a program that speaks the Model Context Protocol, over
    stdin and stdout: generate, edit, plan, models, history.

    The program starts this itself: name it in that program's configuration. Whatever ends it,
    the next one with the same --output fetches what was paid for and had not come yet.
    """
    from imagekit_mcp.opening import open_studio
    from imagekit_mcp.server import serve

    config = tools.configuration()
    tools.refuse_found(config, "would say who is paid")
    allowed = budget or config.budget or NOTHING
    with open_studio(tools.chosen(), allowed, output, roots, deadline) as studio:
        serve(studio, allow_native)
