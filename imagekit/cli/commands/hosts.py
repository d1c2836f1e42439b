"""``imagekit hosts``."""

from __future__ import annotations

import click

from imagekit import Client, Host
from imagekit.basics.urls import in_clear
from imagekit.cli import output
from imagekit.cli.session import complete_every_host, open_client

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit hosts
  imagekit hosts token360
  imagekit hosts --json
"""


@click.command("hosts", epilog=EXAMPLES)
@click.argument("names", nargs=-1, metavar="[HOST]...", shell_complete=complete_every_host)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(names: tuple[str, ...], as_json: bool) -> None:
    """Show every HOST: whether you have a key, where to get one, and what it serves."""
    with open_client() as client:
        hosts = [*map(client.registry.host, names)] or client.registry.hosts.values()
        records = [_record(client, host) for host in hosts]
    if as_json:
        output.json_answer(records)
        return
    rows = [
        (str(r["host"]), str(r["key"]), ", ".join(r["models"]), str(r["docs"]))  # type: ignore[arg-type]
        for r in records
    ]
    output.table(("HOST", "KEY", "MODELS", "DOCUMENTED AT"), rows)


def _record(client: Client, host: Host) -> dict[str, object]:
    models = [route.model.name for route in client.registry.routes if route.host is host]
    return {
        "host": host.name,
        "title": host.title,
        "base_url": client.address(host),
        "key": _key(client, host),
        "variables": list(client.credential_variables(host)),
        "keys_url": host.keys_url,
        "docs": host.docs_url,
        "models": models,
    }


def _key(client: Client, host: Host) -> str:
    if client.config.withholds("hosts", host.name):
        return f"not used: {client.config.path} is not trusted"
    source = client.credential_source(host)
    if source is None:
        return f"missing: {client.credential_advice(host)}"
    clear = bool(host.auth.variables) and in_clear(client.address(host))
    return f"{source}; sent in clear, over plain http" if clear else source
