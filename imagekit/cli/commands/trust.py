"""``imagekit config trust`` and ``untrust``: no client is made, since nothing is used yet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from imagekit import Config, UsageError
from imagekit.cli import output
from imagekit.settings.config_file import content_of, parse, references
from imagekit.settings.trust import Trust
from imagekit.settings.untrusted import withheld
from imagekit.values.plain.places import Place, dotted

__all__ = ["trust", "untrust"]

FOUND = Path("imagekit.toml")  # the only one that is ever just found
LONGEST = 200  # characters of a value that are shown

_file = click.argument(
    "file", required=False, default=FOUND, type=click.Path(dir_okay=False, path_type=Path)
)


@click.command("trust")
@_file
@click.option("--list", "listing", is_flag=True, help="Show what is trusted, and change nothing.")
def trust(file: Path, listing: bool) -> None:
    """Let FILE (./imagekit.toml) decide where requests, keys, headers and files go.

    Shows what that comes to. It is noted by its place and its content: once either is another,
    it has to be trusted anew.
    """
    if listing:
        for place in sorted(Trust().read()):
            output.answer(place)
        return
    content = content_of(file)
    for line in _decisions(file, content):
        output.note(line)
    Trust().note(file, content)
    output.note(f"{file.absolute()} is trusted as it is now")


@click.command("untrust")
@_file
def untrust(file: Path) -> None:
    """Trust FILE (./imagekit.toml) no longer; it need not be there any more."""
    if not Trust().forget(file):
        raise UsageError(f"{file.absolute()} is not trusted as it is")
    output.note(f"{file.absolute()} is trusted no longer")


def _decisions(file: Path, content: bytes) -> list[str]:
    """What counts only because it is trusted, one line each; never a secret."""
    config = parse(file, content)
    lines = []
    for place in withheld(config):
        if place[0] == "models":
            lines.append(f"  {dotted(place)} is {_default(config, place)}")
            continue
        name = str(place[1])
        own = config.hosts[name]
        lines.append(f"  {dotted(place)} is at {own.base_url or 'its own address'}")
        for inner, reference in references(own):
            lines.append(f"  {dotted((*place, *inner))} is in {reference}")
    return lines


def _default(config: Config, place: Place) -> str:
    """The value of an alias's default; of a long one, the beginning."""
    value: Any = config.models[str(place[1])].defaults
    for name in place[3:]:
        value = value[name]
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
