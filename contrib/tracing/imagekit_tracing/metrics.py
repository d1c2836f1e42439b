"""Prometheus metrics of calls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from attrs import define, field
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from imagekit import Charged, Cost, ImagekitError, Plugins, Result, events
from imagekit_tracing.labels import Labels
from imagekit_tracing.series import Series
from imagekit_tracing.under_way import MOST, STEPS, UnderWay

__all__ = ["Metrics"]


class Metrics:
    """An observer that counts paid calls, what they take and what they cost.

    Clients may share it. The labels of models are bounded: what nobody knows is ``other``.

    Args:
        registry: where the metrics are registered; one of their own when not given.
        plugins: those of the client, whose models are known; all installed ones when not given.
        models: further models that get a label of their own.
        most: how many calls are followed at once. Then the oldest is given up.

    Attributes:
        registry: for metrics of your own beside these.

    Raises:
        ValueError: there are these metrics in ``registry`` already.
    """

    #: Of what `text` gives.
    content_type: str = CONTENT_TYPE_LATEST

    def __init__(
        self,
        registry: CollectorRegistry | None = None,
        *,
        plugins: Plugins | None = None,
        models: Iterable[str] = (),
        most: int = MOST,
    ) -> None:
        self.registry = CollectorRegistry() if registry is None else registry
        self._labels = Labels(plugins or Plugins.load(), models)
        self._under_way: UnderWay[_Call] = UnderWay(most)
        self._series = Series(self.registry)
        self._hearers: dict[type, Callable[[Any], object]] = {
            events.Split: self._split,
            events.Sending: self._sending,
            events.Received: self._received,
            events.Retrying: self._retrying,
            events.Waiting: self._begun,
            events.Picture: self._picture,
            events.PictureFailed: self._picture_failed,
            events.PartFinished: self._finished,
            events.Finished: self._finished,
            events.GivenBack: self._ended,
            events.Failed: self._failed,
        }

    def text(self) -> bytes:
        """All metrics of the registry, as Prometheus reads them."""
        return generate_latest(self.registry)

    def __call__(self, event: events.Event) -> None:
        """Hear of one event."""
        hearer = self._hearers.get(type(event))
        if hearer is not None and event.call and event.step in STEPS:
            hearer(event)

    # --- beginnings ------------------------------------------------------------------------

    def _split(self, event: events.Split) -> None:
        self._follow(event.call, _Call(None, event.at))

    def _begun(self, event: events.Event) -> None:
        if self._under_way.get(event.call) is None and event.step != "download":
            where = self._labels.of(event)
            self._series.open.labels(*where).inc()
            self._follow(event.call, _Call(where, event.at if event.step == "generate" else None))

    def _follow(self, id: str, call: _Call) -> None:
        lost = self._under_way.add(id, call)
        if lost is not None and lost.where:
            self._series.lost.inc()
            self._series.open.labels(*lost.where).dec()

    # --- meanwhile -------------------------------------------------------------------------

    def _sending(self, event: events.Sending) -> None:
        self._begun(event)
        call = self._under_way.get(event.call)
        if call is not None and event.step == "download":
            call.downloads[threading.get_ident()] = event.at

    def _received(self, event: events.Received) -> None:
        host, _ = self._labels.of(event)
        self._series.answer_seconds.labels(host, event.step).observe(event.seconds)

    def _retrying(self, event: events.Retrying) -> None:
        host, _ = self._labels.of(event)
        self._series.retries.labels(host, event.step, type(event.error).__name__).inc()

    def _picture(self, event: events.Picture) -> None:
        where = self._labels.of(event)
        self._series.pictures.labels(*where).inc()
        call = self._under_way.get(event.call)
        begun = call.downloads.pop(threading.get_ident(), None) if call else None
        if begun is not None:
            self._series.download_seconds.labels(where[0]).observe(max(0.0, event.at - begun))

    def _picture_failed(self, event: events.PictureFailed) -> None:
        self._series.pictures_failed.labels(*self._labels.of(event)).inc()

    # --- ends ------------------------------------------------------------------------------

    def _ended(self, event: events.Event) -> _Call | None:
        call = self._under_way.end(event.call)
        if call is not None and call.where:
            self._series.open.labels(*call.where).dec()
        return call

    def _finished(self, event: events.PartFinished | events.Finished) -> None:
        call = self._ended(event)
        if call is None or not call.where:
            return
        result = event.result
        self._series.calls.labels(*call.where, "ok", result.charged).inc()
        self._paid(call.where, result.cost)
        self._took(call.where, _asked(result) if call.begun is None else call.begun, event)

    def _failed(self, event: events.Failed) -> None:
        call = self._ended(event)
        if call is not None and not call.where:
            return  # the request: its calls have been counted
        where, error = self._labels.of(event), event.error
        paid = Charged.NO if call is None else Charged.MAYBE
        if isinstance(error, ImagekitError):
            paid = error.charged
        self._series.calls.labels(*where, type(error).__name__, paid).inc()
        result = getattr(error, "result", None)
        if isinstance(result, Result):  # the pictures were made, and could not be stored
            self._paid(where, result.cost)
        elif paid is not Charged.NO and getattr(error, "pending", None) is None:
            self._series.cost_unknown.labels(*where).inc()
        self._took(where, call.begun if call else None, event)

    def _paid(self, where: tuple[str, str], cost: Cost) -> None:
        if cost.amount is None:
            self._series.cost_unknown.labels(*where).inc()
        elif cost.amount:
            by = (*where, cost.currency or "unnamed", cost.by)
            self._series.cost.labels(*by).inc(float(cost.amount))

    def _took(self, where: tuple[str, str], begun: float | None, event: events.Event) -> None:
        if begun is not None:
            self._series.call_seconds.labels(*where).observe(max(0.0, event.at - begun))


@define(eq=False)
class _Call:
    """What is under way.

    Attributes:
        where: host and model; None of a request that is several calls, which count.
        begun: when, in Unix seconds; None of a job that was made earlier.
        downloads: when each thread has begun to fetch a link.
    """

    where: tuple[str, str] | None
    begun: float | None
    downloads: dict[int, float] = field(factory=dict)


def _asked(result: Result) -> float | None:
    """When a result was asked for, to the second: by its job's word, which may have been made by
    another process. None where it has none."""
    if result.provenance is None:
        return None
    try:
        return datetime.fromisoformat(result.provenance.date).timestamp()
    except ValueError:
        return None
