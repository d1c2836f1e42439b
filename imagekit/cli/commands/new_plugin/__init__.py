"""``imagekit plugins new``."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import click

from imagekit import Client
from imagekit.cli import output
from imagekit.cli.commands.new_plugin.rendering import name_problem, plugin_files

__all__ = ["new"]

EXAMPLES = """
\b
Examples:
  imagekit plugins new pond --host --serves lily-1
  imagekit plugins new lily --family --dir ~/src/lily
  imagekit plugins new pond --host --family
  imagekit plugins new brook --wire --serves lily-1
"""


@click.command("new", epilog=EXAMPLES)
@click.argument("name")
@click.option("--host", is_flag=True, help="A host: who serves models.")
@click.option("--family", is_flag=True, help="A family: what models accept.")
@click.option("--wire", is_flag=True, help="A host with a dialect of HTTP of its own.")
@click.option(
    "--serves",
    metavar="MODEL",
    help="What the host serves. [its own family, or the installed model that most hosts serve]",
)
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path),
    help="Where to put it. [imagekit-NAME]",
)
def new(
    name: str, host: bool, family: bool, wire: bool, serves: str | None, directory: Path | None
) -> None:
    """Write a new plugin: a complete distribution, made up and working, for you to fill in.

    It passes imagekit's own tests for plugins as it is. Nothing is ever overwritten.
    """
    host = host or wire
    wanted = {"family": family, "host": host, "wire": wire}
    kinds = [kind for kind in wanted if wanted[kind]]
    if not kinds:
        raise click.UsageError("say what it is: --host, --family, or both; --wire for a dialect")
    if problem := name_problem(name):
        raise click.BadParameter(problem, param_hint="NAME")
    with Client() as client:
        _check_free(client, name)
        model = f"{name}-1" if family and not serves else _installed(client, serves)
    target = directory or Path(f"imagekit-{name}")
    _write(target, plugin_files(name, kinds, model, date.today().isoformat()))
    output.answer(str(target))
    _say_what_next(target, f"{name}:{model} --dry-run" if host else f"sandbox:{model}")


def _check_free(client: Client, name: str) -> None:
    """
    Raises:
        click.UsageError: an installed plugin has this name; of two of a name, pip keeps one.
    """
    distributions = {plugin.distribution for plugin in client.plugins.installed}
    if f"imagekit-{name}" in distributions or name in client.registry.hosts:
        raise click.UsageError(f"the name {name} is taken by an installed plugin; choose another")


def _installed(client: Client, name: str | None) -> str:
    """The canonical name of an installed model: this one, or the one that most hosts serve.

    Raises:
        UnknownModel: it is not installed.
        click.UsageError: none is.
    """
    registry = client.registry
    if name:
        return registry.model(name).name
    if not registry.models:
        raise click.UsageError(
            "no model is installed that the host could serve: install a family's plugin, or "
            "add --family to make one"
        )
    return max(sorted(registry.models), key=lambda model: len(registry.routes_to(model)))


def _write(target: Path, texts: Mapping[str, str]) -> None:
    """All files, or none where anything is already."""
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise click.UsageError(f"{target} is there already; choose another place with --dir")
        for path, text in texts.items():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"{target} can't be written ({error.strerror}); choose another place with --dir"
        raise click.UsageError(message) from error


def _say_what_next(target: Path, address: str) -> None:
    place = shlex.quote(str(target))
    output.note("next:")
    output.note(f"  pip install -e {place}")
    output.note(f"  pytest {place}")
    output.note(f'  imagekit generate "a corgi" -m {address}')
