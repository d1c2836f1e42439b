"""Everything installed, by its names: which model is served where, and how to get there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from imagekit.basics.classes import evolve
from imagekit.basics.closest import closest
from imagekit.basics.memo import remember
from imagekit.declare.family import Family, Model
from imagekit.declare.host import Host, Offer, Unlisted
from imagekit.declare.wire import Wire
from imagekit.errors import NotServed, UnknownHost, UnknownModel
from imagekit.plan.routes.joining import Dangling, joined
from imagekit.plan.routes.route import Route
from imagekit.settings.config import HostSettings

__all__ = ["Registry", "listed"]

_LONGEST = 200  #: characters of a name that nobody knows, in errors


def listed(hosts: Sequence[str]) -> str:
    """``a, b and c``."""
    *others, last = hosts or ("no installed host",)
    return f"{', '.join(others)} and {last}" if others else last


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
        self._names = {
            name: model for model in self.models.values() for name in (model.name, *model.aliases)
        }
        ways = joined(self.models, self.wires, self.hosts, offers, settings or {})
        self._lost = ways.lost
        self._routes = {(route.host.name, route.model.name): route for route in ways.routes}
        self._unlisted = ways.unlisted
        self._made: dict[tuple[str, str], Route] = {}

    def model(self, name: str) -> Model:
        """The model of this canonical name or alias.

        Raises:
            UnknownModel: naming the nearest ones.
        """
        if name in self._names:
            return self._names[name]
        near = self._nearest(name)
        hint = f"; did you mean {' or '.join(near)}?" if near else "."
        if not self._names:
            hint = "; no model plugin is installed (pip install 'imagekit[all]' brings them)"
        told = repr(name) if len(name) <= _LONGEST else f"{name[:_LONGEST]!r}..."
        message = f"no installed plugin knows the model {told}{hint}{self._verbatim(name)}"
        raise UnknownModel(message.removesuffix("."), nearest=near)

    def _verbatim(self, name: str) -> str:
        """Who could be asked for it all the same: hosts that take any model by its own name."""
        hosts = (self.hosts[host] for host in self._unlisted)
        takers = [host.name for host in hosts if host.real and not host.self_hosted]
        if not takers:
            return ""
        verb = "takes" if len(takers) == 1 else "take"
        general = f" {listed(takers)} {verb} any model by its own name"
        if len(name) > _LONGEST or not name.isprintable():  # into logs and terminals, as it is
            return general
        ways = " or ".join(f"{host}:{name}" for host in takers)
        return f"{general}: {ways}"

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
        if name in self.hosts:
            return self.hosts[name]
        near = tuple(closest(name, self.hosts, 3))
        known = f"known are {', '.join(sorted(self.hosts))}" if self.hosts else "none installed"
        hint = f"did you mean {' or '.join(near)}?" if near else known
        raise UnknownHost(f"no host is named {name!r}; {hint}", nearest=near)

    def route(self, host: str, model: str) -> Route:
        """The way to a model (by any of its names) at a host.

        Raises:
            UnknownModel, UnknownHost: for names nobody declares.
            NotServed: when this host does not offer this model; says who does.
        """
        if host in self._unlisted:
            return self.find(host, model) or self._unlisted_route(host, model)
        wanted = self.model(model)
        route = self._routes.get((self.host(host).name, wanted.name))
        if route is None:
            hosts = tuple(other.host.name for other in self.routes_to(wanted.name))
            served = f"{listed(hosts)} {'do' if len(hosts) > 1 else 'does'}"
            message = f"{host} does not serve {wanted.name}; {served}{self._almost(host, wanted)}"
            raise NotServed(message, hosts=hosts)
        return route

    def _almost(self, host: str, wanted: Model) -> str:
        """Half a sentence about an offer of that host which would serve it, and leads nowhere."""
        for lost in self.dangling:
            meant = lost.model == wanted.name or f"mean {wanted.name!r}?" in lost.needs
            if lost.host == host and meant:
                return f". Its offer of {lost.model} needs {lost.needs}"
        return ""

    def _unlisted_route(self, host: str, id: str) -> Route:
        """To a model that only its host knows: it has the offer's rules and no family."""
        made = self._made.get((host, id))
        if made is None:  # one for all calls, as hooks are bound to it
            route = self._unlisted[host]
            known = route.offer.unlisted or Unlisted()
            model = Model(id, id, retired=known.retired.get(id))
            made = remember(self._made, (host, id), evolve(route, model=model))
        return made

    def reach(self, host: str) -> Route:
        """A way to a host that leads to no model, for questions that are about none.

        Raises:
            UnknownHost: naming the nearest ones.
            NotServed: nothing that is installed speaks to it.
        """
        wanted = self.host(host)
        routes = (route for route in self._routes.values() if route.host is wanted)
        route = next(routes, self._unlisted.get(host))
        if route is None:
            raise NotServed(f"no installed plugin speaks to {host}: it has no models here")
        return evolve(route, model=Model("", "No model"))

    def takes_any(self, host: str | None) -> bool:
        """Whether a host takes ids of models that no plugin declares."""
        return host in self._unlisted

    @property
    def dangling(self) -> tuple[Dangling, ...]:
        """The offers that lead nowhere, and what they need."""
        known: Mapping[str, Iterable[str]] = {
            "host": self.hosts,
            "wire": self.wires,
            "model": self.models,
        }
        return tuple(lost.told(known[lost.kind]) for lost in self._lost)

    @property
    def doubts(self) -> Iterator[str]:
        """What offers say that means nothing where they lead, in words."""
        for route in (*self._routes.values(), *self._unlisted.values()):
            yield from (f"{route.name} {doubt}" for doubt in route.doubts)

    def find(self, host: str, model: str) -> Route | None:
        """The same by canonical name or alias, or None; for a look without an error."""
        known = self._names.get(model)
        return self._routes.get((host, known.name)) if known else None

    def way(self, host: str, model: str) -> Route | None:
        """The same, also where the host takes any model by its own name."""
        if self.knows(model) or not self.takes_any(host):
            return self.find(host, model)
        return self._unlisted_route(host, model)

    def routes_to(self, model: str) -> tuple[Route, ...]:
        """Every route to a model (by any of its names), by host name, the sandbox last."""
        wanted = self.model(model)
        routes = [route for route in self._routes.values() if route.model is wanted]
        return tuple(sorted(routes, key=lambda route: (not route.host.real, route.host.name)))

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
