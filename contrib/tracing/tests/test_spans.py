"""What a trace shows of calls."""

from __future__ import annotations

import subprocess
import sys

import anyio
import pytest
from imagekit_sandbox.serving import Rule
from opentelemetry.trace import NoOpTracerProvider, SpanKind, StatusCode

from imagekit import (
    AsyncClient,
    AuthenticationError,
    InvalidRequest,
    OutcomeUnknown,
    Pending,
    SinkError,
)
from imagekit_tracing import Spans

CALL = "generate_content seedream-4.5"
KLING = "generate_content kling-v3"


def test_a_good_call_is_a_span_with_its_requests_in_it(clients, traced, upstreams) -> None:
    result = clients(traced).generate("a heron", model="ark:seedream-4.5", id="row7")
    assert traced.shape() == [(CALL, ["generate", "download"])]
    (call,) = traced.of(None)
    port = int(upstreams.url.rpartition(":")[2])
    assert call.kind is SpanKind.CLIENT
    assert call.status.status_code is StatusCode.UNSET
    assert dict(call.attributes) == {
        "gen_ai.operation.name": "generate_content",
        "gen_ai.provider.name": "ark",
        "gen_ai.request.model": "seedream-4.5",
        "gen_ai.output.type": "image",
        "gen_ai.response.model": result.served_model,
        "gen_ai.response.id": result.request_id,
        "gen_ai.usage.output_tokens": 16384,
        "server.address": "127.0.0.1",
        "server.port": port,
        "imagekit.call": "row7",
        "imagekit.pictures": 1,
        "imagekit.failures": 0,
        "imagekit.charged": "yes",
        "imagekit.cost": 0.25,
        "imagekit.cost.currency": "CNY",
        "imagekit.cost.by": "list",
        "imagekit.cost.unverified": True,
    }
    asked, fetched = traced.of(call)
    assert dict(asked.attributes) == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "server.address": "127.0.0.1",
        "server.port": port,
    }
    assert (fetched.attributes["http.request.method"], fetched.kind) == ("GET", SpanKind.CLIENT)
    assert call.start_time <= asked.start_time <= asked.end_time <= fetched.start_time
    assert fetched.start_time <= fetched.end_time <= call.end_time


@pytest.mark.parametrize("upstreams", [[Rule("401")]], indirect=True)
def test_an_error_is_told_by_its_class_alone(clients, traced) -> None:
    with pytest.raises(AuthenticationError):
        clients(traced).generate("a heron", model="ark:seedream-4.5")
    (call,) = traced.of(None)
    assert (call.status.status_code, call.status.description) == (StatusCode.ERROR, None)
    assert call.attributes["error.type"] == "AuthenticationError"
    assert call.attributes["imagekit.charged"] == "no"
    assert call.events == ()
    (asked,) = traced.of(call)
    assert asked.attributes["error.type"] == "401"


@pytest.mark.parametrize("upstreams", [[Rule("lost")]], indirect=True)
def test_a_lost_answer_may_have_been_charged(clients, traced) -> None:
    with pytest.raises(OutcomeUnknown):
        clients(traced).generate("a heron", model="ark:seedream-4.5")
    (call,) = traced.of(None)
    assert call.attributes["imagekit.charged"] == "maybe"
    (asked,) = traced.of(call)
    assert asked.attributes["error.type"] == "OutcomeUnknown"
    assert "http.response.status_code" not in asked.attributes


@pytest.mark.parametrize("upstreams", [[Rule("429:0", times=1)]], indirect=True)
def test_a_request_that_is_sent_again_is_two(clients, traced) -> None:
    clients(traced).generate("a heron", model="ark:seedream-4.5")
    (call,) = traced.of(None)
    assert call.status.status_code is StatusCode.UNSET
    codes = [span.attributes["http.response.status_code"] for span in traced.of(call)]
    assert codes == [429, 200, 200]


@pytest.mark.parametrize("upstreams", [[Rule("broken-link")]], indirect=True)
def test_a_download_that_breaks_off_has_failed_and_the_next_has_not(clients, traced) -> None:
    clients(traced).generate("a heron", model="ark:seedream-4.5")
    _, broken, fetched = traced.of(traced.of(None)[0])
    assert (broken.name, broken.status.status_code) == ("download", StatusCode.ERROR)
    assert (fetched.name, fetched.status.status_code) == ("download", StatusCode.UNSET)


@pytest.mark.parametrize("upstreams", [[Rule("expired")]], indirect=True)
def test_a_picture_that_can_not_be_fetched_fails_its_download_and_not_the_call(
    clients, traced
) -> None:
    result = clients(traced).generate("a heron", model="ark:seedream-4.5")
    assert result.image.error
    (call,) = traced.of(None)
    assert call.status.status_code is StatusCode.UNSET
    assert traced.of(call)[-1].attributes["error.type"] == "403"


@pytest.mark.parametrize("upstreams", [[Rule("not-a-picture")]], indirect=True)
def test_a_link_to_no_picture_fails_its_download(clients, traced) -> None:
    clients(traced).generate("a heron", model="ark:seedream-4.5")
    fetched = traced.of(traced.of(None)[0])[-1]
    assert fetched.attributes["http.response.status_code"] == 200
    assert fetched.attributes["error.type"] == "DownloadError"


def test_a_call_that_is_refused_before_it_is_sent_is_a_span_of_no_length(clients, traced) -> None:
    with pytest.raises(InvalidRequest):
        clients(traced).generate("a heron", model="ark:seedream-4.5", size="1x1")
    (call,) = traced.ended
    assert call.attributes["error.type"] == "InvalidRequest"
    assert call.start_time == call.end_time


def test_pictures_that_could_not_be_stored_have_cost_what_they_have(clients, traced) -> None:
    def full(result: object) -> None:
        raise OSError("no space left on device")

    with pytest.raises(SinkError):
        clients(traced, sinks=[full]).generate("a heron", model="ark:seedream-4.5")
    (call,) = traced.of(None)
    assert call.attributes["error.type"] == "SinkError"
    assert (call.attributes["imagekit.charged"], call.attributes["imagekit.cost"]) == ("yes", 0.25)


# --- several calls -------------------------------------------------------------------------


def test_a_request_of_several_calls_has_a_span_around_theirs(clients, traced) -> None:
    clients(traced).generate("a heron", model="powertokens:seedream-4.5", n=3, id="row7")
    (request,) = traced.of(None)
    assert request.kind is SpanKind.INTERNAL
    assert request.attributes["imagekit.calls"] == 3
    assert request.attributes["imagekit.cost"] == pytest.approx(0.114)
    calls = traced.of(request)
    assert {span.attributes["imagekit.call"] for span in calls} == {"row7-1", "row7-2", "row7-3"}
    assert [span.attributes["imagekit.cost"] for span in calls] == [0.038] * 3
    assert [[below.name for below in traced.of(call)] for call in calls] == [
        ["generate", "download"]
    ] * 3


@pytest.mark.parametrize("upstreams", [[Rule("lost", times=1)]], indirect=True)
def test_one_call_of_several_that_fails_does_not_fail_the_request(clients, traced) -> None:
    clients(traced).generate("a heron", model="powertokens:seedream-4.5", n=2)
    (request,) = traced.of(None)
    assert request.status.status_code is StatusCode.UNSET
    assert (request.attributes["imagekit.pictures"], request.attributes["imagekit.failures"]) == (
        1,
        1,
    )
    assert "imagekit.cost" not in request.attributes, "it is not known, which is not 0"
    errors = [span.attributes.get("error.type") for span in traced.of(request)]
    assert sorted(errors, key=str) == [None, "OutcomeUnknown"]


@pytest.mark.parametrize("upstreams", [[Rule("401")]], indirect=True)
def test_a_request_fails_when_all_of_its_calls_do(clients, traced) -> None:
    with pytest.raises(AuthenticationError):
        clients(traced).generate("a heron", model="powertokens:seedream-4.5", n=2)
    (request,) = traced.of(None)
    assert len(traced.of(request)) == 2
    for span in (request, *traced.of(request)):
        assert span.attributes["error.type"] == "AuthenticationError"


# --- jobs ----------------------------------------------------------------------------------


def test_the_looks_at_a_job_are_in_its_call(clients, traced) -> None:
    clients(traced).generate("a heron", model="klingai:kling-v3")
    ((name, (first, *polls, last)),) = traced.shape()
    assert (name, first, set(polls), last) == (KLING, "generate", {"poll"}, "download")


def test_each_look_at_a_job_that_was_given_back_is_a_span_below_the_first(clients, traced) -> None:
    client = clients(traced)
    outcome = pending = client.begin("a heron", model="klingai:kling-v3")
    looks = 0
    while isinstance(outcome, Pending):
        outcome, looks = client.look(outcome), looks + 1
    (begun,) = traced.of(None)
    assert begun.attributes["imagekit.given_back"] is True
    assert begun.attributes["imagekit.task"]
    below = [span for span in traced.of(begun) if span.name == KLING]
    assert len(below) == looks
    assert {span.attributes["imagekit.call"] for span in below} == {pending.call}
    assert "imagekit.given_back" not in below[-1].attributes
    assert below[-1].attributes["imagekit.pictures"] == 1


def test_a_job_of_another_process_is_gone_on_with_in_a_trace_of_its_own(clients, traced) -> None:
    pending = clients().begin("a heron", model="klingai:kling-v3")
    clients(traced).resume(pending)
    (call,) = traced.of(None)
    assert call.attributes["imagekit.call"] == pending.call
    assert call.attributes["server.address"] == "127.0.0.1"


def test_a_look_is_below_what_is_current_there(clients, traced) -> None:
    client, tracer = clients(traced), traced.provider.get_tracer("program")
    pending = client.begin("a heron", model="klingai:kling-v3")
    with tracer.start_as_current_span("look again"):
        client.look(pending)
    assert traced.shape()[1] == ("look again", [(KLING, ["poll"])])


# --- whose child a span is -----------------------------------------------------------------


def test_a_call_is_below_the_span_in_which_it_is_made(clients, traced) -> None:
    client, tracer = clients(traced), traced.provider.get_tracer("program")
    with tracer.start_as_current_span("page"):
        client.generate("a heron", model="powertokens:seedream-4.5", n=2)
        list(client.stream("a heron", model="ark:seedream-4.5"))
    ((page, (several, streamed)),) = traced.shape()
    assert (page, several[0], streamed[0]) == ("page", CALL, CALL)


def test_a_call_of_an_event_loop_is_below_its_task_s_span(clients, traced) -> None:
    async def main() -> None:
        async with AsyncClient(clients(traced)) as client:
            with traced.provider.get_tracer("program").start_as_current_span("task"):
                await client.generate("a heron", model="ark:seedream-4.5")

    anyio.run(main)
    assert traced.shape() == [("task", [(CALL, ["generate", "download"])])]


def test_pictures_of_a_stream_are_fetched_in_its_span(clients, traced) -> None:
    group = {"max_images": 3}
    list(
        clients(traced).stream(
            "3 herons",
            model="ark:seedream-4.5",
            sequential_image_generation="auto",
            sequential_image_generation_options=group,
        )
    )
    assert traced.shape() == [(CALL, ["generate", "download", "download", "download"])]
    assert {span.status.status_code for span in traced.ended} == {StatusCode.UNSET}


# --- programs that trace nothing, or other things ------------------------------------------


def test_without_an_sdk_nothing_is_recorded_and_calls_are_as_ever(clients) -> None:
    spans = Spans(NoOpTracerProvider())
    result = clients(spans).generate("a heron", model="powertokens:seedream-4.5", n=2)
    assert len(result.images) == 2


def test_the_sdk_is_the_program_s_to_bring() -> None:
    code = "import sys, imagekit_tracing as t; t.Spans(); print('opentelemetry.sdk' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_free_questions_are_no_calls(clients, traced) -> None:
    client = clients(traced)
    client.models_at("token360")
    client.records("token360").list()
    assert traced.ended == []
