"""``imagekit config trust`` and ``untrust``: no client is made, since nothing is used yet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from attrs import asdict, has

from imagekit import Config, HostSettings, UsageError
from imagekit.basics.urls import without_secrets
from imagekit.cli import output
from imagekit.settings.config import TABLES
from imagekit.settings.config_file import content_of, parse
from imagekit.settings.secret_reference import WAYS, SecretReference
from imagekit.settings.trust import Trust
from imagekit.settings.untrusted import withheld
from imagekit.values.budget import Budget, written
from imagekit.values.plain.places import Place, dotted

__all__ = ["trust", "untrust"]

FOUND = Path("imagekit.toml")  # the only one that is ever just found

_file = click.argument(
    "file", required=False, default=FOUND, type=click.Path(dir_okay=False, path_type=Path)
)


@click.command("trust")
@_file
@click.option("--list", "listing", is_flag=True, help="Show what is trusted, and change nothing.")
def trust(file: Path, listing: bool) -> None:
    """Let FILE (./imagekit.toml) decide where requests, keys, headers, files and what is kept of
    calls go.

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


def _decisions(file: Path, content: bytes) -> Iterator[str]:
    """What counts only because it is trusted, whole and one line each; never a secret."""
    config = parse(file, content)
    for place in withheld(config):
        if place[0] == "models":
            yield f"  {dotted(place)} is {_text(_default(config, place))}"
        elif place == ("log",):
            yield f"  log is {_text(config.log)}"
        elif place == ("unknown_price",):
            yield f"  a picture of an unknown price counts {_text(written(config.unknown_price))}"
        elif place[0] in TABLES:
            for inner, value in _given(place, config.table(str(place[0]))):
                yield f"  {dotted(inner)} {_told(inner, value)}"
        else:
            yield from _of_host(place, config.hosts[str(place[1])])


def _default(config: Config, place: Place) -> Any:
    """The value of an alias's default."""
    value: Any = config.models[str(place[1])].defaults
    for name in place[3:]:
        value = value[name]
    return value


def _of_host(host: Place, own: HostSettings) -> Iterator[str]:
    """All that is set for a host; without an address of its own, that as well."""
    if own.base_url is None:
        yield f"  {dotted(host)} is at its own address"
    for place, value in _given(host, own):
        yield f"  {dotted(place)} {_told(place, value)}"


def _given(place: Place, value: Any) -> Iterator[tuple[Place, Any]]:
    """Every value in these settings that is not as it would be without a file."""
    if has(type(value)) and not isinstance(value, SecretReference | Budget):
        usual = asdict(type(value)(), recurse=False)
        given = asdict(value, recurse=False)
        value = {name: inner for name, inner in given.items() if inner != usual[name]}
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _given((*place, name), inner)
    else:
        yield place, value


def _told(place: Place, value: Any) -> str:
    """A value; of a secret, where it is: the whole command, since it will be run."""
    if isinstance(value, SecretReference):
        way = next(way for way in WAYS if getattr(value, way))
        return f"comes from {way} {_text(getattr(value, way))}"
    if place[0] == "store" and isinstance(value, str):
        return f"is {_text(without_secrets(value))}"
    if place[0] == "hosts" and place[2] == "headers" and str(place[3]).lower() != "host":
        return f"is given, {len(value)} characters"  # gateways put keys there
    return f"is {_text(value)}"


def _text(value: Any) -> str:
    """As JSON, so that no line break in it makes a line that looks like one of ours."""
    return json.dumps(value, ensure_ascii=False, default=str)
