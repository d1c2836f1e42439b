"""``imagekit sandbox serve`` and ``imagekit sandbox env``.

Imported whenever the command line lists its commands, so the server, and Pillow with it, are
imported only to serve.
"""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from imagekit_sandbox.serving.faults.catalogue import CATALOGUE
from imagekit_sandbox.serving.faults.faults import read_faults

if TYPE_CHECKING:
    from imagekit_sandbox.serving.faults.rules import Scenario
    from imagekit_sandbox.serving.upstreams import Upstreams

__all__ = ["sandbox"]

PORT = 8765
LISTED = "\n".join(
    f"  {name + (f':{kind.takes.what.upper().split()[0]}' if kind.takes else ''):<26}{kind.doc}"
    for name, kind in CATALOGUE.items()
)
SERVE_EXAMPLES = f"""
\b
Examples:
  imagekit sandbox serve
  imagekit sandbox serve --port 0 --json
  imagekit sandbox serve --latency lognormal:0.8,0.4 --seed 7
  imagekit sandbox serve --rules flaky.toml --link-lifetime 30

\b
Failures, for the header X-Sandbox-Fault, after a "!" in a model's id, or in a rule:
{LISTED}
"""
ENV_EXAMPLES = """
\b
Examples:
  imagekit sandbox env > sandbox.toml
  imagekit sandbox env --fault 429:2 > flaky.toml
  imagekit sandbox env --url http://127.0.0.1:9000 --json
"""


@click.group("sandbox", short_help="Hosts to practise on: free, and failing when told to.")
def sandbox() -> None:
    """Hosts to practise on: real APIs on your machine, free, failing when told to."""


@sandbox.command("serve", epilog=SERVE_EXAMPLES)
@click.option("--port", default=PORT, show_default=True, help="0 takes one that is free.")
@click.option(
    "--bind",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Where to listen. Anything but loopback lets others in.",
)
@click.option(
    "--rules",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What goes wrong and when: TOML, or JSON.",
)
@click.option("--seed", type=int, help="Other luck. The same seed, the same luck.  [default: 0]")
@click.option(
    "--latency",
    metavar="SECONDS",
    help="How long pictures take: 0.5, uniform:0.1,0.5 or lognormal:0.8,0.4.  [default: 0]",
)
@click.option(
    "--link-lifetime", type=float, metavar="SECONDS", help="Until links expire.  [default: 86400]"
)
@click.option("--json", "as_json", is_flag=True, help="Say where it listens as a line of JSON.")
def serve(
    port: int,
    bind: str,
    rules: Path | None,
    seed: int | None,
    latency: str | None,
    link_lifetime: float | None,
    as_json: bool,
) -> None:
    """Serve the hosts' APIs until Ctrl-C, then say what would have been billed."""
    from imagekit_sandbox.serving.upstreams import Upstreams

    given = {"seed": seed, "latency": latency, "link_lifetime": link_lifetime}
    scenario = _scenario(rules, {name: one for name, one in given.items() if one is not None})
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    upstreams = Upstreams(
        scenario.rules,
        seed=scenario.seed,
        latency=scenario.latency,
        link_lifetime=scenario.link_lifetime,
        address=bind,
        port=port,
    )
    try:
        with upstreams:
            _tell(upstreams, as_json)
            upstreams.wait()
    except KeyboardInterrupt:
        bill = upstreams.ledger.document()
        click.echo(json.dumps({"billed": bill}) if as_json else upstreams.ledger.summary())


@sandbox.command("env", epilog=ENV_EXAMPLES)
@click.option(
    "--port", type=click.IntRange(1, 65535), help=f"Where it listens on this machine.  [{PORT}]"
)
@click.option("--url", help="Where it listens, if elsewhere: http://HOST:PORT.")
@click.option("--fault", default="", metavar="FAULT", help="Let every request fail in this way.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def env(port: int | None, url: str | None, fault: str, as_json: bool) -> None:
    """Print the configuration that points the installed hosts at a running sandbox."""
    from imagekit_sandbox.serving.configuration import settings, toml
    from imagekit_sandbox.serving.dialects import DIALECTS

    try:
        read_faults(fault or "lost")
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--fault") from None
    if port and url:
        raise click.UsageError("--port is for this machine, --url for another: give one of them")
    url = (url or f"http://127.0.0.1:{port or PORT}").rstrip("/")
    bases = {one.host: url + one.path for one in DIALECTS}
    config = settings(bases, fault)
    if as_json:
        click.echo(json.dumps(config, indent=2))
    else:
        click.echo(toml(config, f"Practice hosts: imagekit sandbox serve, at {url}. No real host."))


def _scenario(rules: Path | None, given: dict[str, Any]) -> Scenario:
    """The file's, with what the command line says in its place."""
    from attrs import evolve

    from imagekit_sandbox.serving.faults.rules import Scenario, read_scenario

    scenario = read_scenario(rules) if rules else Scenario()
    try:
        return evolve(scenario, **given)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _tell(upstreams: Upstreams, as_json: bool) -> None:
    """On stdout at once: a script may wait for this line."""
    if as_json:
        click.echo(json.dumps({"url": upstreams.url, "base_urls": upstreams.hosts}))
    else:
        click.echo(f"listening on {upstreams.url}")
        click.echo(f"point imagekit at it: imagekit sandbox env{_where(upstreams.url)}", err=True)
        click.echo("and then: imagekit --config sandbox.toml generate ...", err=True)


def _where(url: str) -> str:
    """What `env` has to be told, and where to put what it says: beside any configuration that is
    there.
    """
    here, _, port = url.rpartition(":")
    if here != "http://127.0.0.1":
        return f" --url {url} > sandbox.toml"
    return " > sandbox.toml" if port == str(PORT) else f" --port {port} > sandbox.toml"
