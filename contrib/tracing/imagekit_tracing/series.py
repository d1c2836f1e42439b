"""The metrics there are, by their names. They are documented in docs/tracing.md."""

from __future__ import annotations

from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

__all__ = ["Series"]

#: Seconds: from that of a refusal to that of a job which takes long.
BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600)
WHERE = ("host", "model")


class Series:
    """All metrics of one registry.

    Raises:
        ValueError: they are in the registry already.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        counter = partial(Counter, registry=registry)
        seconds = partial(Histogram, registry=registry, buckets=BUCKETS)
        ended = (*WHERE, "outcome", "charged")
        self.calls = counter("imagekit_calls", "Calls that have ended, by how.", ended)
        self.open = Gauge(
            "imagekit_calls_under_way", "Calls that are in hand now.", WHERE, registry=registry
        )
        self.lost = counter("imagekit_calls_lost", "Calls given up, of which no end was told.")
        self.call_seconds = seconds(
            "imagekit_call_seconds", "From when a call was asked for to its end.", WHERE
        )
        self.answer_seconds = seconds(
            "imagekit_answer_seconds",
            "From when a request left to the head of its answer.",
            ("host", "step"),
        )
        self.download_seconds = seconds(
            "imagekit_download_seconds", "From when a link was asked for to its picture.", ("host",)
        )
        self.retries = counter(
            "imagekit_retries", "Requests sent again, by why.", ("host", "step", "error")
        )
        self.pictures = counter("imagekit_pictures", "Pictures that have come.", WHERE)
        self.pictures_failed = counter(
            "imagekit_pictures_failed", "Pictures not made or not fetched.", WHERE
        )
        self.cost = counter(
            "imagekit_cost",
            "Money, by its currency and by who says so: the host, or its price list.",
            (*WHERE, "currency", "by"),
        )
        self.cost_unknown = counter(
            "imagekit_cost_unknown", "Calls that cost or may have cost, nobody knows what.", WHERE
        )
