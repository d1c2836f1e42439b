"""What a name means: aliases resolved, to models and to what was said of them on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from imagekit.basics.classes import evolve, frozen
from imagekit.basics.closest import closest
from imagekit.errors import ConfigurationError, UnknownModel
from imagekit.plan.routes.registry import Registry
from imagekit.settings.config import Config
from imagekit.values.plain.places import dotted

__all__ = ["Names", "Target", "merged"]


@frozen
class Target:
    """What an address means once every alias is resolved.

    Attributes:
        name: the model as the caller calls it.
        host: the one that was named, or None.
        model: as the caller or the last alias calls it.
        prefer: host names, best first; empty when none is preferred.
        defaults: parameters to use where the caller gives none.
        aliases: the names that led to it, the caller's first.
        failover, balance: as the outermost `Alias` has them that says so.
        where: what the model has to be able to do; None where it is not one of several.
    """

    name: str
    host: str | None
    model: str
    prefer: tuple[str, ...]
    defaults: Mapping[str, Any]
    aliases: tuple[str, ...] = ()
    failover: bool = False
    balance: str | None = None
    where: Mapping[str, Any] | None = None


@frozen(eq=False)
class Names:
    """The names of a configuration and of what is installed."""

    registry: Registry
    config: Config

    def targets(self, address: str) -> tuple[Target, ...]:
        """What an address means; several where an alias is any of several models."""
        host, called = self.registry.split(address)
        return tuple(self._meant(Target(called, host, called, (), {})))

    def _meant(self, target: Target) -> Iterator[Target]:
        """Of an alias of an alias the outer one's hosts and defaults count first."""
        name = target.model
        if name not in self.config.models or name in target.aliases:
            # The same again: at a host that takes any, its own word, and no alias.
            prefer = target.prefer or self.config.prefer
            known = name if self._is_the_hosts_own(target.host, prefer) else self._known(name)
            yield evolve(target, model=known, prefer=prefer)
            return
        self.refuse_withheld("models", name)
        alias = self.config.models[name]
        outer = evolve(
            target,
            prefer=target.prefer or alias.hosts,
            defaults=merged(alias.defaults, target.defaults),
            aliases=(*target.aliases, name),
            failover=target.failover if self._says_failover(target) else bool(alias.failover),
            balance=target.balance or alias.balance,
        )
        if isinstance(alias.model, str):
            yield from self._meant(self._inner(outer, alias.model))
            return
        for model in alias.model.any:
            inner = self._inner(outer, model)
            where = {**alias.model.where, **(target.where or {})}
            yield from self._meant(evolve(inner, where=where))

    def _is_the_hosts_own(self, host: str | None, prefer: tuple[str, ...]) -> bool:
        """Whether a name may be what its host calls a model that nobody declares."""
        return any(map(self.registry.takes_any, (host,) if host else prefer))

    def _says_failover(self, target: Target) -> bool:
        """Whether an alias that led here has said it, either way."""
        return any(self.config.models[name].failover is not None for name in target.aliases)

    def _inner(self, target: Target, address: str) -> Target:
        host, model = self.registry.split(address)
        return evolve(target, host=target.host or host, model=model)

    def refuse_withheld(self, *place: str) -> None:
        """What was meant to go elsewhere, or to be something else, is not bought as it is."""
        if self.config.withholds(*place):
            raise ConfigurationError(
                f"{self.config.path}, which {self.config.found}, has settings of "
                f"{dotted(place)} that do not count until you trust it; look at it, then run: "
                "imagekit config trust"
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


def merged(inner: Mapping[str, Any], outer: Mapping[str, Any]) -> dict[str, Any]:
    """``inner`` where ``outer`` says nothing; tables of fields are merged field by field."""
    both = {**inner, **outer}
    for name in ("options", "native"):
        if isinstance(inner.get(name), Mapping) and isinstance(outer.get(name), Mapping):
            both[name] = {**inner[name], **outer[name]}
    return both
