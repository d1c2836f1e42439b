"""``imagekit config``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import click
from attrs import fields

from imagekit import (
    Budget,
    Client,
    Config,
    HostSettings,
    InvalidConfiguration,
    SecretReference,
)
from imagekit.basics.urls import without_secrets
from imagekit.cli import output
from imagekit.cli.checking import checked_configuration
from imagekit.cli.commands.explaining import explain
from imagekit.cli.commands.trust import trust, untrust
from imagekit.cli.session import config_option, open_client, without_config
from imagekit.settings.config import TABLES
from imagekit.settings.config_file import Candidate, candidates, find, parse
from imagekit.values.budget import written
from imagekit.values.plain.places import Place, dotted

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit config path
  imagekit --config work.toml config check
  imagekit config show --json
  imagekit config explain poster
  imagekit config trust
"""

#: A key, its value, and where that comes from.
Row = tuple[str, Any, str]


@click.group("config", epilog=EXAMPLES)
def command() -> None:
    """Show which configuration is used, what it says, and what is wrong with it."""


command.add_command(explain)
command.add_command(trust)
command.add_command(untrust)


@command.command("path")
def path() -> None:
    """Print the file that is used; the places that are looked at go to stderr.

    Reads none of them.
    """
    used = None if without_config() else find(config_option())
    for candidate in candidates(config_option()):
        output.note(f"{_state(candidate, used):<10}{candidate.path}  [{candidate.why}]")
    if used:
        output.answer(str(used.path))


def _state(candidate: Candidate, used: Candidate | None) -> str:
    if not candidate.path.exists():
        return "not there"
    return "used" if candidate == used else "not read"


@command.command("check")
def check() -> None:
    """Read the configuration and say everything that is wrong with it.

    Aliases are planned at every host they may lead to; nothing is sent.
    """
    with open_client() as client:
        used, checked = client.config.path, checked_configuration(client)
    for sentence in checked.notes:
        output.note(sentence)
    if checked.refused:
        lines = "".join(f"\n  {problem}" for problem in checked.refused)
        raise InvalidConfiguration(
            f"{used} has aliases whose calls are refused:{lines}", problems=checked.refused
        )
    output.answer(f"{used}: nothing wrong" if used else "there is no configuration file")


@command.command("show")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(as_json: bool) -> None:
    """Show every setting that counts and where it comes from; never a secret."""
    with open_client() as client:
        rows = list(_rows(client))
    if as_json:
        keys = ("key", "value", "source")
        output.json_answer([dict(zip(keys, row, strict=True)) for row in rows])
    else:
        shown = [(key, _text(value), source) for key, value, source in rows]
        output.table(("KEY", "VALUE", "FROM"), shown)


def _rows(client: Client) -> Iterator[Row]:
    config = client.config
    own = str(config.path) if config.path else "default"
    kept = _KeptFrom(config)
    for key in ("default_model", "prefer", "on_unsupported", "budget", "unknown_price"):
        value = getattr(config, key)
        shown = written(value) if key == "unknown_price" else _plain(value)
        yield key, shown, "default" if value == getattr(Config(), key) else kept.source(key, own)
    if config.log is not None:
        yield "log", config.log, own
    for name, alias in config.models.items():
        yield from _given(("models", name), alias, type(alias)(), own)
    for table in TABLES:
        for inner, plain in _leaves((table,), config.table(table)):
            yield dotted(inner), plain, kept.source(table, own)
    for withheld in config.withheld:
        yield dotted(withheld), None, f"{own}, not trusted: imagekit config trust"
    for name, host in client.registry.hosts.items():
        settings = config.hosts.get(name, HostSettings())
        if settings.base_url is None:
            plugin = f"plugin ({host.kind or name})"
            yield dotted(("hosts", name, "base_url")), host.base_url, plugin
        yield from _given(("hosts", name), settings, HostSettings(), kept.source_of(name, own))
        if settings.credential is None:
            source = client.credential_source(host)
            found = "(not shown)" if source and source != "none needed" else None
            yield dotted(("hosts", name, "credential")), found, source or "missing"


class _KeptFrom:
    """Where what counts comes from beside a file that was only found: of that, as it stands there,
    or from the user's own configuration, which holds all the same."""

    def __init__(self, config: Config) -> None:
        *_, own = candidates()
        self._config, self._own = config, str(own.path)
        self._found = parse(config.path) if config.found and config.path else None

    def source(self, key: str, file: str) -> str:
        if self._found is None or getattr(self._found, key) == getattr(self._config, key):
            return file
        return self._own

    def source_of(self, host: str, file: str) -> str:
        """Of a host that both name, only the limits count, which are the user's."""
        return file if self._found is None else self._own


def _given(place: Place, value: Any, default: Any, source: str) -> Iterator[Row]:
    """Every attribute that is not as it would be without a file."""
    for attribute in fields(type(value)):
        own = getattr(value, attribute.name)
        if own != getattr(default, attribute.name):
            for inner, plain in _leaves((*place, attribute.name), own):
                yield dotted(inner), plain, source


def _leaves(place: Place, value: Any) -> Iterator[tuple[Place, Any]]:
    if place[0] == "hosts" and "headers" in place[2:-1] and isinstance(value, str):
        yield place, "(not shown)"  # gateways put keys there
    elif place[0] == "store" and isinstance(value, str):
        yield place, without_secrets(value)
    elif isinstance(value, SecretReference):
        yield place, f"in {value}" + ("" if value.there(os.environ) else ", missing")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves((*place, key), inner)
    elif hasattr(type(value), "__attrs_attrs__") and not isinstance(value, Budget):
        for attribute in fields(type(value)):
            if getattr(value, attribute.name):
                yield from _leaves((*place, attribute.name), getattr(value, attribute.name))
    else:
        yield place, _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Budget):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
