"""``imagekit doctor``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import click

from imagekit import Client, ConfigurationError, Host, PluginError, Retry, to_plain
from imagekit.cli import exits, output
from imagekit.cli.doctor import installed
from imagekit.cli.doctor.asked import Asked, clock
from imagekit.cli.doctor.of_plugins import of_plugins
from imagekit.cli.doctor.side_by_side import side_by_side
from imagekit.cli.session import chosen, complete_every_host, open_client
from imagekit.values.check import FAILED, WARNING, Check

__all__ = ["command"]

#: Seconds for everything that plugins look at and hosts are asked, side by side.
SECONDS = 15.0
EXAMPLES = """
\b
Examples:
  imagekit doctor
  imagekit doctor token360 openrouter
  imagekit doctor --offline --json
"""


@click.command("doctor", epilog=EXAMPLES)
@click.argument("hosts", nargs=-1, metavar="[HOST]...", shell_complete=complete_every_host)
@click.option("--offline", is_flag=True, help="Ask no host.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(hosts: tuple[str, ...], offline: bool, as_json: bool) -> int:
    """Look at everything that a call needs, and say what would mend what is wrong.

    Asks the hosts that have a key or are configured, or each HOST: whether they are there, without
    a key; then whether the key is taken, where a host has a question that is free. Plugins look at
    what they need, such as the store. Buys nothing.
    What a configuration says that is not trusted is not tried. Ends with exit code 0 when nothing
    failed; warnings do not count.
    """
    checks = list(_checks(hosts, offline))
    if as_json:
        output.json_answer({"checks": to_plain(checks)})
    else:
        columns = ("CHECK", "OF", "STATE", "FOUND", "WHAT MENDS IT")
        output.table(columns, [(c.what, c.of, c.state, c.found, c.mend) for c in checks])
    failed = any(check.state == FAILED for check in checks)
    return exits.CONFIGURATION if failed else exits.OK


def _checks(names: Sequence[str], offline: bool) -> Iterator[Check]:
    yield from installed.journal()
    try:
        client = open_client(retry=Retry(attempts=1))
    except (ConfigurationError, PluginError) as error:
        mend = "correct it; imagekit config check says all that is wrong"
        yield Check("configuration", "", FAILED, str(error), mend)
        return
    with client:
        yield from installed.plugins(client)
        yield from installed.configured(client)
        yield from installed.log_file(chosen().log or client.config.log)
        hosts = _used(client, names)
        yield from installed.prices(client, hosts, date.today())
        yield from _untrusted(client, hosts)
        trusted = [host for host in hosts if not client.config.withholds("hosts", host.name)]
        asked = [] if offline else [Asked(client, host) for host in trusted]
        shown = f"asking {len(asked)} hosts, {SECONDS:.0f} s at most"
        yield from side_by_side([*of_plugins(client), *asked], SECONDS, shown)
        if not offline:
            yield clock(asked)


def _used(client: Client, names: Sequence[str]) -> list[Host]:
    """Those that were named; else every one that is configured or has a key."""
    if names:
        return [client.registry.host(name) for name in names]
    return [
        host
        for host in client.registry.hosts.values()
        if host.real and (host.name in client.config.hosts or _has_key(client, host))
    ]


def _has_key(client: Client, host: Host) -> bool:
    return client.credential_source(host) not in (None, "none needed")


def _untrusted(client: Client, hosts: Sequence[Host]) -> Iterator[Check]:
    for host in hosts:
        if client.config.withholds("hosts", host.name):
            why = f"not tried: {client.config.path} has settings of it, and is not trusted"
            yield Check("key", host.name, WARNING, why, "look at it, then: imagekit config trust")
