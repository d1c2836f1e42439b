"""The group ``imagekit gateway``; its commands are imported when they are used."""

from __future__ import annotations

import importlib

import click

__all__ = ["gateway"]

HERE = "imagekit_gateway.commands"
MODULES = {
    "serve": (f"{HERE}.serve", "Serve every model, as OpenAI's API, until Ctrl-C."),
    "check": (f"{HERE}.check", "Look whether it could be served as it is configured."),
    "key": (f"{HERE}.key", "Keys: who may ask, for what, and how much."),
}
EXAMPLES = """
\b
Examples:
  imagekit gateway serve
  imagekit gateway key add mary --rpm 60 --budget 20/month --models 'seedream-*'
  imagekit --config studio.toml gateway check
"""


class _Group(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*MODULES]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MODULES:
            return None
        module, short_help = MODULES[cmd_name]
        if getattr(ctx, "listing", False):
            return click.Command(cmd_name, short_help=short_help)
        command: click.Command = importlib.import_module(module).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        ctx.listing = True  # type: ignore[attr-defined]
        super().format_commands(ctx, formatter)


@click.group(
    "gateway", cls=_Group, epilog=EXAMPLES, short_help="Serve every model as OpenAI's API."
)
def gateway() -> None:
    """A server that speaks OpenAI's images API, for every model at every host."""
