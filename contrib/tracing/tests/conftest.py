"""Clients of hosts that are played here, and what is told of their calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from attrs import frozen
from imagekit_sandbox.serving import Upstreams
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from imagekit import Client
from imagekit_tracing import Metrics, Spans


@pytest.fixture
def upstreams(request: pytest.FixtureRequest) -> Iterator[Upstreams]:
    """Hosts that are played here; what goes wrong there may be given as a parameter."""
    with Upstreams(getattr(request, "param", ())) as running:
        yield running


@pytest.fixture
def clients(
    upstreams: Upstreams, caplog: pytest.LogCaptureFixture
) -> Iterator[Callable[..., Client]]:
    """Makes clients of them, which wait for nothing. No observer may have failed, which would
    only be logged."""
    made: list[Client] = []

    def make(*observers: Callable[..., object], **options: object) -> Client:
        options = {"sleep": lambda seconds: None, "environment": {}, **options}
        made.append(Client(config=upstreams.configuration(), observers=observers, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for client in made:
        client.close()
    assert "an observer failed" not in caplog.text


@frozen
class Traced:
    """An observer with a program's own SDK behind it, and the spans that have ended there."""

    provider: TracerProvider
    exporter: InMemorySpanExporter
    spans: Spans

    def __call__(self, event: object) -> None:
        self.spans(event)  # type: ignore[arg-type]

    @property
    def ended(self) -> list[ReadableSpan]:
        """In the order of their beginnings."""
        return sorted(self.exporter.get_finished_spans(), key=lambda span: span.start_time or 0)

    def of(self, parent: ReadableSpan | None) -> list[ReadableSpan]:
        """The spans right below one; None for those that are below none."""
        id = parent.context.span_id if parent else None
        return [one for one in self.ended if (one.parent.span_id if one.parent else None) == id]

    def shape(self, parent: ReadableSpan | None = None) -> list[object]:
        """The names of all spans, each with those below it."""
        below = [(span.name, self.shape(span)) for span in self.of(parent)]
        return [(name, inner) if inner else name for name, inner in below]


@pytest.fixture
def traced() -> Iterator[Traced]:
    provider, exporter = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield Traced(provider, exporter, Spans(provider))
    provider.shutdown()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()
