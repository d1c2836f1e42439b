"""A route: the way to one model at one host, with everything a call has to know of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

from attrs import field

from imagekit.basics.classes import evolve, frozen
from imagekit.basics.closest import did_you_mean
from imagekit.basics.urls import bare_url, origin
from imagekit.declare.fact import Fact
from imagekit.declare.family import CANONICAL, Model, Parameter
from imagekit.declare.host import ANY_MODEL, Host, Offer
from imagekit.declare.rules import Enum, Range, Rule
from imagekit.declare.sizes import SIZE_PARAMETERS, Sizes
from imagekit.declare.spell import Implied, Spell
from imagekit.declare.wire import Wire
from imagekit.errors import UsageError
from imagekit.settings.config import HostSettings, ModelRules, ParameterRules

if TYPE_CHECKING:
    from imagekit.declare.price import Price
    from imagekit.declare.reference_limits import ReferenceLimits
    from imagekit.declare.rules import CrossRule

__all__ = ["YOURS", "Route"]

YOURS = Fact("your own settings", "")
_NOTHING = ModelRules()


@frozen(eq=False)
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
    def price(self) -> Price | None:
        """What the host asks for it; None where nobody says, which is not 0."""
        unlisted = self.offer.unlisted
        return (unlisted.prices if unlisted else {}).get(self.remote_id, self.offer.price)

    @cached_property
    def spells(self) -> Mapping[str, Spell]:
        spells = {spell.parameter: spell for spell in self.wire.spells}
        if self.offer.model == ANY_MODEL:
            names = {parameter.name for parameter in self.model.parameters}
            names |= _natural_size(self.model.sizes)
            spells |= {name: Spell(name) for name in sorted(names)}
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
            name: _ruled(declared[name], yours)
            for name, yours in self.yours.parameters.items()
            if name in declared
        }
        return {name: declared[name] for name in self.spells}

    @property
    def doubts(self) -> Iterator[str]:
        """What its offer says that means nothing here, in words. An offer of every model says
        what only some of them have."""
        if self.offer.model != ANY_MODEL or self.offer.unlisted:
            for spelled in self.offer.spells:
                if spelled.parameter not in self._declared:
                    hint = did_you_mean(spelled.parameter, self._declared)
                    yield f"spells {spelled.parameter!r}, and there is no such parameter{hint}"
        for spelled in self.spells.values():
            if isinstance(spelled.how, Implied) and spelled.how.by not in self.spells:
                hint = did_you_mean(spelled.how.by, self.spells)
                yield f"implies {spelled.parameter} by {spelled.how.by!r}, and spells none{hint}"
        name = self.offer.name_field
        if name and name not in self.spells:
            hint = did_you_mean(name, self.spells)
            yield f"has the name_field {name!r}, and no spelling of it{hint}"

    @cached_property
    def accepted(self) -> Mapping[str, Parameter]:
        """What can be given here: what is spelled, and every way to say a size, since
        sizes are translated."""
        accepted = dict(self.parameters)
        if self.sizes is not None and self.size_spells:
            for name in SIZE_PARAMETERS if self.sizes.tiers else ("size", "ratio"):
                accepted.setdefault(name, Parameter(name, CANONICAL[name]))
        return accepted

    @cached_property
    def required(self) -> tuple[Parameter, ...]:
        """What no call may be without, besides a prompt."""
        return tuple(known for known in self.parameters.values() if known.required)

    @cached_property
    def pictures_per_call(self) -> int | None:
        """How many pictures a call can be asked for here; None when nobody says."""
        if "n" not in self.spells:
            return 1
        rules = self.parameters["n"].rules
        return min((int(r.maximum) for r in rules if isinstance(r, Range)), default=None)

    @cached_property
    def sizes(self) -> Sizes | None:
        offered = self.offer.sizes
        if isinstance(offered, Mapping):
            offered = evolve(self.model.sizes or Sizes(), **offered)
        yours = self.yours.sizes.given
        if yours:
            return evolve(offered or self.model.sizes or Sizes(), **yours, fact=YOURS)
        return offered or self.model.sizes

    @cached_property
    def references(self) -> ReferenceLimits | None:
        return self.offer.references or self.model.references

    @cached_property
    def size_spells(self) -> frozenset[str]:
        return frozenset(name for name in SIZE_PARAMETERS if name in self.spells)

    @cached_property
    def rules(self) -> tuple[CrossRule, ...]:
        return self.model.rules if self.offer.rules is None else self.offer.rules

    @cached_property
    def own_headers(self) -> Mapping[str, str]:
        """Those of the user's settings that are no secrets by themselves. They are added when
        a request is sent, and are in no plan, job or record: gateways put keys there."""
        headers = self.settings.headers
        return {name: value for name, value in headers.items() if isinstance(value, str)}

    @cached_property
    def unverified(self) -> frozenset[str]:
        facts = [(name, spell.fact) for name, spell in self.spells.items()]
        facts += [(name, parameter.fact) for name, parameter in self.parameters.items()]
        settled = {*self.yours.parameters, *(SIZE_PARAMETERS if self.yours.sizes.given else ())}
        return frozenset(name for name, fact in facts if fact and fact.unverified) - settled

    @property
    def base_url(self) -> str:
        """Where its host is, without a closing slash."""
        return (self.settings.base_url or self.host.base_url).rstrip("/")

    def has(self, operation: str) -> bool:
        """Whether there is an address for an operation."""
        return operation in self.offer.paths or operation in self.wire.paths

    def url(self, operation: str = "generate") -> str:
        """Where an operation's request goes.

        Raises:
            UsageError: the model's id can't stand in an address, or would lead out of its path.
        """
        path = self.offer.paths.get(operation) or self.wire.paths[operation]
        return self.base_url + (path.replace("{id}", self._id_in_path) if "{id}" in path else path)

    @cached_property
    def _id_in_path(self) -> str:
        with suppress(UnicodeEncodeError):  # half a surrogate pair, as JSON may hold one
            if not {"", ".", ".."} & set(self.remote_id.split("/")):
                return quote(self.remote_id, safe="/:")
        raise UsageError(
            f"{self.remote_id!r} is no id for {self.host.name}, where it stands in an address"
        )

    @cached_property
    def _origins(self) -> frozenset[str]:
        named = () if self.settings.base_url else self.host.origins
        return frozenset(map(origin, (self.base_url, *named)))

    def keep_at_home(self, url: str) -> None:
        """Refuse an address that is not this host's, whoever named it: a key, and the user's
        own headers, go to their own host alone.

        Raises:
            UsageError: it is neither at the host's address nor one of its `Host.origins`.
        """
        if origin(url) not in self._origins:
            raise UsageError(
                f"{bare_url(url)} is not where {self.host.name} is ({bare_url(self.base_url)}), so "
                "nothing is sent there: a key goes to its own host alone. A plugin may name "
                "further addresses of its host: Host(origins=...)"
            )


def _ruled(parameter: Parameter, yours: ParameterRules) -> Parameter:
    """A parameter by the user's rules. A default that they don't allow is nobody's any more."""
    rules, default = _rules(parameter, yours), parameter.default
    if default is not None and any(rule.check(parameter.name, default) for rule in rules):
        default = None
    return evolve(parameter, rules=rules, default=default, fact=YOURS)


def _rules(parameter: Parameter, yours: ParameterRules) -> tuple[Rule, ...]:
    """The rules that a user's own stand for. A range the wrong way round, or of what is no
    number, is told of elsewhere."""
    rules: list[Rule] = [] if yours.enum is None else [Enum(tuple(yours.enum))]
    if yours.range is not None and parameter.type in (int, float):
        rules.append(Range(*sorted(yours.range)))
    return tuple(rules)


def _natural_size(sizes: Sizes | None) -> set[str]:
    """How a model's sizes are said where no host has its own way: pixels, or a ratio."""
    if sizes is None:
        return set()
    if sizes.custom:
        return {"size"}
    return {"ratio", "resolution"} if sizes.tiers else {"ratio"}
