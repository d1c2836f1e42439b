"""What is no mistake in a configuration, and changes nothing all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imagekit.plan.routes.names import Names, Target
from imagekit.plan.routes.registry import Registry
from imagekit.settings.config import Alias, Config
from imagekit.values import Problem
from imagekit.values.plain.places import dotted

__all__ = ["idle"]


def idle(config: Config, registry: Registry) -> Iterator[Problem]:
    """Each with its place, and what would be right, of a configuration that a client takes."""
    yield from _twice("prefer", config.prefer)
    led_to = {name for alias in config.models.values() for name in alias.models}
    for name, alias in config.models.items():
        place = dotted(("models", name))
        yield from _twice(f"{place}.hosts", alias.hosts)
        if not isinstance(alias.model, str):
            yield from _twice(f"{place}.model.any", alias.model.any)
        if name not in led_to and not config.withholds("models", name):
            yield from _alone(place, alias, Names(registry, config).targets(name), registry)


def _twice(place: str, names: Sequence[str]) -> Iterator[Problem]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Problem(f"{place}[{number}]", f"{name} stands there twice; leave one out")


def _alone(
    place: str, alias: Alias, targets: Sequence[Target], registry: Registry
) -> Iterator[Problem]:
    """Calls are shared out, or fail over, where there is one way only."""
    ways = {way for target in targets for way in _ways(target, registry)}
    for key in ("failover", "balance"):
        if getattr(alias, key) and len(ways) == 1:
            why = f"{', '.join(ways)} alone may be asked, so this changes nothing"
            yield Problem(f"{place}.{key}", f"{why}; name several hosts, or leave it out")


def _ways(target: Target, registry: Registry) -> Iterator[str]:
    """Where no host is named or preferred, the one with a key is asked, whichever that is."""
    hosts = (target.host,) if target.host else target.prefer
    served = [host for host in hosts if registry.way(host, target.model)]
    yield from (f"{host}:{target.model}" for host in served)
    if not served:
        yield target.model
