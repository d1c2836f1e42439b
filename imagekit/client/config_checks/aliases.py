"""What is wrong with the aliases of a configuration, and with where they lead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from imagekit.basics.classes import evolve
from imagekit.basics.closest import closest
from imagekit.client.abilities import REFERENCES
from imagekit.client.config_checks.common import lookup, meant, policy
from imagekit.declare.family import CANONICAL, Parameter
from imagekit.declare.sizes import SIZE_PARAMETERS
from imagekit.errors import ImagekitError, UnknownModel
from imagekit.plan.routes.registry import Registry
from imagekit.plan.sizes import geometry_of
from imagekit.plan.value_checks import type_problem
from imagekit.settings.config import Alias, AnyOf, Config
from imagekit.values import Problem
from imagekit.values.plain.places import dotted
from imagekit.values.reference import PICTURES

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
    if not any(alias.models):
        near = meant(name, [other for other in config.models if other != name])
        yield Problem(f"{place}.model", f"is missing: the model this name stands for{near}")
    for there, model in _addresses(place, alias):
        if not any(map(registry.takes_any, alias.hosts)):  # by a name of their own
            yield from address_problems(there, model, config, registry)
    circle = _circle(name, config, registry)
    if circle and not _is_the_hosts_own(circle, alias, registry):
        yield Problem(f"{place}.model", f"goes in a circle: {' -> '.join(circle)}", circle[1])
    yield from _hosts(place, alias, _models(name, config, registry), registry)
    if isinstance(alias.model, AnyOf):
        yield from _where(f"{place}.model.where", alias.model.where)
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
    return tuple(dict.fromkeys(_asked(name, config, registry, ())))


def _asked(
    address: str, config: Config, registry: Registry, before: tuple[str, ...]
) -> Iterator[str]:
    named, name = registry.split(address)
    alias = config.models.get(name)
    if named:
        yield named
    elif alias and alias.hosts:
        yield from alias.hosts
    elif alias is None or name in before:
        yield from (route.host.name for route in registry.routes_to(name) if route.host.real)
    else:
        for model in alias.models:
            yield from _asked(model, config, registry, (*before, name))


def _addresses(place: str, alias: Alias) -> Iterator[tuple[str, str]]:
    """Each place that names what it stands for, and the name."""
    if isinstance(alias.model, str):
        yield from ([(f"{place}.model", alias.model)] if alias.model else [])
    else:
        yield from ((f"{place}.model.any[{at}]", one) for at, one in enumerate(alias.model.any))


def _leads(name: str, config: Config, registry: Registry) -> Iterator[str]:
    """The names that an alias stands for, without their hosts."""
    for model in config.models[name].models:
        with suppress(ImagekitError):  # told where it stands
            yield registry.split(model)[1]


def _circle(name: str, config: Config, registry: Registry) -> list[str]:
    """The way from an alias back to itself; empty where there is none."""

    def back(way: list[str]) -> list[str]:
        for inner in _leads(way[-1], config, registry):
            if inner == name:
                return [*way, inner]
            if inner in config.models and inner not in way and (found := back([*way, inner])):
                return found
        return []

    return back([name])


def _models(name: str, config: Config, registry: Registry) -> set[str]:
    """The names that are no aliases, to which this one comes in the end."""
    seen, found = {name}, set[str]()
    waiting = [name]
    while waiting:
        for inner in _leads(waiting.pop(), config, registry):
            if inner not in config.models:
                found.add(inner)
            elif inner not in seen:
                seen.add(inner)
                waiting.append(inner)
    return found


def _is_the_hosts_own(circle: list[str], alias: Alias, registry: Registry) -> bool:
    """Whether the alias is called what its host calls the model, as ``NAME = "host:NAME"``."""
    model = alias.model
    return (
        len(circle) == 2 and isinstance(model, str) and registry.takes_any(registry.split(model)[0])
    )


def _hosts(place: str, alias: Alias, models: set[str], registry: Registry) -> Iterator[Problem]:
    """A host serves one at least of the models that are meant."""
    known = sorted(model for model in models if registry.knows(model))
    for number, name in enumerate(alias.hosts):
        there = f"{place}.hosts[{number}]"
        if name not in registry.hosts or not known:
            yield from lookup(there, registry.host, name)
        elif not any(registry.find(name, model) for model in known):
            yield from lookup(there, registry.route, name, known[0])
    for where, model in _addresses(place, alias):
        prefix, colon, _ = model.partition(":")
        if alias.hosts and colon and prefix in registry.hosts:
            said = f"{model} names its host already; leave one out"
            yield Problem(f"{place}.hosts" if where.endswith(".model") else where, said)


def _where(place: str, where: Mapping[str, Any]) -> Iterator[Problem]:
    for name, value in where.items():
        there = f"{place}.{name}"
        if name == REFERENCES:
            if type(value) is not int or not 1 <= value <= 100:
                yield Problem(there, "is how many reference pictures, from 1", value)
        elif name not in _DEFAULTS or name in PICTURES:
            hint = "" if name in PICTURES else meant(name, (*_DEFAULTS, REFERENCES))
            hint = hint or f"; how many pictures it takes is {REFERENCES} = 10"
            yield Problem(there, f"is nothing to ask of a model{hint}", value)
        elif value is not True and (
            wrong := type_problem(Parameter(name, _DEFAULTS[name]), value, there)
        ):
            yield wrong
        elif name in SIZE_PARAMETERS and value is not True:
            _, wrong_sizes = geometry_of({name: value})
            yield from (evolve(one, field=there) for one in wrong_sizes)


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
