"""``imagekit doctor``."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from queue import Empty, SimpleQueue
from typing import Any

import click

from imagekit import Client, ConfigurationError, Host, PluginError, Retry, to_plain
from imagekit.cli import exits, output
from imagekit.cli.doctor import installed
from imagekit.cli.doctor.asked import Asked, clock
from imagekit.cli.doctor.check import FAILED, WARNING, Check
from imagekit.cli.session import chosen, complete_every_host, open_client

__all__ = ["command"]

#: Seconds for everything that hosts are asked, side by side.
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
    a key; then whether the key is taken, where a host has a question that is free. Buys nothing.
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
        if not offline:
            trusted = [host for host in hosts if not client.config.withholds("hosts", host.name)]
            yield from _asked([Asked(client, host) for host in trusted])


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


def _asked(hosts: Sequence[Asked]) -> Iterator[Check]:
    """What all of them say, asked side by side; and the clock, by what they said."""
    answers: SimpleQueue[tuple[Asked, list[Check]]] = SimpleQueue()
    for one in hosts:
        threading.Thread(target=_ask, args=(one, answers), daemon=True).start()
    told: dict[str, list[Check]] = {}
    end = time.monotonic() + SECONDS
    with _shown(f"asking {len(hosts)} hosts, {SECONDS:.0f} s at most"):
        while len(told) < len(hosts):
            try:
                one, checks = answers.get(timeout=max(0.0, end - time.monotonic()))
            except Empty:
                break
            told[one.host.name] = checks
    for one in hosts:
        yield from told.get(one.host.name) or [_silent(one.host)]
    yield clock(hosts)


def _ask(one: Asked, answers: SimpleQueue[tuple[Asked, list[Check]]]) -> None:
    """What one host says; what nobody has foreseen is told as well."""
    checks: list[Check] = []
    try:
        checks.extend(one.checks())
    except Exception as error:
        why = f"{type(error).__name__} while it was asked: {error}"
        checks.append(Check("address", one.host.name, FAILED, why, "tell the plugin's author"))
    answers.put((one, checks))


def _silent(host: Host) -> Check:
    why = f"no answer within {SECONDS:.0f} s"
    return Check("address", host.name, WARNING, why, "try again, or look at the network")


def _shown(text: str) -> AbstractContextManager[Any]:
    """On a terminal, something that moves."""
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(text)
