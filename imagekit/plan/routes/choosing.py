"""From what a caller calls a model to the one route that is meant: aliases, then hosts."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field

from imagekit.basics.classes import define, frozen
from imagekit.basics.closest import closest
from imagekit.basics.memo import remember
from imagekit.declare.host import Host
from imagekit.errors import (
    AmbiguousHost,
    ConfigurationError,
    MissingCredential,
    NotServed,
    UnknownModel,
    UsageError,
)
from imagekit.plan.routes.registry import Registry, listed
from imagekit.plan.routes.route import Route
from imagekit.settings.config import Config
from imagekit.settings.credentials import Keyring
from imagekit.values.plain.places import dotted

__all__ = ["Choice", "Router", "Target", "merged"]

log = logging.getLogger("imagekit")


@frozen
class Target:
    """What an address means once every alias is resolved.

    Attributes:
        name: the model as the caller calls it.
        host: the one that was named, or None.
        model: as the caller or the last alias calls it.
        prefer: host names, best first; empty when none is preferred.
        defaults: parameters to use where the caller gives none.
    """

    name: str
    host: str | None
    model: str
    prefer: tuple[str, ...]
    defaults: Mapping[str, Any]


@frozen
class Choice:
    """Where an address leads.

    Attributes:
        routes: those that it leads to, in the order in which they would be asked.
        target: what the address means.
        notes: why preferred hosts are not asked: one for each that has no key, since another
            host is another price.
        others: how to ask the other hosts that are preferred for it, each by its name.
    """

    routes: tuple[Route, ...]
    target: Target
    notes: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def route(self) -> Route:
        """The one that is meant."""
        return self.routes[0]


@define(eq=False)
class Router:
    """Finds routes by the registry, a configuration, and the keys there are.

    Attributes:
        stand_in: whether the sandbox draws for somebody who has no key at all. A program that
            lost its key would serve drawings to its users, and call that a success.
    """

    registry: Registry
    config: Config
    keyring: Keyring
    stand_in: bool = False
    _choices: dict[str, Choice] = field(factory=dict, init=False)

    @property
    def default(self) -> str:
        """The model of calls that name none.

        Raises:
            UsageError: the configuration has none, either.
        """
        if self.config.default_model is None:
            raise UsageError(
                "no model was named: say which (model=..., or -m), or set default_model in a "
                "configuration; `imagekit models` lists what there is"
            )
        return self.config.default_model

    def choose(self, address: str) -> Choice:
        """The route that ``host:model``, a model or an alias (also ``host:alias``) leads to; see
        `imagekit.Client.route`.
        """
        choice = self._choices.get(address)
        if choice is None:
            target = self._target(address)
            choice = self._choice(address, target)
            if target.host or choice.route.host.real:  # the sandbox only until there is a key
                remember(self._choices, address, choice)
        return choice

    def candidates(self, address: str) -> tuple[Route, ...]:
        """All that an address leads to; see `imagekit.Client.routes`."""
        routes = self.choose(address).routes
        for route in routes:
            self._refuse_withheld("hosts", route.host.name)
        return routes

    def _target(self, address: str) -> Target:
        """Of an alias of an alias the outer one's hosts and defaults count first."""
        host, called = self.registry.split(address)
        name = called
        defaults: dict[str, Any] = {}
        prefer: tuple[str, ...] = ()
        while name in self.config.models:  # ends: a configuration with a cycle is refused
            self._refuse_withheld("models", name)
            alias = self.config.models[name]
            defaults = merged(alias.defaults, defaults)
            prefer = prefer or alias.hosts
            inner, meant = self.registry.split(alias.model)
            host = host or inner
            if meant == name:  # at a host that takes any: its own word, and no alias
                break
            name = meant
        if not self.registry.takes_any(host):
            name = self._known(name)
        return Target(called, host, name, prefer or self.config.prefer, defaults)

    def _choice(self, address: str, target: Target) -> Choice:
        routes = (self._named(target),) if target.host else self._best(target)
        route = routes[0]
        self._refuse_withheld("hosts", route.host.name)
        self._tell_who_decided(address, target, route)
        notes = tuple(self._passed_over(target, route.host.name))
        return Choice(routes, target, notes, tuple(self._others(target, route.host.name)))

    def _passed_over(self, target: Target, chosen: str) -> Iterator[str]:
        """A note for each host that would be asked rather, had it a key."""
        if target.host or chosen not in target.prefer:
            return
        for name in target.prefer[: target.prefer.index(chosen)]:
            host = self.registry.host(name)
            if self.registry.find(name, target.model) and not self._at_hand(host):
                looked = ", ".join(self.keyring.variables(host)[:2])
                yield f"{name} has no key{looked and f' ({looked})'}; {chosen} is asked"

    def _others(self, target: Target, chosen: str) -> Iterator[str]:
        for host in () if target.host else target.prefer:
            if host != chosen and self.registry.find(host, target.model):
                yield f"{host}:{target.name}"

    def _refuse_withheld(self, *place: str) -> None:
        """What was meant to go elsewhere, or to be something else, is not bought as it is."""
        if self.config.withholds(*place):
            raise ConfigurationError(
                f"{self.config.path}, which {self.config.found}, has settings of "
                f"{dotted(place)} that do not count until you trust it; look at it, then run: "
                "imagekit config trust"
            )

    def _tell_who_decided(self, address: str, target: Target, route: Route) -> None:
        """Say so where the host is no choice of the caller's, but a found configuration's."""
        named, _ = self.registry.split(address)
        chosen = target.name in self.config.models or route.host.name in target.prefer
        by_default = address == self.config.default_model
        if self.config.found and (by_default or (chosen and not named)):
            log.warning(
                "%s, which %s, decides that %s goes to %s",
                self.config.path,
                self.config.found,
                address,
                route.host.name,
            )

    def _known(self, name: str) -> str:
        """The name, unless it is that of no model but much like an alias."""
        try:
            self.registry.model(name)
        except UnknownModel as error:
            others = [alias for alias in self.config.models if alias != name]
            near = closest(name, [*others, *error.nearest])
            if not near or near[0] not in self.config.models:
                raise
            message = f"neither a model nor an alias is named {name!r}; did you mean {near[0]}?"
            raise UnknownModel(message, nearest=(*near, *error.nearest)) from None
        return name

    def _named(self, target: Target) -> Route:
        return self.registry.route(str(target.host), target.model)

    def _best(self, target: Target) -> tuple[Route, ...]:
        routes = {route.host.name: route for route in self.registry.routes_to(target.model)}
        wanted = self.registry.model(target.model).name
        if not routes:
            raise NotServed(f"no installed host serves {wanted}; install one, or a configured one")
        preferred = [routes[name] for name in target.prefer if name in routes]
        keyed = [route for route in (preferred or routes.values()) if self._at_hand(route.host)]
        if preferred:
            return tuple(keyed or preferred)
        if len(keyed) > 1:
            names = tuple(route.host.name for route in keyed)
            example = f"{names[0]}:{wanted}"
            raise AmbiguousHost(
                f"{wanted} is served by {listed(names)}, and you have a key for each; "
                f"say which, e.g. {example}",
                hosts=names,
            )
        return (keyed[0] if keyed else self._without_key(wanted, routes),)

    def _at_hand(self, host: Host) -> bool:
        """Whether a host may be chosen for somebody who has not named it."""
        if not host.real or self._left_alone(host):
            return False
        return self.config.withholds("hosts", host.name) or self.keyring.has(host)

    def _left_alone(self, host: Host) -> bool:
        """Whether it is a server of the user's own that the user has not set up."""
        return host.self_hosted and host.name not in self.config.hosts

    def _without_key(self, model: str, routes: Mapping[str, Route]) -> Route:
        """The sandbox, where it may stand in, but only for somebody who has no key at all."""
        hosts = [route.host for route in routes.values()]
        real = [host for host in hosts if host.real and not self._left_alone(host)]
        sandbox = next((route for route in routes.values() if not route.host.real), None)
        stands_in = self.stand_in and not any(map(self._at_hand, self.registry.hosts.values()))
        if sandbox and stands_in:
            return sandbox
        if sandbox and not real:
            drawing = f"for a free drawing ask for {sandbox.name}"
            message = f"no installed host really serves {model}; {drawing}"
            raise NotServed(message, hosts=(sandbox.host.name,))
        ways = "; ".join(self.keyring.how_to_give(host) for host in real)
        hint = f"; or ask for {sandbox.name}, which draws for free" if sandbox else ""
        kept = self.keyring.where_kept_keys_count
        raise MissingCredential(f"no key for a host that serves {model}: {ways}{kept}{hint}")


def merged(inner: Mapping[str, Any], outer: Mapping[str, Any]) -> dict[str, Any]:
    """``inner`` where ``outer`` says nothing; tables of fields are merged field by field."""
    both = {**inner, **outer}
    for name in ("options", "native"):
        if isinstance(inner.get(name), Mapping) and isinstance(outer.get(name), Mapping):
            both[name] = {**inner[name], **outer[name]}
    return both
