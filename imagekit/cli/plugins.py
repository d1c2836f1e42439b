"""``imagekit plugins``."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import click

from imagekit import Client
from imagekit.cli import exits, output
from imagekit.convert import to_plain
from imagekit.plugins import Plugin

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit plugins
  IMAGEKIT_PLUGINS=seedream,sandbox imagekit plugins
  IMAGEKIT_PLUGINS_BLOCKED=token360 imagekit plugins --json
"""


@click.command("plugins", epilog=EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(as_json: bool) -> int:
    """Show every installed plugin: where it comes from, what it does, why it failed.

    Ends with exit code 1 when a plugin is broken; the others work all the same.
    """
    with Client() as client:
        plugins = client.plugins.installed
        dangling = client.registry.dangling
    if as_json:
        output.json_answer(
            {"plugins": [_record(plugin) for plugin in plugins], "dangling": to_plain(dangling)}
        )
    else:
        rows = [
            (p.name, f"{p.distribution} {p.version}", p.state, ", ".join(p.hooks) or p.error)
            for p in plugins
        ]
        output.table(("PLUGIN", "DISTRIBUTION", "STATE", "HOOKS, OR WHY NOT"), rows)
        for offer in dangling:
            output.note(f"{offer.host} offers {offer.model}, which needs {offer.needs}")
    _warn_of_namesake()
    broken = any(plugin.state == "failed" for plugin in plugins)
    return exits.INTERNAL if broken else exits.OK


def _record(plugin: Plugin) -> dict[str, object]:
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "state": plugin.state,
        "error": plugin.error or None,
        "hooks": list(plugin.hooks),
    }


def _warn_of_namesake() -> None:
    """django-imagekit installs a package of the same name over this one."""
    try:
        found = version("django-imagekit")
    except PackageNotFoundError:
        return
    output.note(
        f"warning: django-imagekit {found} is installed here too, and both are the Python "
        "package 'imagekit': they can't share an environment"
    )
