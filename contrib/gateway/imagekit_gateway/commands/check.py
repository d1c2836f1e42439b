"""``imagekit gateway check``."""

from __future__ import annotations

import threading

import click
from imagekit_store import Keys

from imagekit import ImagekitError, tools
from imagekit_gateway.names import Names
from imagekit_gateway.opening import open_gateway

__all__ = ["command"]

#: As everywhere; see docs/command-line.md.
SET_UP = 3
EXAMPLES = """
\b
Examples:
  imagekit gateway check
  imagekit --config studio.toml gateway check --json
"""


@click.command("check", epilog=EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> int:
    """Look whether the gateway could be served as it is configured: the store, the hosts and
    their keys, the names that lead somewhere. Sends nothing.

    The exit code is 3 when something stands in the way.
    """
    with open_gateway(tools.chosen(), threading.Event()) as gateway:
        checked = gateway.store.check()
        names = gateway.names.all()
        told = {
            "listen": gateway.settings.listen,
            "store": checked.database,
            "pictures": checked.place,
            "keys": sum(key.state == "active" for key in Keys(gateway.store).all()),
            "hosts": sorted({gateway.names.route(name).host.name for name in names}),
            "names": len(names),
            "default_model": gateway.names.default or None,
            "gpt-image-1": _route(gateway.names, "gpt-image-1"),
        }
    trouble = [*checked.trouble]
    if not names:
        trouble.append("no model has a host with a key: imagekit hosts")
    if not told["keys"]:
        trouble.append("there is no key yet, so nobody may ask: imagekit gateway key add NAME")
    if as_json:
        tools.json_answer({"well": not trouble, **told, "trouble": trouble})
    else:
        for name, value in told.items():
            shown = ", ".join(value) if isinstance(value, list) else value
            tools.answer(f"{name}: {'none' if value in (None, []) else shown}")
        for sentence in trouble:
            tools.answer(f"wrong: {sentence}")
    return SET_UP if trouble else 0


def _route(names: Names, name: str) -> str | None:
    try:
        return names.route(name).name
    except ImagekitError:
        return None
