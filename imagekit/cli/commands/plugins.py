"""``imagekit plugins``."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import click

from imagekit import Client
from imagekit.cli import exits, output
from imagekit.cli.commands.new_plugin import new
from imagekit.plugins.finding import Plugin
from imagekit.values.plain.convert import to_plain

__all__ = ["command"]

NO_HOOK = "none: mark its functions with @hookimpl"

#: Seconds of importing that are worth a remark.
SLOW = 0.5
EXAMPLES = """
\b
Examples:
  imagekit plugins
  IMAGEKIT_PLUGINS=seedream,sandbox imagekit plugins
  IMAGEKIT_PLUGINS_BLOCKED=token360 imagekit plugins --json
  imagekit plugins new pond --host
"""


@click.group("plugins", epilog=EXAMPLES, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> int:
    """Show every installed plugin: where it comes from, what it does, why it failed.

    Ends with exit code 1 when a plugin is broken; the others work all the same.
    """
    return exits.OK if context.invoked_subcommand else _show_all(as_json)


command.add_command(new)


def _show_all(as_json: bool) -> int:
    with Client() as client:
        plugins = client.plugins.installed
        dangling, doubts = client.registry.dangling, [*client.registry.doubts]
    if as_json:
        output.json_answer(
            {
                "plugins": [_record(plugin) for plugin in plugins],
                "dangling": to_plain(dangling),
                "doubts": doubts,
            }
        )
    else:
        rows = [
            (
                p.name,
                f"{p.distribution} {p.version}",
                p.state,
                ", ".join(p.hooks) or p.error or NO_HOOK,
            )
            for p in plugins
        ]
        output.table(("PLUGIN", "DISTRIBUTION", "STATE", "HOOKS, OR WHY NOT"), rows)
        for slow in (plugin for plugin in plugins if plugin.seconds >= SLOW):
            output.note(f"{slow.label} takes {slow.seconds:.1f} s to import, in every program")
        for offer in dangling:
            output.note(f"{offer.host} offers {offer.model}, which needs {offer.needs}")
        for doubt in doubts:
            output.note(doubt)
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
        "seconds": round(plugin.seconds, 3),
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
