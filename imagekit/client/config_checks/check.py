"""What is wrong with a configuration, given what is installed: all of it at once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from imagekit.client.config_checks.aliases import address_problems, alias_problems
from imagekit.client.config_checks.common import lookup, policy
from imagekit.client.config_checks.hosts import host_problems
from imagekit.client.config_checks.limits import limit_problems
from imagekit.errors import InvalidConfiguration
from imagekit.plan.routes.registry import Registry
from imagekit.plugins.loading import Plugins
from imagekit.settings.config import TABLES, Config
from imagekit.values import Problem

__all__ = ["check"]


def check(config: Config, registry: Registry, plugins: Plugins) -> None:
    """Refuse a configuration that does not make sense here.

    Raises:
        InvalidConfiguration: with every problem, those of reading it included.
    """
    problems = (*config.problems, *_problems(config, registry), *_of_plugins(config, plugins))
    if problems:
        where = config.path or "the configuration"
        lines = "".join(f"\n  {problem}" for problem in problems)
        raise InvalidConfiguration(f"{where} can't be used:{lines}", problems=problems)


def _problems(config: Config, registry: Registry) -> Iterator[Problem]:
    yield from policy("on_unsupported", config.on_unsupported)
    yield from limit_problems(config)
    for name, settings in config.hosts.items():
        yield from host_problems(name, settings, registry)
    for number, name in enumerate(config.prefer):
        yield from lookup(f"prefer[{number}]", registry.host, name)
    for name in config.models:
        yield from alias_problems(name, config, registry)
    if config.default_model is not None:
        yield from address_problems("default_model", config.default_model, config, registry)


def _of_plugins(config: Config, plugins: Plugins) -> Iterator[Problem]:
    """The plugin that a table is for knows its settings."""
    for table, distribution in TABLES.items():
        if not config.table(table):
            continue
        answered: list[Any] = []
        given = {"table": table, "config": config}
        found = plugins.collect(
            "imagekit_check_settings", Problem, True, partial(_told, answered), **given
        )
        if not answered:
            why = f"nothing that is installed has a {table}: pip install {distribution}"
            yield Problem(table, why)
        yield from (problem for _, problem in found)


def _told(answered: list[Any], found: Any) -> list[Any]:
    """What a plugin said, noting that it did: None is that the table is none of its."""
    if found is not None:
        answered.append(found)
    return list(found or ())
