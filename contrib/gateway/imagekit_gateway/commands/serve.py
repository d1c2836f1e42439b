"""``imagekit gateway serve``."""

from __future__ import annotations

import json
import sys

import click
from attrs import evolve
from imagekit_store import Keys

from imagekit import ConfigurationError, tools
from imagekit_gateway.opening import configuration, open_gateway
from imagekit_gateway.settings import Settings, address, settings_of

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit gateway serve
  imagekit gateway serve --listen 0.0.0.0:8700
  imagekit --config studio.toml gateway serve --json
"""


@click.command("serve", epilog=EXAMPLES)
@click.option("--listen", metavar="ADDRESS:PORT", help="Where.  [127.0.0.1:8700]")
@click.option("--quiet", is_flag=True, help="No line for each request.")
@click.option("--json", "as_json", is_flag=True, help="Say where it listens as a line of JSON.")
def command(listen: str | None, quiet: bool, as_json: bool) -> None:
    """Serve every model that is installed, as OpenAI's images API, until Ctrl-C.

    Without a configuration: on this machine alone, with a store in your directory for data, the
    hosts of which you have keys, and the sandbox while you have none. The first time it makes a
    key, and shows it this once.
    """
    choice = tools.chosen()
    config = configuration(choice)
    settings = settings_of(config)
    if listen is not None:
        settings = evolve(settings, listen=_checked(listen))
    told = _told(choice, settings)
    if as_json:
        tools.answer(json.dumps(told))
    else:
        _tell(told)
    sys.stdout.flush()
    from imagekit_gateway.serving import serve

    serve(choice, settings, quiet)


def _checked(listen: str) -> str:
    try:
        address(listen)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--listen") from None
    return listen


def _told(choice: tools.Choice, settings: Settings) -> dict[str, object]:
    """Where it will be, and who answers; with a key, where there was none."""
    import threading

    with open_gateway(choice, threading.Event()) as gateway:
        names, keys = gateway.names.all(), Keys(gateway.store)
        if not names:
            raise ConfigurationError("there is no model to serve: imagekit hosts tells why")
        key = None if keys.all() else keys.add("first", settings={"operator": True})
        hosts = sorted({gateway.names.route(name).host.name for name in names})
        store = repr(gateway.store).removeprefix("<Store ").removesuffix(">")
    url = f"http://{settings.listen}"
    return {
        "url": url,
        "base_url": f"{url}/v1",
        "page": f"{url}/",
        "key": key,
        "hosts": hosts,
        "models": len(names),
        "store": store,
    }


def _tell(told: dict[str, object]) -> None:
    tools.answer(f"serving on {told['url']}")
    tools.answer(f"  base URL  {told['base_url']}")
    tools.answer(f"  page      {told['page']}")
    tools.answer(f"  hosts     {', '.join(told['hosts'])}")  # type: ignore[arg-type]
    tools.answer(f"  store     {told['store']}")
    if told["key"]:
        tools.answer(f"  key       {told['key']}")
        tools.note("the key is shown this once; more: imagekit gateway key add NAME")
    tools.note("Ctrl-C ends it, once what is under way has been answered")
