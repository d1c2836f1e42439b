"""``imagekit gateway serve``."""

from __future__ import annotations

import json
import socket
import sys
import threading

import click
from attrs import evolve
from imagekit_store import Keys

from imagekit import ConfigurationError, UsageError, tools
from imagekit_gateway.gateway.opening import configuration, open_gateway
from imagekit_gateway.gateway.settings import Settings, address, settings_of

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit gateway serve
  imagekit gateway serve --listen 0.0.0.0:8700
  imagekit --config studio.toml gateway serve --json
"""


@click.command("serve", epilog=EXAMPLES)
@click.option(
    "--listen", metavar="ADDRESS:PORT", help="Where; port 0 is any that is free.  [127.0.0.1:8700]"
)
@click.option("--quiet", is_flag=True, help="No line for each request.")
@click.option("--no-key", is_flag=True, help="Make none: where what it says goes into a log.")
@click.option("--json", "as_json", is_flag=True, help="Say where it listens as a line of JSON.")
def command(listen: str | None, quiet: bool, no_key: bool, as_json: bool) -> None:
    """Serve every model that is installed, as OpenAI's images API, until Ctrl-C.

    Without a configuration: on this machine alone, with a store in your directory for data, the
    hosts of which you have keys, and the sandbox while you have none. The first time it makes a
    key, and shows it this once.

    Ctrl-C, SIGTERM or a closed terminal: it takes no more requests, answers those that it has, and
    ends with exit code 0.
    """
    if sys.platform == "win32":
        raise ConfigurationError("a gateway is served on Linux and macOS alone")
    choice = tools.chosen()
    config = configuration(choice)
    settings = settings_of(config)
    if listen is not None:
        settings = evolve(settings, listen=_checked(listen))
    settings = evolve(settings, listen=_free(settings.listen))
    told = _told(choice, settings, no_key)
    if as_json:
        tools.answer(json.dumps(told))
    else:
        _tell(told)
    sys.stdout.flush()
    from imagekit_gateway.serving.serving import serve

    serve(choice, settings, quiet)


def _checked(listen: str) -> str:
    try:
        address(listen)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--listen") from None
    return listen


def _free(listen: str) -> str:
    """The same in numbers, with a port that nobody has: the server itself would share that of
    another gateway, and each would get some of the requests.

    Raises:
        ConfigurationError: nothing can listen there.
    """
    host, port = address(listen)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
            trial.bind((host, port))
            host, port = trial.getsockname()[:2]
    except OSError as error:
        why = f"nothing can listen on {listen}: {error.strerror}; --listen names another address"
        raise ConfigurationError(why) from None
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _told(choice: tools.Choice, settings: Settings, no_key: bool) -> dict[str, object]:
    """Where it will be, and who answers; with a key, where there was none."""
    with open_gateway(choice, threading.Event()) as gateway:
        names, keys = gateway.names.all(), Keys(gateway.store)
        if not names:
            raise ConfigurationError("there is no model to serve: imagekit hosts tells why")
        key = None if no_key or keys.all() else _first(keys)
        if no_key and not keys.all():
            tools.note("there is no key, so nobody may ask: imagekit gateway key add NAME")
        hosts = sorted({gateway.names.route(name).host.name for name in names})
        store = repr(gateway.store).removeprefix("<Store ").removesuffix(">")
    url = f"http://{settings.listen}"
    base = settings.public_url or url
    return {
        "url": url,
        "base_url": f"{base}/v1",
        "page": f"{base}/",  # without the key: a browser would keep that with the address
        "key": key,
        "hosts": hosts,
        "models": len(names),
        "store": store,
    }


def _first(keys: Keys) -> str | None:
    """A key for whoever has set it up; None where another process has just made it."""
    try:
        return keys.add("first", settings={"operator": True})
    except UsageError:
        return None


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
