"""Spans of requests, and below them of the calls that they lead to, where OpenTelemetry is set up:
by its own environment, or by ``opentelemetry-instrument``. Else none of this costs anything.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import entry_points, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request

from imagekit import events

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer, TracerProvider

__all__ = ["Tracing", "flush", "over", "set_up"]

log = logging.getLogger("imagekit.gateway")

#: One of these says where spans go.
SAID = ("OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
PROTOCOLS = {"http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}
#: Milliseconds.
FLUSH_WITHIN = 5000
#: Whatever else somebody sends is one more name of a method, and so of a span.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Tracing:
    """Makes the spans.

    Args:
        provider: whose they are; None is the program's own. There are none where it has none.

    Attributes:
        observers: for the client, whose calls have spans.
    """

    def __init__(self, provider: TracerProvider | None = None) -> None:
        self.observers: tuple[events.Observer, ...] = ()
        self._tracer: Tracer | None = None
        provider = provider or _programs_own()
        if provider is not None:
            from imagekit_tracing import Spans

            self.observers = (Spans(provider),)
            self._tracer = provider.get_tracer("imagekit.gateway", version("imagekit-gateway"))

    @contextmanager
    def around(self, request: Request, id: str) -> Iterator[Span | None]:
        """A span of this request, below that of its client if it tells of one. What is done in here
        is below it. It ends when the answer has been sent: see `over`."""
        if self._tracer is None:
            yield None
            return
        from opentelemetry import propagate, trace

        method = request.method if request.method in METHODS else "_OTHER"
        span = self._tracer.start_span(
            method,
            propagate.extract(request.headers),
            trace.SpanKind.SERVER,
            {"http.request.method": method, "imagekit.request": id},
        )
        with trace.use_span(span):
            yield span


def over(span: Span, route: str, status: int) -> None:
    """The answer to a request has been sent.

    Args:
        route: the name of it; of an address there is nothing else in a span, since links to
            pictures are signed.
    """
    from opentelemetry.trace import StatusCode

    span.update_name(route)
    span.set_attribute("http.route", route.partition(" ")[2])
    span.set_attribute("http.response.status_code", status)
    if status >= 500:
        span.set_status(StatusCode.ERROR)
    span.end()


# --- set up by the environment -------------------------------------------------------------------


def set_up() -> None:
    """Send the spans of this process to where its environment says. What is wrong with that is
    told in the log, and pictures are made all the same."""
    is_said = any(os.environ.get(name) for name in SAID)
    if not is_said or _programs_own() is not None:
        return
    try:
        _set_up()
    except (ImportError, LookupError, ValueError, OSError) as error:
        log.warning("no spans are sent: %s; pip install imagekit-gateway[traces]", error)


def _set_up() -> None:
    import_module("imagekit_tracing")
    from opentelemetry import trace
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    ours = Resource({"service.name": "imagekit-gateway"}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=Resource.create(ours.attributes))
    for exporter in _exporters():
        provider.add_span_processor(BatchSpanProcessor(exporter()))
    trace.set_tracer_provider(provider)


def _exporters() -> Iterator[Any]:
    """
    Raises:
        LookupError: what is named is not installed.
    """
    there = {one.name: one for one in entry_points(group="opentelemetry_traces_exporter")}
    for name in os.environ.get("OTEL_TRACES_EXPORTER", "otlp").split(","):
        name = name.strip()
        if name == "otlp":
            name = _otlp([*there])
        if name == "none":
            continue
        if name not in there:
            raise LookupError(f"the exporter {name} is not installed")
        yield there[name].load()


def _otlp(there: list[str]) -> str:
    """By the protocol that is named, or else by what is installed."""
    said = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
    said = said or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    if said:
        return PROTOCOLS.get(said, said)
    return "otlp_proto_grpc" if "otlp_proto_grpc" in there else "otlp_proto_http"


def flush() -> None:
    """Send what has not been sent yet: this process is about to end."""
    provider: Any = _programs_own()
    if provider is not None:
        provider.force_flush(FLUSH_WITHIN)


def _programs_own() -> TracerProvider | None:
    """None where nobody has set one."""
    if find_spec("imagekit_tracing") is None:
        return None
    from opentelemetry import trace

    provider = trace.get_tracer_provider()
    return None if isinstance(provider, trace.ProxyTracerProvider) else provider
