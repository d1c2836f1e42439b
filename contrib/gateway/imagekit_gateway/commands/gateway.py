"""The group ``imagekit gateway``; its commands are imported when they are used."""

from __future__ import annotations

import click

from imagekit.tools import Lazily

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


@click.group(
    "gateway",
    cls=Lazily,
    modules=MODULES,
    epilog=EXAMPLES,
    short_help="Serve every model as OpenAI's API.",
)
def gateway() -> None:
    """A server that speaks OpenAI's images API, for every model at every host."""
