"""The client of the command line: set up by the configuration and the keys file."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Unpack

import click

from imagekit import Client, Config, ConfigurationError, InvalidConfiguration
from imagekit.basics.classes import frozen
from imagekit.client.options import ClientOptions
from imagekit.settings.keys_file import Keys

__all__ = [
    "Choice",
    "chosen",
    "complete_hosts",
    "complete_models",
    "config_in_use",
    "config_option",
    "config_words",
    "configuration",
    "open_client",
    "own_config",
    "refuse_found",
    "without_config",
]


def config_option() -> str | None:
    """What stands after ``--config``, wherever the command is."""
    return _given().get("config")


def config_words() -> list[str]:
    """How the configuration of this command was chosen, to be typed again."""
    path = config_option()
    return ["--no-config"] if without_config() else ["--config", path] if path else []


def config_in_use() -> str:
    """Where the configuration of this command is, to be named to another; empty where there is
    none. To name one that is not trusted would be to trust it."""
    from imagekit.settings.config_file import find_trusted

    found = None if without_config() else find_trusted(config_option())
    return str(found.path.absolute()) if found else ""


def without_config() -> bool:
    """Whether it is to be as if there was no configuration."""
    return bool(_given().get("no_config"))


def _given() -> dict[str, Any]:
    context = click.get_current_context(silent=True)
    return context.find_root().params if context else {}


@frozen
class Choice:
    """Which configuration a command was given; another process may be told of it.

    Attributes:
        path: what stands after ``--config``.
        none: whether it is to be as if there was none.
        log: the file for a log, in place of that of the configuration.
    """

    path: str | None = None
    none: bool = False
    log: str | None = None


def chosen() -> Choice:
    """That of this command."""
    return Choice(config_option(), without_config(), _given().get("log"))


def configuration(choice: Choice | None = None) -> Config:
    """The configuration of this command, or of that choice, for those who need no client.

    Raises:
        ConfigurationError: it can't be read, or has mistakes that can be seen without plugins.
    """
    from imagekit.settings.config_file import read

    choice = choice or chosen()
    config = Config() if choice.none else read(choice.path)
    if config.problems:
        lines = "".join(f"\n  {problem}" for problem in config.problems)
        message = f"{config.path} can't be used:{lines}"
        raise InvalidConfiguration(message, problems=config.problems)
    return config


def refuse_found(
    config: Config, why: str, otherwise: str = "leave it out with --no-config"
) -> None:
    """For those who would go by all that a configuration says.

    Args:
        why: what it would decide, in words.
        otherwise: what its user may do besides trusting it.

    Raises:
        ConfigurationError: it was only found, and is not trusted.
    """
    if config.found:
        raise ConfigurationError(
            f"{config.path} {config.found}, and {why}; look at it, and say: imagekit config trust; "
            f"or {otherwise}"
        )


def own_config() -> Path:
    """Where a setting of the user's is to be written, for all of their directories unless they
    name a file: what was only found in this one is not the user's to decide about."""
    from imagekit.settings.config_file import candidates

    return next(candidate.path for candidate in candidates(config_option()) if candidate.own)


def open_client(choice: Choice | None = None, **options: Unpack[ClientOptions]) -> Client:
    """A client as `Client.from_config` makes it, of the file that ``--config`` names, or of that
    choice. The sandbox draws for somebody who has no key yet."""
    options |= ClientOptions(sandbox=True)
    choice = choice or chosen()
    if choice.log:
        from imagekit import JSONLog

        options["observers"] = [*options.get("observers", ()), JSONLog(choice.log)]
    if choice.none:
        return Client(config=Config(), keys=Keys(), **options)
    return Client.from_config(choice.path, **options)


# --- completion: a shell waits for it, so whatever is wrong gives no suggestions ---------------


def _silent_client(ctx: click.Context) -> Client | None:
    logging.getLogger("imagekit").setLevel(logging.CRITICAL)  # the process ends with this
    try:
        return Client.from_config(ctx.find_root().params.get("config"))
    except Exception:
        return None


def complete_models(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Aliases, models and, once a host is typed, what it serves."""
    client = _silent_client(ctx)
    if client is None:
        return []
    with client:
        names = [*client.config.models, *client.registry.models]
        addresses = [route.name for route in client.registry.routes]
        hosts = [f"{name}:" for name in client.registry.hosts]
    known = addresses if ":" in incomplete else [*names, *hosts]
    return sorted(name for name in known if name.startswith(incomplete))


def complete_hosts(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Hosts that want a key."""
    client = _silent_client(ctx)
    if client is None:
        return []
    with client:
        hosts = client.registry.hosts.values()
        return sorted(
            host.name for host in hosts if host.auth.variables and host.name.startswith(incomplete)
        )


def complete_every_host(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Hosts, instances among them."""
    client = _silent_client(ctx)
    if client is None:
        return []
    with client:
        return sorted(name for name in client.registry.hosts if name.startswith(incomplete))
