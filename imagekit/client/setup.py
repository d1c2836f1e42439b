"""What a client is made of, from what its program gives and its user has configured."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from imagekit.basics.classes import evolve
from imagekit.client import argument_checks
from imagekit.declare.auth import Credential
from imagekit.errors import ConfigurationError, UsageError
from imagekit.journals import Journal
from imagekit.plugins.loading import Plugins
from imagekit.settings.config import Config, HostSettings
from imagekit.settings.hidden import Hidden

if TYPE_CHECKING:
    from imagekit.events import Observer
    from imagekit.send.observers import Observers
    from imagekit.send.turns import Turns
    from imagekit.sharing import Shared
    from imagekit.values import Cost
    from imagekit.values.budget import Budget

__all__ = [
    "credential_of",
    "effective",
    "environment_of",
    "journals_of",
    "logging_to",
    "spending",
    "turns_of",
    "watching",
]


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


def spending(
    config: Config, budget: str | Budget | None, unknown_price: str | Cost | None
) -> Config:
    """The configuration, with what the program says of money."""
    if budget is not None:
        config = evolve(config, client_budget=argument_checks.a_budget(budget))
    if unknown_price is not None:
        config = evolve(config, unknown_price=argument_checks.a_price(unknown_price))
    return config


def logging_to(config: Config, own: Sequence[Observer]) -> list[Observer]:
    """What writes the log of a configuration; nothing where the program has brought its own."""
    if config.log is None:
        return []
    from imagekit.send.json_log import JSONLog

    return [] if any(isinstance(one, JSONLog) for one in own) else [JSONLog(config.log)]


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


def turns_of(
    plugins: Plugins,
    config: Config,
    given: Shared | None,
    sleep: Callable[[float], object] | None,
) -> Turns | None:
    """What has calls wait for their turn; None where nothing is configured that they share.

    Args:
        given: what counts, where the program has brought it.

    Raises:
        PluginError: a plugin fails to bring it. Without it, its limits would not be kept.
        ConfigurationError: it can't, as it is configured; or several plugins bring one.
    """
    own = None if given is None else argument_checks.shared(given)
    if not config.shares_anything:
        return None
    from imagekit.send.turns import Turns

    return Turns(own or _sharing_of(plugins, config), config, sleep=sleep)


def _sharing_of(plugins: Plugins, config: Config) -> Shared:
    """What counts for all who share it: a plugin's, or one of this client alone."""
    from imagekit.sharing import Shared

    found = plugins.collect("imagekit_sharing", Shared, True, _one_or_none, config=config)
    if len(found) > 1:
        names = " and ".join(owner.name for owner, _ in found)
        raise ConfigurationError(
            f"the plugins {names} both bring what limits and budgets are counted by, and one "
            "alone can count: leave one out, or say which by Client(sharing=...)"
        )
    if found:
        return cast(Shared, found[0][1])
    from imagekit.send.limits.in_process import InProcess

    return InProcess()


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
