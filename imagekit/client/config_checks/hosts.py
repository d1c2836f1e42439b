"""What is wrong with the settings of hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from imagekit.basics.classes import evolve
from imagekit.client.config_checks.common import lookup, meant
from imagekit.declare.auth import ways
from imagekit.declare.family import Parameter
from imagekit.declare.host import Host
from imagekit.declare.sizes import SIZE_PARAMETERS, TIERS, Sizes
from imagekit.plan.routes.registry import Registry
from imagekit.plan.routes.route import Route
from imagekit.plan.value_checks import type_problem
from imagekit.settings.config import HostSettings, ModelRules, ParameterRules
from imagekit.settings.secret_reference import SecretReference
from imagekit.values import Problem
from imagekit.values.plain.places import dotted

__all__ = ["host_problems"]

#: Headers whose value can be nothing but a secret.
_SECRET_HEADERS = {"authorization", "proxy-authorization", "cookie", "api-key", "x-api-key"}
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token of RFC 9110, section 5.6.2


def host_problems(name: str, settings: HostSettings, registry: Registry) -> Iterator[Problem]:
    """Everything about one ``[hosts.NAME]``."""
    place = dotted(("hosts", name))
    unknown = list(_identity(place, name, settings.kind, registry))
    yield from unknown or _settings(place, name, settings, registry)


def _identity(place: str, name: str, kind: str | None, registry: Registry) -> Iterator[Problem]:
    """Which host it is: an installed one by its name, or another instance of one."""
    installed = ", ".join(sorted(registry.kinds)) or "none"
    if ":" in name:
        yield Problem(place, "a host's name has no colon: it stands between host and model")
    elif kind is None and name not in registry.kinds:
        hint = meant(name, registry.kinds)
        message = f"no such host is installed{hint} (another instance needs kind: {installed})"
        yield Problem(place, message)
    elif kind is not None and kind not in registry.kinds:
        hint = meant(kind, registry.kinds)
        message = f"no host {kind!r} is installed{hint}; installed are {installed}"
        yield Problem(f"{place}.kind", message, kind)
    elif kind not in (None, name) and name in registry.kinds:
        message = f"{name} is an installed host itself; give the other {kind} another name"
        yield Problem(f"{place}.kind", message, kind)


def _settings(
    place: str, name: str, settings: HostSettings, registry: Registry
) -> Iterator[Problem]:
    yield from _connection(place, settings)
    yield from _headers(f"{place}.headers", settings)
    yield from _credential(f"{place}.credential", registry.host(name), settings)
    for key in ("remote_ids", "models"):
        for model in getattr(settings, key):
            yield from _served(f"{place}.{dotted((key, model))}", name, model, registry)
    for model, rules in settings.models.items():
        route = registry.find(name, model)
        if route is not None:
            yield from _rules(f"{place}.{dotted(('models', model))}", route, rules)


def _connection(place: str, settings: HostSettings) -> Iterator[Problem]:
    if settings.base_url is not None and not _is_address(settings.base_url):
        message = "must be an address such as https://api.example.com/v1, without user and query"
        yield Problem(f"{place}.base_url", message)
    for key in ("connect_timeout", "read_timeout"):
        seconds = getattr(settings, key)
        if not 0 < seconds < float("inf"):
            yield Problem(f"{place}.{key}", "must be more than 0 seconds", seconds)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        usable = parts.port != 0 and url.isascii() and url.isprintable() and " " not in url
    except ValueError:
        return False
    extra = parts.query or parts.fragment or "@" in parts.netloc
    return usable and parts.scheme in ("http", "https") and bool(parts.hostname) and not extra


def _headers(place: str, settings: HostSettings) -> Iterator[Problem]:
    for name, value in settings.headers.items():
        there = f"{place}.{dotted((name,))}"
        if not _HEADER.fullmatch(name):
            yield Problem(there, "is no name of a header")
        elif isinstance(value, SecretReference):
            continue
        elif name.lower() in _SECRET_HEADERS:
            message = f'a secret does not belong here; say where it is: {name} = {{env = "NAME"}}'
            yield Problem(there, message)
        elif not (value.isascii() and value.isprintable()):
            yield Problem(there, "has characters that no header can carry")


def _credential(place: str, host: Host, settings: HostSettings) -> Iterator[Problem]:
    said, fields = settings.credential, [*host.auth.variables]
    known = list(dict.fromkeys(name for way in ways(host.auth) for name in way.variables))
    if said is None:
        return
    if not fields:
        yield Problem(place, f"{host.name} needs no key")
    elif isinstance(said, SecretReference):
        if len(fields) > 1:
            parts = ", ".join(f"{name} = {{...}}" for name in fields)
            yield Problem(place, f"has several fields here: {{{parts}}}")
    else:
        for name in said.keys() - {*known}:
            yield Problem(f"{place}.{name}", f"no such field; known are {', '.join(known)}")
        if not any(set(way.variables) <= said.keys() for way in ways(host.auth)):
            way = max(ways(host.auth), key=lambda way: len(way.variables.keys() & said.keys()))
            missing = [name for name in way.variables if name not in said]
            yield Problem(place, f"lacks {' and '.join(missing)}")


def _served(place: str, host: str, model: str, registry: Registry) -> Iterator[Problem]:
    yield from lookup(place, registry.route, host, model)
    if registry.find(host, model) and registry.model(model).name != model:
        yield Problem(place, f"use its canonical name here: {registry.model(model).name}")


# --- what the user knows better ----------------------------------------------------------------


def _rules(place: str, route: Route, rules: ModelRules) -> Iterator[Problem]:
    for name, own in rules.parameters.items():
        there = f"{place}.parameters.{dotted((name,))}"
        if name in SIZE_PARAMETERS:
            yield Problem(there, f"sizes have a table of their own: {place}.sizes")
        elif name not in route.accepted or name == "model":
            yield Problem(there, f"{route.name} takes no such parameter{_near(name, route)}")
        else:
            yield from _parameter(there, route.accepted[name], own)
    if rules.sizes.given:
        yield from _sizes(f"{place}.sizes", route, rules)


def _near(name: str, route: Route) -> str:
    return meant(name, [known for known in route.accepted if known != "model"])


def _sizes(place: str, route: Route, rules: ModelRules) -> Iterator[Problem]:
    if not route.size_spells:
        yield Problem(place, f"no size can be asked for at {route.name}")
    for tier in (*(rules.sizes.tiers or ()), rules.sizes.default_tier):
        if tier is not None and tier not in TIERS:
            yield Problem(place, f"{tier!r} is not a tier; tiers are {', '.join(TIERS)}")
    try:
        evolve(Sizes(), **rules.sizes.given)
    except ValueError as error:
        yield Problem(place, str(error))


def _parameter(place: str, parameter: Parameter, own: ParameterRules) -> Iterator[Problem]:
    if own.enum is None and own.range is None:
        yield Problem(place, "needs enum = [...] or range = [least, greatest]")
    for value in own.enum or ():
        problem = type_problem(parameter, value, f"{place}.enum")
        if problem:
            yield problem
    if own.range is not None and parameter.type not in (int, float):
        yield Problem(f"{place}.range", f"{parameter.name} is no number; use enum")
    elif own.range is not None and own.range[0] > own.range[1]:
        yield Problem(f"{place}.range", "the least comes first")
