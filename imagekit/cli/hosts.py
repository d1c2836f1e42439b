"""``imagekit hosts``."""

from __future__ import annotations

import click

from imagekit import Client, Host
from imagekit.cli import output
from imagekit.cli.session import open_client
from imagekit.credentials import exports, ways

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit hosts
  imagekit hosts --json
"""


@click.command("hosts", epilog=EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(as_json: bool) -> None:
    """Show every host: whether you have a key, where to get one, and what it serves."""
    with open_client() as client:
        records = [_record(client, host) for host in client.registry.hosts.values()]
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
        "base_url": host.base_url,
        "key": _key(client, host),
        "variables": [
            name for way in ways(host.auth) for names in way.variables.values() for name in names
        ],
        "keys_url": host.keys_url,
        "docs": host.docs_url,
        "models": models,
    }


def _key(client: Client, host: Host) -> str:
    source = client.credential_source(host)
    if source:
        return source
    return f"missing: export {exports(host.auth)}"
