"""Everything installed, joined: which model is served where, and how to get there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from imagekit.basics.closest import closest
from imagekit.basics.memo import remember
from imagekit.declare.family import Family, Model
from imagekit.declare.host import ANY_MODEL, Host, Offer
from imagekit.declare.wire import Wire
from imagekit.errors import NotServed, UnknownHost, UnknownModel
from imagekit.plan.routes.route import Route
from imagekit.settings.config import HostSettings

if TYPE_CHECKING:
    pass

__all__ = ["Dangling", "Registry", "listed"]

#: Stands for whichever model a host knows and no plugin does.
ANY = Model(ANY_MODEL, "Any model")


def listed(hosts: Sequence[str]) -> str:
    """``a, b and c``."""
    *others, last = hosts or ("no installed host",)
    return f"{', '.join(others)} and {last}" if others else last


@frozen
class Dangling:
    """An offer that leads nowhere, and what it needs."""

    host: str
    model: str
    needs: str


class Registry:
    """All models, wires and hosts of one client, joined into routes.

    Immutable once built. Names are unique: `imagekit.plugins` has seen to that.
    """

    def __init__(
        self,
        families: Iterable[Family] = (),
        wires: Iterable[Wire] = (),
        hosts: Iterable[Host] = (),
        settings: Mapping[str, HostSettings] | None = None,
        offers: Iterable[Offer] = (),
    ) -> None:
        self.families = tuple(families)
        self.wires = {wire.name: wire for wire in wires}
        self.hosts = {host.name: host for host in hosts}
        self.models = {model.name: model for family in self.families for model in family.models}
        self.dangling: tuple[Dangling, ...] = ()
        self._names = {
            name: model for model in self.models.values() for name in (model.name, *model.aliases)
        }
        self._unlisted: dict[str, Route] = {}
        self._made: dict[tuple[str, str], Route] = {}
        joined = self._join(settings or {}, tuple(offers))
        self._routes = {(route.host.name, route.model.name): route for route in joined}

    def model(self, name: str) -> Model:
        """The model of this canonical name or alias.

        Raises:
            UnknownModel: naming the nearest ones.
        """
        found = self._names.get(name)
        if found is None:
            near = self._nearest(name)
            hint = f"; did you mean {' or '.join(near)}?" if near else "."
            if not self._names:
                hint = "; no model plugin is installed (pip install 'imagekit[all]' brings them)"
            message = f"no installed plugin knows the model {name!r}{hint}{self._verbatim(name)}"
            message = message.removesuffix(".")
            raise UnknownModel(message, nearest=near)
        return found

    def _verbatim(self, name: str) -> str:
        """Who could be asked for it all the same: hosts that take any model by its own name."""
        hosts = (self.hosts[host] for host in self._unlisted)
        takers = [host.name for host in hosts if host.real and not host.self_hosted]
        if not takers:
            return ""
        ways = " or ".join(f"{host}:{name}" for host in takers)
        verb = "takes" if len(takers) == 1 else "take"
        return f" {listed(takers)} {verb} any model by its own name: {ways}"

    def _nearest(self, name: str) -> tuple[str, ...]:
        """Up to three names like this one, each of another model."""
        models: dict[Model, str] = {}
        for near in closest(name, self._names, 12):
            models.setdefault(self._names[near], near)
        return tuple(models.values())[:3]

    def knows(self, model: str) -> bool:
        """Whether a model has this name or alias."""
        return model in self._names

    @property
    def kinds(self) -> tuple[str, ...]:
        """The hosts that are installed, without the instances a configuration made."""
        return tuple(host.name for host in self.hosts.values() if not host.kind)

    def host(self, name: str) -> Host:
        """The host of this name.

        Raises:
            UnknownHost: naming the nearest ones.
        """
        found = self.hosts.get(name)
        if found is None:
            near = tuple(closest(name, self.hosts, 3))
            known = f"known are {', '.join(sorted(self.hosts))}" if self.hosts else "none installed"
            hint = f"did you mean {' or '.join(near)}?" if near else known
            raise UnknownHost(f"no host is named {name!r}; {hint}", nearest=near)
        return found

    def route(self, host: str, model: str) -> Route:
        """The way to a model (by any of its names) at a host.

        Raises:
            UnknownModel, UnknownHost: for names nobody declares.
            NotServed: when this host does not offer this model; says who does.
        """
        if host in self._unlisted:
            return self.find(host, model) or self._unlisted_route(host, model)
        wanted = self.model(model)
        found = self._routes.get((self.host(host).name, wanted.name))
        if found is None:
            hosts = tuple(route.host.name for route in self.routes_to(wanted.name))
            served = f"{listed(hosts)} {'do' if len(hosts) > 1 else 'does'}"
            raise NotServed(f"{host} does not serve {wanted.name}; {served}", hosts=hosts)
        return found

    def _unlisted_route(self, host: str, id: str) -> Route:
        """To a model that only its host knows: it has the offer's rules and no family."""
        key = host, id
        found = self._made.get(key)
        if found is None:  # one for all calls, as hooks are bound to it
            route = self._unlisted[host]
            model = Model(id, id, retired=route.offer.retired.get(id))
            found = remember(self._made, key, evolve(route, model=model))
        return found

    def reach(self, host: str) -> Route:
        """A way to a host that leads to no model, for questions that are about none.

        Raises:
            UnknownHost: naming the nearest ones.
            NotServed: nothing that is installed speaks to it.
        """
        found = self.host(host)
        ways = (route for route in self._routes.values() if route.host is found)
        way = next(ways, self._unlisted.get(host))
        if way is None:
            raise NotServed(f"no installed plugin speaks to {host}: it has no models here")
        return evolve(way, model=Model("", "No model"))

    def takes_any(self, host: str | None) -> bool:
        """Whether a host takes ids of models that no plugin declares."""
        return host in self._unlisted

    def find(self, host: str, model: str) -> Route | None:
        """The same by canonical name or alias, or None; for a look without an error."""
        known = self._names.get(model)
        return self._routes.get((host, known.name)) if known else None

    def routes_to(self, model: str) -> tuple[Route, ...]:
        """Every route to a model (by any of its names), by host name, the sandbox last."""
        wanted = self.model(model)
        found = [route for route in self._routes.values() if route.model is wanted]
        return tuple(sorted(found, key=lambda route: (not route.host.real, route.host.name)))

    @property
    def routes(self) -> tuple[Route, ...]:
        return tuple(self._routes.values())

    def split(self, address: str) -> tuple[str | None, str]:
        """``token360:seedream-4.5`` -> (host, model); the host is None when not named.

        Split at the first colon, and only when what stands before it is a known host:
        ids may contain colons.
        """
        prefix, colon, rest = address.partition(":")
        if colon and prefix in self.hosts:
            return prefix, rest
        if colon and address not in self._names and rest in self._names:
            self.host(prefix)  # a misspelt host: say so, rather than blame the model
        return None, address

    def _join(self, settings: Mapping[str, HostSettings], offers: tuple[Offer, ...]) -> list[Route]:
        """Every route. An offer of one model comes after, and so replaces, one of any."""
        routes: list[Route] = []
        dangling = [
            Dangling(str(offer.host), offer.model, f"the host {offer.host!r}")
            for offer in offers
            if offer.host not in self.hosts
        ]
        for host in self.hosts.values():
            own = settings.get(host.name, HostSettings())
            kind = host.kind or host.name
            added = [offer for offer in offers if offer.host == kind]
            for offer in sorted([*host.offers, *added], key=lambda offer: offer.model != ANY_MODEL):
                wire = self.wires.get(offer.wire)
                models = self.models.values() if offer.model == ANY_MODEL else ()
                named = self.models.get(offer.model)
                if wire is None:
                    dangling.append(Dangling(host.name, offer.model, f"the wire {offer.wire!r}"))
                elif named or (offer.model == ANY_MODEL and not offer.unlisted):
                    found = (named,) if named else models
                    routes += [Route(model, offer, host, wire, own) for model in found]
                elif offer.model == ANY_MODEL:
                    self._unlisted[host.name] = Route(ANY, offer, host, wire, own)
                else:
                    needs = f"a plugin that declares the model {offer.model!r}"
                    dangling.append(Dangling(host.name, offer.model, needs))
        self.dangling = tuple(dangling)
        return routes
