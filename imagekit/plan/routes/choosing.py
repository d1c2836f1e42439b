"""From what a caller calls a model to the one route that is meant: aliases, then hosts."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence

from attrs import field

from imagekit.basics.classes import define, evolve, frozen
from imagekit.basics.memo import remember
from imagekit.declare.host import Host
from imagekit.errors import (
    AmbiguousHost,
    ImagekitError,
    MissingCredential,
    NotServed,
    UsageError,
)
from imagekit.plan.routes.names import Names, Target
from imagekit.plan.routes.registry import Registry, listed
from imagekit.plan.routes.route import Route
from imagekit.settings.config import Config
from imagekit.settings.credentials import Keyring

__all__ = ["Choice", "Lead", "Router"]

log = logging.getLogger("imagekit")


@frozen(eq=False)
class Lead:
    """One way that an address leads, and what it means there.

    Attributes:
        notes: of models that were liked better and can't be asked now: another model draws.
    """

    route: Route
    target: Target
    notes: tuple[str, ...] = ()


@frozen(eq=False)
class Choice:
    """Where an address leads.

    Attributes:
        leads: in the order in which they would be asked.
        notes: why preferred hosts are not asked: one for each that has no key, since another
            host is another price.
        others: how to ask the other hosts that are preferred for it, each by its name.
        lost: of several models those that lead nowhere now, and why.
    """

    leads: tuple[Lead, ...]
    notes: tuple[str, ...]
    others: tuple[str, ...]
    lost: tuple[tuple[str, ImagekitError], ...] = ()

    @property
    def route(self) -> Route:
        """The one that is meant; of several models the first, whatever it can do."""
        return self.leads[0].route

    @property
    def picks(self) -> bool:
        """Whether it is one of several models, the first that can do what is asked."""
        return self.leads[0].target.where is not None

    @property
    def moves(self) -> bool:
        """Whether more than one of them may be asked."""
        target = self.leads[0].target
        return len(self.leads) > 1 and (target.failover or target.balance is not None)


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
    def names(self) -> Names:
        return Names(self.registry, self.config)

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
            targets = self.names.targets(address)
            several = targets[0].where is not None
            choice = self._any_of(targets) if several else self._choice(targets[0])
            self._tell_who_decided(address, choice.leads[0].target, choice.route)
            if all(lead.target.host or lead.route.host.real for lead in choice.leads):
                # The sandbox stands in only until there is a key.
                remember(self._choices, address, choice)
        return choice

    def candidates(self, address: str) -> tuple[Route, ...]:
        """All that an address leads to; see `imagekit.Client.routes`."""
        routes = tuple(lead.route for lead in self.choose(address).leads)
        for route in routes:
            self.names.refuse_withheld("hosts", route.host.name)
        return routes

    def withheld(self, host: str) -> str:
        """Why a host may not be asked in place of another; empty where it may."""
        if not self.config.withholds("hosts", host):
            return ""
        return f"{self.config.path}, which {self.config.found}, has settings of it"

    def _choice(self, target: Target) -> Choice:
        routes = (self._named(target),) if target.host else self._best(target)
        route = routes[0]
        self.names.refuse_withheld("hosts", route.host.name)
        notes = tuple(self._passed_over(target, route.host.name))
        leads = tuple(Lead(route, target) for route in routes)
        return Choice(leads, notes, tuple(self._others(target, route.host.name)))

    def _any_of(self, targets: tuple[Target, ...]) -> Choice:
        """All ways to all of the models, those of the first before those of the next."""
        found: list[Choice] = []
        lost: list[tuple[str, ImagekitError]] = []
        passed: list[str] = []  # without where keys are looked for, which is no client's to know
        for target in targets:
            try:
                found.append(_after(self._choice(target), passed))
            except (UsageError, MissingCredential) as error:
                lost.append((target.model, error))
                passed.append(f"{target.model} was passed over ({type(error).__name__})")
        if not found:
            raise _none(targets[0].name, lost)
        leads = tuple(lead for choice in found for lead in choice.leads)
        notes = tuple(dict.fromkeys(note for choice in found for note in choice.notes))
        return Choice(leads, notes, (), tuple(lost))

    def _passed_over(self, target: Target, chosen: str) -> Iterator[str]:
        """A note for each host that would be asked rather, had it a key."""
        if target.host or chosen not in target.prefer:
            return
        for name in target.prefer[: target.prefer.index(chosen)]:
            host = self.registry.host(name)
            if self.registry.way(name, target.model) and not self._at_hand(host):
                looked = ", ".join(self.keyring.variables(host)[:2])
                yield f"{name} has no key{looked and f' ({looked})'}; {chosen} is asked"

    def _others(self, target: Target, chosen: str) -> Iterator[str]:
        for host in () if target.host else target.prefer:
            if host != chosen and self.registry.way(host, target.model):
                yield f"{host}:{target.name}"

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

    def _named(self, target: Target) -> Route:
        return self.registry.route(str(target.host), target.model)

    def _best(self, target: Target) -> tuple[Route, ...]:
        preferred = [*filter(None, (self.registry.way(n, target.model) for n in target.prefer))]
        keyed = [route for route in preferred if self._at_hand(route.host)]
        if preferred:
            return tuple(keyed or preferred)
        routes = {route.host.name: route for route in self.registry.routes_to(target.model)}
        wanted = self.registry.model(target.model).name
        if not routes:
            raise NotServed(f"no installed host serves {wanted}; install one, or a configured one")
        keyed = [route for route in routes.values() if self._at_hand(route.host)]
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


def _none(name: str, lost: Sequence[tuple[str, ImagekitError]]) -> UsageError:
    """No model of several can be asked now. Where hosts are torn, saying which is all it takes."""
    lines = "".join(f"\n  {model}: {error.message}" for model, error in lost)
    torn = [error.hosts for _, error in lost if isinstance(error, AmbiguousHost)]
    if not torn:
        return NotServed(f"none of the models of {name} can be asked:{lines}")
    hosts = tuple(dict.fromkeys(host for one in torn for host in one))
    how = "name it in the alias (any, hosts) or in prefer"
    return AmbiguousHost(f"nobody says which host {name} is asked at; {how}:{lines}", hosts=hosts)


def _after(choice: Choice, notes: Sequence[str]) -> Choice:
    """A choice whose ways tell of the models before it."""
    leads = tuple(evolve(lead, notes=tuple(notes)) for lead in choice.leads)
    return evolve(choice, leads=leads)
