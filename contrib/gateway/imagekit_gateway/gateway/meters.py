"""How the gateway does, for Prometheus: with ``imagekit-tracing`` installed."""

from __future__ import annotations

from typing import Any

from imagekit import Plugins, events

__all__ = ["Meters"]


class Meters:
    """Counts requests, and calls where they can be counted.

    Attributes:
        observers: for the client, whose calls are counted.
    """

    def __init__(self, plugins: Plugins | None = None) -> None:
        self._calls: Any = _calls(plugins)
        self.observers: tuple[events.Observer, ...] = (self._calls,) if self._calls else ()
        self._seconds: Any = None
        if self._calls:
            from prometheus_client import Histogram

            self._seconds = Histogram(
                "imagekit_gateway_seconds",
                "How long requests took",
                ["route", "status"],
                registry=self._calls.registry,
                buckets=(0.01, 0.05, 0.25, 1, 5, 20, 60, 180, 600),
            )

    def request(self, route: str, status: int, seconds: float) -> None:
        """One that is over."""
        if self._seconds is not None:
            self._seconds.labels(route, str(status)).observe(seconds)

    def text(self) -> tuple[bytes, str] | None:
        """What Prometheus reads, and its type; None where nothing is counted."""
        if self._calls is None:
            return None
        return self._calls.text(), self._calls.content_type


def _calls(plugins: Plugins | None) -> Any:
    try:
        from imagekit_tracing import Metrics
    except ModuleNotFoundError:
        return None
    return Metrics(plugins=plugins)
