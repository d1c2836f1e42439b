"""What a client is made of, from what its program gives and its user has configured."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from imagekit.basics.classes import evolve
from imagekit.declare.auth import Credential
from imagekit.errors import UsageError
from imagekit.journals import Journal
from imagekit.plugins.loading import Plugins
from imagekit.settings.config import Config, HostSettings
from imagekit.settings.hidden import Hidden

if TYPE_CHECKING:
    from imagekit.events import Observer
    from imagekit.send.observers import Observers

__all__ = ["credential_of", "effective", "environment_of", "journals_of", "watching"]


def effective(
    config: Config | str | os.PathLike[str] | None,
    hosts: Mapping[str, HostSettings],
    prefer: Sequence[str],
) -> Config:
    """The configuration, with what the program itself says in front."""
    if config is None:
        config = Config()
    elif isinstance(config, str | os.PathLike):
        from imagekit.settings.config_file import parse

        config = parse(config)
    elif not isinstance(config, Config):
        kind = type(config).__name__  # type: ignore[unreachable]
        raise UsageError(f"config is a Config, or the path of a TOML file, not of type {kind}")
    return evolve(
        config,
        hosts={**config.hosts, **hosts},
        prefer=tuple(prefer) or config.prefer,
        withheld=tuple(
            place for place in config.withheld if place[0] != "hosts" or place[1] not in hosts
        ),
    )


def watching(observers: list[Observer]) -> Observers | None:
    """What tells them; None where nobody watches, which costs nothing then."""
    if not observers:
        return None
    from imagekit.send.observers import Observers  # and with it every kind of event

    return Observers(observers)


def journals_of(plugins: Plugins, config: Config) -> list[Journal]:
    """What plugins write every paid call down in, by plugin name.

    Raises:
        PluginError: a plugin fails at it. Without its journal, nothing may be bought.
        ConfigurationError: it can't, as it is configured.
    """
    found = plugins.collect("imagekit_journal", Journal, True, _one_or_none, config=config)
    return [journal for _, journal in found]


def _one_or_none(found: Any) -> list[Any]:
    return [] if found is None else [found]


def environment_of(given: Mapping[str, str] | None) -> Hidden[str]:
    """Where keys are looked for, in no variable that a traceback would show."""
    return Hidden(os.environ if given is None else given)


def credential_of(given: Hidden[str | Credential], name: str) -> Credential:
    """What was given for a host; no variable has it, since a traceback shows those."""
    if isinstance(given[name], Credential):
        return cast("Credential", given[name])
    return Credential(api_key=cast("str", given[name]))
