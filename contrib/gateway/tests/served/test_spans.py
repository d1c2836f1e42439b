"""Spans of a gateway go where its environment says, as of any program with OpenTelemetry."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from imagekit.testing import Answer, Loopback, Seen

pytestmark = pytest.mark.slow


class Collector:
    """Takes what an OTLP exporter sends."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def answer(self, seen: Seen) -> Answer:
        assert seen.path == "/v1/traces"
        self.bodies.append(seen.body)
        return Answer(body=b"", headers={"Content-Type": "application/x-protobuf"})

    @property
    def spans(self) -> Iterator[tuple[str, str]]:
        """The service and the name of each."""
        for body in self.bodies:
            if body.startswith(b"\x1f\x8b"):
                body = gzip.decompress(body)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                (service,) = [
                    one.value.string_value
                    for one in resource.resource.attributes
                    if one.key == "service.name"
                ]
                for scope in resource.scope_spans:
                    yield from ((service, span.name) for span in scope.spans)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("OTEL_TRACES_EXPORTER", "OTEL_SERVICE_NAME", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_all_of_them_have_been_sent_when_it_ends(
    start: Any, environment: pytest.MonkeyPatch
) -> None:
    collector = Collector()
    with Loopback(collector.answer) as loopback:
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", loopback.url)
        environment.setenv("NO_PROXY", "*")
        program = start()
        program.host.lets.set()
        assert program.generate().status == 200
        program.process.terminate()
        assert program.process.wait(60) == 0
    names = dict.fromkeys(collector.spans)
    assert ("imagekit-gateway", "POST /v1/images/generations") in names
    assert ("imagekit-gateway", "generate_content seedream-4.0") in names


def test_what_is_wrong_with_that_is_told_and_pictures_are_made(
    start: Any, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("OTEL_TRACES_EXPORTER", "carrier-pigeon")
    program = start()
    program.host.lets.set()
    assert program.generate().status == 200
    why = "no spans are sent: the exporter carrier-pigeon is not installed"
    assert why in program.log.read_text()
