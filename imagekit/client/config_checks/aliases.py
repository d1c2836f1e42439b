"""What is wrong with the aliases of a configuration, and with where they lead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from imagekit.basics.closest import closest
from imagekit.client.config_checks.common import lookup, meant, policy
from imagekit.declare.family import CANONICAL, Parameter
from imagekit.errors import ImagekitError, UnknownModel
from imagekit.plan.routes.registry import Registry
from imagekit.plan.value_checks import type_problem
from imagekit.settings.config import Alias, Config
from imagekit.values import Problem
from imagekit.values.plain.places import dotted

__all__ = ["address_problems", "alias_problems", "hosts_of"]

#: What an alias may have defaults of; a family's own parameters go into options.
_DEFAULTS = {name: kind for name, kind in CANONICAL.items() if name not in ("model", "prompt")}
_MORE = ("options", "native", "on_unsupported")


def alias_problems(name: str, config: Config, registry: Registry) -> Iterator[Problem]:
    """Everything about one ``[models.NAME]``."""
    place, alias = dotted(("models", name)), config.models[name]
    if ":" in name:
        yield Problem(place, "an alias has no colon: it stands between host and model")
    if registry.knows(name):
        yield Problem(place, f"is the name of {registry.model(name).title}; choose another")
    if not alias.model:
        yield Problem(f"{place}.model", "is missing: the model this name stands for")
    else:
        yield from address_problems(f"{place}.model", alias.model, config, registry)
    chain = _chain(name, config, registry)
    if len(chain) > 1 and chain[-1] == name and not _is_the_hosts_own(chain, alias, registry):
        yield Problem(f"{place}.model", f"goes in a circle: {' -> '.join(chain)}", alias.model)
    yield from _hosts(place, alias, chain[-1], registry)
    yield from _defaults(f"{place}.defaults", alias.defaults)


def address_problems(
    place: str, address: str, config: Config, registry: Registry
) -> Iterator[Problem]:
    """Whether ``host:model``, a model or an alias is there."""
    try:
        host, name = registry.split(address)
    except ImagekitError as error:
        yield Problem(place, error.message)
        return
    if name in config.models or registry.takes_any(host):
        return
    try:
        registry.model(name)
    except UnknownModel as error:
        best = closest(name, [*config.models, *error.nearest])
        alias = bool(best) and best[0] in config.models
        yield Problem(
            place, f"no model is named {name!r}{meant(name, best)}" if alias else error.message
        )
    else:
        if host is not None:
            yield from lookup(place, registry.route, host, name)


def hosts_of(name: str, config: Config, registry: Registry) -> tuple[str, ...]:
    """The hosts an alias may lead to: those it names, else all real ones with its model."""
    *aliases, model = _chain(name, config, registry)
    for alias in (config.models[one] for one in aliases):
        named = registry.split(alias.model)[0]
        if named or alias.hosts:
            return (named,) if named else alias.hosts
    return tuple(route.host.name for route in registry.routes_to(model) if route.host.real)


def _chain(name: str, config: Config, registry: Registry) -> list[str]:
    """The alias, what it stands for, and so on, to a model or to a name that was there."""
    chain = [name]
    while chain[-1] in config.models and chain[-1] not in chain[:-1]:
        try:
            chain.append(registry.split(config.models[chain[-1]].model)[1])
        except ImagekitError:  # told where it stands
            break
    return chain


def _is_the_hosts_own(chain: list[str], alias: Alias, registry: Registry) -> bool:
    """Whether the alias is called what its host calls the model, as ``NAME = "host:NAME"``."""
    return len(chain) == 2 and registry.takes_any(registry.split(alias.model)[0])


def _hosts(place: str, alias: Alias, model: str, registry: Registry) -> Iterator[Problem]:
    for number, name in enumerate(alias.hosts):
        there = f"{place}.hosts[{number}]"
        if name in registry.hosts and registry.knows(model):
            yield from lookup(there, registry.route, name, model)
        else:
            yield from lookup(there, registry.host, name)
    prefix, colon, _ = alias.model.partition(":")
    if alias.hosts and colon and prefix in registry.hosts:
        yield Problem(f"{place}.hosts", f"{alias.model} names its host already; leave one out")


def _defaults(place: str, defaults: Mapping[str, Any]) -> Iterator[Problem]:
    for name, value in defaults.items():
        there = f"{place}.{name}"
        if name in ("image", "mask"):
            continue  # read, and checked, when they are used
        if name == "on_unsupported":
            yield from policy(there, value)
        elif name in _DEFAULTS or name in _MORE:
            problem = type_problem(Parameter(name, _DEFAULTS.get(name, dict)), value, there)
            if problem:
                yield problem
            elif name == "options":
                yield from _options(there, value)
        else:
            hint = meant(name, (*_DEFAULTS, *_MORE)) or "; a family's own go into options"
            yield Problem(there, f"is no standard parameter{hint}", value)


def _options(place: str, options: Mapping[str, Any]) -> Iterator[Problem]:
    for name in options:
        if name in CANONICAL or name == "native":
            message = "is a standard parameter: it goes into defaults itself"
            yield Problem(f"{place}.{name}", message)
