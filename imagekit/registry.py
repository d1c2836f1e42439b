"""Everything installed, joined: which model is served where, and how to get there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import define, evolve, field, frozen

from imagekit.closest import closest
from imagekit.config import HostSettings, ModelRules, ParameterRules
from imagekit.errors import NotServed, UnknownHost, UnknownModel, UsageError
from imagekit.family import CANONICAL, Family, Model, Parameter
from imagekit.host import ANY_MODEL, Host, Offer, Spell
from imagekit.limits.fact import Fact
from imagekit.limits.geometry import Sizes
from imagekit.limits.rules import Enum, Range, Rule
from imagekit.limits.translate import SHAPE
from imagekit.memo import remember
from imagekit.urls import bare_url, origin
from imagekit.wire import Wire

if TYPE_CHECKING:
    from imagekit.limits.references import References
    from imagekit.limits.rules import CrossRule

__all__ = ["Dangling", "Registry", "Route", "listed"]

YOURS = Fact("your own settings", "")
_NOTHING = ModelRules()
#: Stands for whichever model a host knows and no plugin does.
ANY = Model(ANY_MODEL, "Any model")


@define(frozen=True, eq=False, slots=False)
class Route:
    """Model + offer + host + wire, joined. Everything a call needs to know, looked up once.

    Attributes:
        name: ``host:model``.
        remote_id: the host's id for the model, the user's own when set.
        parameters: what can be given here, by name; those without a spelling are gone.
        spells: parameter -> its spelling here.
        sizes: what sizes can be asked for here, or None.
        references: limits on each reference picture, or None.
        rules: about several parameters.
        own_headers: the user's own, but for secret ones; added when a request is sent.
        unverified: names of parameters whose spelling or rules here are unverified.
    """

    model: Model
    offer: Offer
    host: Host
    wire: Wire
    settings: HostSettings = field(factory=HostSettings)

    @property
    def name(self) -> str:
        return f"{self.host.name}:{self.model.name}"

    @property
    def yours(self) -> ModelRules:
        """What the user knows better about the model there."""
        return self.settings.models.get(self.model.name) or _NOTHING

    @cached_property
    def remote_id(self) -> str:
        offered = self.model.name if self.offer.model == ANY_MODEL else self.offer.id
        return self.settings.remote_ids.get(self.model.name, offered)

    @cached_property
    def id_unverified(self) -> bool:
        fact = self.offer.id_fact
        return bool(fact and fact.unverified) and self.model.name not in self.settings.remote_ids

    @cached_property
    def spells(self) -> Mapping[str, Spell]:
        spells = {spell.parameter: spell for spell in self.wire.spells}
        if self.offer.model == ANY_MODEL:
            own = {parameter.name for parameter in self.model.parameters}
            own |= _natural_shape(self.model.sizes)
            spells |= {name: Spell(name) for name in sorted(own)}
        spells |= {spell.parameter: spell for spell in self.offer.spells}
        return {name: spell for name, spell in spells.items() if name in self._declared}

    @cached_property
    def _declared(self) -> Mapping[str, Parameter]:
        """Every parameter that exists for the model here, spelled or not."""
        declared = {name: Parameter(name, kind) for name, kind in CANONICAL.items()}
        declared |= {parameter.name: parameter for parameter in self.model.parameters}
        declared |= {parameter.name: parameter for parameter in self.offer.parameters}
        return declared

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        declared = dict(self._declared)
        declared |= {
            name: evolve(declared[name], rules=_rules(own), fact=YOURS)
            for name, own in self.yours.parameters.items()
            if name in declared
        }
        return {name: declared[name] for name in self.spells}

    @cached_property
    def accepted(self) -> Mapping[str, Parameter]:
        """What can be given here: what is spelled, and every way to say a size, since
        sizes are translated."""
        accepted = dict(self.parameters)
        if self.sizes is not None and self.shape_spells:
            for name in SHAPE if self.sizes.tiers else ("size", "ratio"):
                accepted.setdefault(name, Parameter(name, CANONICAL[name]))
        return accepted

    @cached_property
    def required(self) -> tuple[Parameter, ...]:
        """What no call may be without, besides a prompt."""
        return tuple(one for one in self.parameters.values() if one.required)

    @cached_property
    def pictures_per_call(self) -> int | None:
        """How many pictures a call can be asked for here; None when nobody says."""
        if "n" not in self.spells:
            return 1
        rules = self.parameters["n"].rules
        return min((int(r.maximum) for r in rules if isinstance(r, Range)), default=None)

    @cached_property
    def sizes(self) -> Sizes | None:
        own = self.offer.sizes
        if isinstance(own, Mapping):
            own = evolve(self.model.sizes or Sizes(), **own)
        yours = self.yours.sizes.given
        if yours:
            return evolve(own or self.model.sizes or Sizes(), **yours, fact=YOURS)
        return own or self.model.sizes

    @cached_property
    def references(self) -> References | None:
        return self.offer.references or self.model.references

    @cached_property
    def shape_spells(self) -> frozenset[str]:
        return frozenset(name for name in SHAPE if name in self.spells)

    @cached_property
    def rules(self) -> tuple[CrossRule, ...]:
        return self.model.rules if self.offer.rules is None else self.offer.rules

    @cached_property
    def own_headers(self) -> Mapping[str, str]:
        """Those of the user's settings that are no secrets by themselves. They are added when
        a request is sent, and are in no plan, job or record: gateways put keys there."""
        own = self.settings.headers
        return {name: value for name, value in own.items() if isinstance(value, str)}

    @cached_property
    def unverified(self) -> frozenset[str]:
        facts = [(name, spell.fact) for name, spell in self.spells.items()]
        facts += [(name, parameter.fact) for name, parameter in self.parameters.items()]
        settled = {*self.yours.parameters, *(SHAPE if self.yours.sizes.given else ())}
        return frozenset(name for name, fact in facts if fact and fact.unverified) - settled

    @property
    def base_url(self) -> str:
        """Where its host is, without a closing slash."""
        return (self.settings.base_url or self.host.base_url).rstrip("/")

    def url(self, operation: str = "generate") -> str:
        """Where an operation's request goes."""
        return self.base_url + (self.offer.paths.get(operation) or self.wire.paths[operation])

    def keep_at_home(self, url: str) -> None:
        """Refuse an address that is not this host's, whoever named it: a key, and the user's
        own headers, go to their own host alone.

        Raises:
            UsageError: it is neither at the host's address nor one of its `Host.origins`.
        """
        named = () if self.settings.base_url else self.host.origins
        if origin(url) not in {origin(own) for own in (self.base_url, *named)}:
            raise UsageError(
                f"{bare_url(url)} is not where {self.host.name} is ({bare_url(self.base_url)}), so "
                "nothing is sent there: a key goes to its own host alone. A plugin may name "
                "further addresses of its host: Host(origins=...)"
            )


def _rules(own: ParameterRules) -> tuple[Rule, ...]:
    """The rules that a user's own stand for."""
    rules: list[Rule] = [] if own.enum is None else [Enum(tuple(own.enum))]
    return (*rules, *([] if own.range is None else [Range(*own.range)]))


def listed(hosts: Sequence[str]) -> str:
    """``a, b and c``."""
    *others, last = hosts or ("no installed host",)
    return f"{', '.join(others)} and {last}" if others else last


def _natural_shape(sizes: Sizes | None) -> set[str]:
    """How a model's sizes are said where no host has its own way: pixels, or a ratio."""
    if sizes is None:
        return set()
    if sizes.custom:
        return {"size"}
    return {"ratio", "resolution"} if sizes.tiers else {"ratio"}


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
