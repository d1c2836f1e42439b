"""Calls whose end is never told: they are given up, and counted."""

from __future__ import annotations

from opentelemetry.sdk.trace import ReadableSpan

from imagekit import Image, Result
from imagekit.events import Finished, Picture, Sending, Split
from imagekit_tracing import Metrics, Spans

ROUTE = "ark:seedream-4.5"
WHERE = {"host": "ark", "model": "seedream-4.5"}


def sent(id: str, step: str = "generate") -> Sending:
    return Sending(ROUTE, step, "POST", "https://ark.invalid/v3/images", call=id, at=1.0)


def done(id: str) -> Finished:
    return Finished(ROUTE, "generate", Result(()), call=id, at=3.0)


def given_up(spans: list[ReadableSpan]) -> list[object]:
    return [
        span.attributes["imagekit.call"] for span in spans if span.attributes.get("imagekit.lost")
    ]


def test_the_oldest_span_ends_when_there_are_too_many(traced) -> None:
    spans = Spans(traced.provider, most=2)
    for id in ("one", "two", "three"):
        spans(sent(id))
    assert spans.lost == 1
    assert given_up(traced.ended) == ["one"]
    spans(done("one"))  # too late
    spans(done("three"))
    names = [
        span.attributes["imagekit.call"]
        for span in traced.ended
        if "imagekit.call" in span.attributes
    ]
    assert sorted(names) == ["one", "three"]


def test_the_oldest_call_is_under_way_no_more_when_there_are_too_many() -> None:
    metrics = Metrics(most=2)
    for id in ("one", "two", "three"):
        metrics(sent(id))
    get = metrics.registry.get_sample_value
    assert get("imagekit_calls_under_way", WHERE) == 2
    assert get("imagekit_calls_lost_total") == 1
    metrics(done("one"))  # too late
    assert get("imagekit_calls_under_way", WHERE) == 2
    assert get("imagekit_calls_total", {**WHERE, "outcome": "ok", "charged": "yes"}) is None


def test_a_request_that_is_several_calls_is_none_that_is_lost() -> None:
    metrics = Metrics(most=1)
    metrics(Split(ROUTE, "generate", ("one-1", "one-2"), call="one", at=0.0))
    metrics(sent("one-1"))
    assert metrics.registry.get_sample_value("imagekit_calls_lost_total") == 0
    assert metrics.registry.get_sample_value("imagekit_calls_under_way", WHERE) == 1


def test_a_link_that_is_fetched_after_the_end_begins_nothing(traced) -> None:
    """Such as one of a call that was interrupted, whose threads go on."""
    metrics = Metrics()
    for observer in (traced, metrics):
        observer(sent("one"))
        observer(sent("one", "download"))
        observer(done("one"))
        observer(sent("one", "download"))
        observer(Picture(ROUTE, "generate", Image(0), call="one", at=4.0))
    assert traced.shape() == [("generate_content seedream-4.5", ["generate", "download"])]
    assert metrics.registry.get_sample_value("imagekit_calls_under_way", WHERE) == 0


def test_nothing_is_kept_of_calls_that_have_ended(traced) -> None:
    spans, metrics = Spans(traced.provider, most=1), Metrics(most=1)
    for id in ("one", "two", "three"):
        for observer in (spans, metrics):
            observer(sent(id))
            observer(done(id))
    assert spans.lost == 0
    assert metrics.registry.get_sample_value("imagekit_calls_lost_total") == 0
