"""What those see who look after a gateway: its health, numbers, spans, and its audit log; and that
nothing secret is in any of them."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from attrs import define, field
from imagekit_sandbox.serving import Rule
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from imagekit_gateway.gateway.tracing import Tracing

PROMPT = "a heron that nobody may know of"
NOBODY = {"headers": {"Authorization": ""}}


# --- health --------------------------------------------------------------------------------------


def test_a_gateway_that_is_about_to_end_wants_no_more_requests_and_lives(served: Any) -> None:
    assert served.get("/readyz", **NOBODY).json == {"status": "ok"}
    served.gateway.draining.set()
    refused = served.get("/readyz", **NOBODY)
    assert (refused.status, refused.error["code"]) == (503, "draining")
    assert served.get("/healthz", **NOBODY).status == 200


def test_a_gateway_without_its_store_is_not_ready_and_says_nothing_of_where_that_is(
    served: Any, tmp_path: Path
) -> None:
    away = (tmp_path / "store.db").rename(tmp_path / "away.db")
    refused = served.get("/readyz", **NOBODY)
    alive = served.get("/healthz", **NOBODY)
    away.rename(tmp_path / "store.db")
    assert (refused.status, refused.error["code"]) == (503, "store_unavailable")
    assert str(tmp_path) not in refused.body.decode()
    assert alive.status == 200
    assert served.get("/readyz", **NOBODY).status == 200


# --- numbers -------------------------------------------------------------------------------------


def test_an_operator_sees_what_was_asked_and_what_was_paid_and_nobody_else_does(
    served: Any,
) -> None:
    served.generate(prompt=PROMPT)
    served.settle()
    operator = served.new_key("operator", operator=True)
    answer = served.get("/metrics", key=operator)
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    lines = answer.body.decode().splitlines()
    route = 'route="POST /v1/images/generations",status="200"'
    assert f"imagekit_gateway_seconds_count{{{route}}} 1.0" in lines
    call = 'charged="yes",host="powertokens",model="seedream-4.0",outcome="ok"'
    assert f"imagekit_calls_total{{{call}}} 1.0" in lines
    assert PROMPT not in answer.body.decode()
    assert [served.get("/metrics").status, served.get("/metrics", **NOBODY).status] == [403, 401]


def test_addresses_that_nobody_answers_are_one_number(served: Any) -> None:
    """Or else strangers could make as many as they like."""
    for path in ("/a", "/b?c", "/v1/images/1/2"):
        served.get(path)
    served.settle()
    answer = served.get("/metrics", key=served.new_key("operator", operator=True))
    assert 'imagekit_gateway_seconds_count{route="none",status="404"} 3.0' in answer.body.decode()


# --- the audit log -------------------------------------------------------------------------------


@pytest.fixture
def audit(caplog: pytest.LogCaptureFixture) -> Callable[[Any], list[dict[str, Any]]]:
    """The lines of the log of a gateway."""
    name = "imagekit.gateway.audit"
    caplog.set_level(logging.INFO, name)

    def lines(served: Any) -> list[dict[str, Any]]:
        served.settle()
        return [json.loads(one.message) for one in caplog.records if one.name == name]

    return lines


def test_each_request_is_a_line_of_who_asked_for_what_and_what_came_of_it(
    served: Any, audit: Any
) -> None:
    made = served.generate(prompt=PROMPT)
    served.generate(size="1x1")
    first, second = audit(served)
    assert first == {
        "id": made.json["metadata"]["id"],
        "from": "127.0.0.1",
        "method": "POST",
        "path": "/v1/images/generations",
        "status": 200,
        "seconds": first["seconds"],
        "key": "mary",
        "model": "seedream-4.0",
        "route": "powertokens:seedream-4.0",
        "host": "powertokens",
        "charged": "yes",
    }
    assert (second["status"], second["error"], second["charged"]) == (400, "invalid_value", "no")


def test_no_prompt_no_key_and_no_signature_is_in_the_log(served: Any, audit: Any) -> None:
    made = served.generate(prompt=PROMPT)
    link = made.json["data"][0]["url"]
    served.get(link, **NOBODY)
    served.get(f"/v1/images?api_key={served.key}")
    lines = json.dumps(audit(served))
    secrets = [PROMPT, served.key, urlsplit(link).query.rpartition("sig=")[2]]
    assert [one for one in secrets if one in lines] == []


def test_prompts_are_in_the_log_of_whoever_asks_for_them(serving: Any, audit: Any) -> None:
    served = serving(audit_prompts=True)
    served.generate(prompt=PROMPT)
    assert audit(served)[0]["prompt"] == PROMPT


# --- spans ---------------------------------------------------------------------------------------


@define
class Traced:
    """A program's own OpenTelemetry, which keeps the spans that have ended."""

    kept: InMemorySpanExporter = field(factory=InMemorySpanExporter)
    provider: TracerProvider = field(factory=TracerProvider)

    def __attrs_post_init__(self) -> None:
        self.provider.add_span_processor(SimpleSpanProcessor(self.kept))

    def spans(self, served: Any) -> dict[str, ReadableSpan]:
        """By their names."""
        served.settle()
        return {span.name: span for span in self.kept.get_finished_spans()}


@pytest.fixture
def traced() -> Traced:
    return Traced()


@pytest.fixture
def watched(serving: Any, traced: Traced) -> Any:
    return serving(tracing=Tracing(traced.provider))


TRACE = "0af7651916cd43dd8448eb211c80319c"
OF_THE_CLIENT = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}


@pytest.mark.parametrize("stream", [False, True])
def test_a_paid_call_is_below_its_request_which_is_below_that_of_the_client(
    watched: Any, traced: Traced, stream: bool
) -> None:
    made = watched.generate(headers=OF_THE_CLIENT, stream=stream)
    spans = traced.spans(watched)
    request, call = spans["POST /v1/images/generations"], spans["generate_content seedream-4.0"]
    assert request.parent is not None
    assert (f"{request.context.trace_id:032x}", call.context.trace_id) == (
        TRACE,
        request.context.trace_id,
    )
    assert (call.parent and call.parent.span_id) == request.context.span_id
    assert request.attributes == {
        "http.request.method": "POST",
        "http.route": "/v1/images/generations",
        "http.response.status_code": 200,
        "imagekit.request": made.headers["X-Request-Id"],
    }
    assert call.attributes is not None
    assert call.attributes["gen_ai.output.type"] == "image"


@pytest.mark.parametrize("upstreams", [[Rule("503", times=1, after=1)]], indirect=True)
def test_no_prompt_no_key_and_no_query_of_a_link_is_in_a_span(watched: Any, traced: Traced) -> None:
    made = watched.generate(prompt=PROMPT)
    link = made.json["data"][0]["url"]
    watched.get(link, **NOBODY)
    watched.generate(prompt=PROMPT)
    watched.get(f"/v1/images?api_key={watched.key}")
    watched.ask("BREW", "/coffee?secret=1")
    text = "\n".join(span.to_json() for span in traced.spans(watched).values())
    assert "GET /v1/images/<id>/content" in text
    secrets = [PROMPT, watched.key, "exp=", "sig=", "BREW", "coffee", "secret"]
    assert [one for one in secrets if one in text] == []


def test_where_nothing_is_set_up_nothing_is_traced(served: Any) -> None:
    assert Tracing().observers == ()
    assert served.generate(headers=OF_THE_CLIENT).status == 200


# --- set up by the environment -------------------------------------------------------------------

PROGRAM = """
from werkzeug.test import EnvironBuilder
from imagekit_gateway.gateway import tracing

tracing.set_up()
tracing.set_up()  # as often as anybody likes
spans = tracing.Tracing()
print("observers:", len(spans.observers))
with spans.around(EnvironBuilder().get_request(), "img_1") as span:
    pass
if span is not None:
    tracing.over(span, "GET /healthz", 503)
tracing.flush()
"""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, ["observers: 0"]),
        ({"TRACES_EXPORTER": "none"}, ["observers: 1"]),
        (
            {"TRACES_EXPORTER": "console"},
            ['"name": "GET /healthz"', '"service.name": "imagekit-gateway"', '"ERROR"'],
        ),
        (
            {"TRACES_EXPORTER": "console", "SERVICE_NAME": "studio"},
            ['"service.name": "studio"'],
        ),
        (
            {"EXPORTER_OTLP_ENDPOINT": "http://[::1]:1", "EXPORTER_OTLP_PROTOCOL": "grpc"},
            ["observers: 0", "the exporter otlp_proto_grpc is not installed"],
        ),
        ({"EXPORTER_OTLP_PROTOCOL": "grpc"}, ["observers: 0"]),
    ],
)
def test_the_environment_says_whether_there_are_spans_and_where_they_go(
    said: dict[str, str], told: list[str]
) -> None:
    rest = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    environment = {**rest, **{f"OTEL_{name}": value for name, value in said.items()}}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    assert [one for one in told if one not in done.stdout + done.stderr] == []
