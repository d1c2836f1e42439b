"""``imagekit keys``."""

from __future__ import annotations

import sys

import click

from imagekit import Client, Credential, Host, UsageError
from imagekit.cli import output
from imagekit.cli.session import complete_hosts, open_client
from imagekit.declare.auth import ways
from imagekit.settings.hidden import Hidden
from imagekit.settings.keys_file import Keys

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit keys set token360
  pass show token360 | imagekit keys set token360
  imagekit keys list
  imagekit keys remove token360
"""
SETTING = """
\b
Examples:
  imagekit keys set token360
  pass show token360 | imagekit keys set token360
  printf '%s\\n' "$ACCESS" "$SECRET" | imagekit keys set klingai access_key secret_key
"""


@click.group("keys", epilog=EXAMPLES)
def command() -> None:
    """Keep keys in a file that only you can read, so that no script needs them."""


class _WithFields(click.Command):
    """Its help lists what keys are made of, host by host."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        with open_client() as client:
            hosts = [(host.name, _known(host)) for host in client.registry.hosts.values()]
        with formatter.section("Fields"):
            formatter.write_dl([(name, ", ".join(fields)) for name, fields in hosts if fields])


@command.command("set", cls=_WithFields, epilog=SETTING)
@click.argument("host", shell_complete=complete_hosts)
@click.argument("fields", nargs=-1, metavar="[FIELD]...")
def set_(host: str, fields: tuple[str, ...]) -> None:
    """Keep the key of HOST: it is asked for without an echo, or read from stdin.

    Some hosts' keys have several FIELDs; each is asked for, or just those you name. A pipe
    gives one line for each.
    """
    with open_client() as client:
        found = client.registry.host(host)
    wanted = _fields(found, fields)
    if sys.stdin.isatty() and found.keys_url:
        output.note(f"keys are made at {found.keys_url}")
    secrets = Hidden({name: _secret(found, name) for name in wanted})
    _nothing_more(found, wanted)
    Credential(source="what you gave", **secrets)  # refuses what can be no key
    keys = Keys()
    keys.set(found.name, secrets)
    output.note(f"kept {' and '.join(wanted)} of {found.name} in {keys.path}")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(as_json: bool) -> None:
    """Show where the key of every host would come from; never a key."""
    with open_client() as client:
        rows = _rows(client)
    if as_json:
        output.json_answer([{"host": host, "source": source} for host, source in rows])
    else:
        output.table(("HOST", "ITS KEY"), [(host, source or "missing") for host, source in rows])


@command.command("remove")
@click.argument("host", shell_complete=complete_hosts)
def remove(host: str) -> None:
    """Forget what is kept of HOST."""
    keys = Keys()
    if not keys.remove(host):
        known = ", ".join(sorted(keys.read())) or "none"
        raise UsageError(f"no key of {host} is kept; hosts with one: {known}")
    output.note(f"removed the key of {host} from {keys.path}")


def _fields(host: Host, named: tuple[str, ...]) -> tuple[str, ...]:
    """The fields to ask for. What was typed is not repeated: it may be a key."""
    known = _known(host)
    if not known:
        raise UsageError(f"{host.name} needs no key")
    if set(named) - set(known):
        raise UsageError(
            f"{host.name} has no such field; its own: {', '.join(known)}. A key itself is never "
            "an argument, where others can see it: you are asked for it"
        )
    return named or tuple(host.auth.variables)


def _secret(host: Host, name: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(f"{name} of {host.name}", hide_input=True, err=True))
    line = sys.stdin.readline().strip()
    if not line:
        raise UsageError(f"stdin has no line for {name} of {host.name}")
    return line


def _nothing_more(host: Host, wanted: tuple[str, ...]) -> None:
    """A line that is left over belongs to a field that was not asked for."""
    if not sys.stdin.isatty() and sys.stdin.read().strip():
        raise UsageError(
            f"stdin has more lines than {host.name} was to be given ({', '.join(wanted)}); nothing "
            "is kept. Name the fields, in the order of their lines: "
            f"imagekit keys set {host.name} {' '.join(_known(host))}"
        )


def _known(host: Host) -> tuple[str, ...]:
    """Every field that a key of this host may have."""
    return tuple(dict.fromkeys(name for way in ways(host.auth) for name in way.variables))


def _rows(client: Client) -> list[tuple[str, str | None]]:
    hosts = client.registry.hosts
    rows = [(name, client.credential_source(host)) for name, host in hosts.items()]
    left = sorted(set(Keys().read()) - set(hosts))
    return [*rows, *((name, "keys file, but no such host is installed") for name in left)]
