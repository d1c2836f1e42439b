"""What may stand in labels: each value of one makes Prometheus keep another series for ever."""

from __future__ import annotations

from collections.abc import Iterable

from imagekit import Plugins
from imagekit.events import Event

__all__ = ["Labels"]

#: The label of a model that nobody here knows.
OTHER = "other"


class Labels:
    """Host and model of events. A host is one that is installed or configured, but a model may be
    whatever somebody has written, where its host takes any."""

    def __init__(self, plugins: Plugins, models: Iterable[str]) -> None:
        registry = plugins.registry()
        offers = (offer for host in registry.hosts.values() for offer in host.offers)
        priced = [offer.unlisted.prices for offer in offers if offer.unlisted]
        self._models = frozenset().union(registry.models, *priced, models)

    def of(self, event: Event) -> tuple[str, str]:
        """(host, model)"""
        host, _, model = event.route.partition(":")
        return host, model if model in self._models else OTHER
