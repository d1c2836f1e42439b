"""What Prometheus is told of calls."""

from __future__ import annotations

import pytest
from attrs import evolve
from imagekit_sandbox.serving import Rule
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.parser import text_string_to_metric_families

from imagekit import (
    AuthenticationError,
    HostUnavailable,
    InvalidRequest,
    ModelUnavailable,
    OutcomeUnknown,
    Pending,
    SinkError,
)
from imagekit_tracing import Metrics

ARK = {"host": "ark", "model": "seedream-4.5"}
POWERTOKENS = {"host": "powertokens", "model": "seedream-4.5"}
KLING = {"host": "klingai", "model": "kling-v3"}


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"imagekit_{name}", labels)


def labelled(metrics: Metrics, name: str) -> set[str]:
    """The models in the series of a metric."""
    found = {metric.name: metric for metric in metrics.registry.collect()}
    return {sample.labels["model"] for sample in found[f"imagekit_{name}"].samples}


def test_a_good_call_is_counted_with_its_time_its_pictures_and_its_money(clients, metrics) -> None:
    clients(metrics).generate("a heron", model="ark:seedream-4.5")
    assert value(metrics, "calls_total", **ARK, outcome="ok", charged="yes") == 1
    assert value(metrics, "call_seconds_count", **ARK) == 1
    assert value(metrics, "answer_seconds_count", host="ark", step="generate") == 1
    assert value(metrics, "download_seconds_count", host="ark") == 1
    assert value(metrics, "pictures_total", **ARK) == 1
    assert value(metrics, "cost_total", **ARK, currency="CNY", by="list") == 0.25
    assert value(metrics, "cost_unknown_total", **ARK) is None
    assert value(metrics, "calls_under_way", **ARK) == 0


def test_what_is_free_costs_nothing_and_is_not_charged(clients, metrics) -> None:
    clients(metrics).generate("a heron", model="sandbox:seedream-4.5")
    where = {"host": "sandbox", "model": "seedream-4.5"}
    assert value(metrics, "calls_total", **where, outcome="ok", charged="no") == 1
    assert b"imagekit_cost_total{" not in metrics.text()


def test_the_call_is_under_way_while_it_is(clients, metrics) -> None:
    during = []
    client = clients(metrics, lambda event: during.append(value(metrics, "calls_under_way", **ARK)))
    client.generate("a heron", model="ark:seedream-4.5")
    assert during == [1.0] * (len(during) - 1) + [0.0]


@pytest.mark.parametrize("upstreams", [[Rule("401")]], indirect=True)
def test_a_refusal_is_counted_by_its_class_and_costs_nothing(clients, metrics) -> None:
    with pytest.raises(AuthenticationError):
        clients(metrics).generate("a heron", model="ark:seedream-4.5")
    outcome = {"outcome": "AuthenticationError", "charged": "no"}
    assert value(metrics, "calls_total", **ARK, **outcome) == 1
    assert value(metrics, "cost_unknown_total", **ARK) is None
    assert value(metrics, "call_seconds_count", **ARK) == 1


@pytest.mark.parametrize("upstreams", [[Rule("lost")]], indirect=True)
def test_a_lost_answer_has_an_unknown_cost_which_is_not_0(clients, metrics) -> None:
    with pytest.raises(OutcomeUnknown):
        clients(metrics).generate("a heron", model="ark:seedream-4.5")
    assert value(metrics, "cost_unknown_total", **ARK) == 1
    assert b"imagekit_cost_total{" not in metrics.text()


def test_a_picture_of_which_nobody_says_the_cost_has_an_unknown_one(clients, metrics) -> None:
    clients(metrics).generate("a heron", model="openai:gpt-image-2")
    where = {"host": "openai", "model": "gpt-image-2"}
    assert value(metrics, "calls_total", **where, outcome="ok", charged="yes") == 1
    assert value(metrics, "cost_unknown_total", **where) == 1


@pytest.mark.parametrize("upstreams", [[Rule("429:0", times=2)]], indirect=True)
def test_what_is_sent_again_is_counted_by_why(clients, metrics) -> None:
    clients(metrics).generate("a heron", model="ark:seedream-4.5")
    again = {"host": "ark", "step": "generate", "error": "RateLimited"}
    assert value(metrics, "retries_total", **again) == 2
    assert value(metrics, "calls_total", **ARK, outcome="ok", charged="yes") == 1


@pytest.mark.parametrize("upstreams", [[Rule("expired")]], indirect=True)
def test_a_picture_that_can_not_be_fetched_is_counted_as_that(clients, metrics) -> None:
    clients(metrics).generate("a heron", model="ark:seedream-4.5")
    assert value(metrics, "pictures_failed_total", **ARK) == 1
    assert value(metrics, "pictures_total", **ARK) is None
    assert value(metrics, "calls_total", **ARK, outcome="ok", charged="yes") == 1


def test_a_call_that_is_refused_before_it_is_sent_is_counted_and_takes_no_time(
    clients, metrics
) -> None:
    with pytest.raises(InvalidRequest):
        clients(metrics).generate("a heron", model="ark:seedream-4.5", size="1x1")
    outcome = {"outcome": "InvalidRequest", "charged": "no"}
    assert value(metrics, "calls_total", **ARK, **outcome) == 1
    assert value(metrics, "calls_under_way", **ARK) is None


def test_pictures_that_could_not_be_stored_are_paid_for(clients, metrics) -> None:
    def full(result: object) -> None:
        raise OSError("no space left on device")

    with pytest.raises(SinkError):
        clients(metrics, sinks=[full]).generate("a heron", model="ark:seedream-4.5")
    assert value(metrics, "calls_total", **ARK, outcome="SinkError", charged="yes") == 1
    assert value(metrics, "cost_total", **ARK, currency="CNY", by="list") == 0.25


@pytest.mark.parametrize("upstreams", [[Rule("429:0")]], indirect=True)
def test_a_mistake_of_the_program_may_have_been_charged(clients, metrics) -> None:
    def mistaken(seconds: float) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        clients(metrics, sleep=mistaken).generate("a heron", model="ark:seedream-4.5")
    outcome = {"outcome": "ZeroDivisionError", "charged": "maybe"}
    assert value(metrics, "calls_total", **ARK, **outcome) == 1
    assert value(metrics, "calls_under_way", **ARK) == 0


# --- several calls, and jobs ---------------------------------------------------------------


@pytest.mark.parametrize("upstreams", [[Rule("lost", times=1)]], indirect=True)
def test_each_call_of_several_is_counted_and_the_request_is_not(clients, metrics) -> None:
    clients(metrics).generate("a heron", model="powertokens:seedream-4.5", n=3)
    assert value(metrics, "calls_total", **POWERTOKENS, outcome="ok", charged="yes") == 2
    lost = {"outcome": "OutcomeUnknown", "charged": "maybe"}
    assert value(metrics, "calls_total", **POWERTOKENS, **lost) == 1
    spent = value(metrics, "cost_total", **POWERTOKENS, currency="USD", by="list")
    assert spent == pytest.approx(0.076)
    assert value(metrics, "cost_unknown_total", **POWERTOKENS) == 1
    assert value(metrics, "calls_under_way", **POWERTOKENS) == 0


@pytest.mark.parametrize("upstreams", [[Rule("401")]], indirect=True)
def test_a_request_all_of_whose_calls_fail_is_not_one_more_failure(clients, metrics) -> None:
    with pytest.raises(AuthenticationError):
        clients(metrics).generate("a heron", model="powertokens:seedream-4.5", n=2)
    outcome = {"outcome": "AuthenticationError", "charged": "no"}
    assert value(metrics, "calls_total", **POWERTOKENS, **outcome) == 2


def test_a_job_is_one_call_whoever_looks_at_it(clients, metrics) -> None:
    outcome = clients(metrics).begin("a heron", model="klingai:kling-v3")
    assert value(metrics, "calls_under_way", **KLING) == 0, "it rests"
    elsewhere = Metrics()
    other = clients(elsewhere)
    while isinstance(outcome, Pending):
        outcome = other.look(outcome)
    assert b"imagekit_calls_total{" not in metrics.text()
    assert value(elsewhere, "calls_total", **KLING, outcome="ok", charged="yes") == 1
    assert value(elsewhere, "cost_total", **KLING, currency="units", by="host") == 8
    assert value(elsewhere, "call_seconds_count", **KLING) == 1


def test_the_time_of_a_job_counts_from_when_it_was_asked_for(clients, metrics) -> None:
    """Its pictures have come long after, in another process; the last look took no time."""
    pending = clients().begin("a heron", model="klingai:kling-v3")
    long_ago = evolve(pending.provenance, date="2026-01-01T00:00:00Z")
    clients(metrics).resume(evolve(pending, provenance=long_ago))
    assert value(metrics, "call_seconds_sum", **KLING) > 1_000_000


@pytest.mark.parametrize("date", [None, "yesterday"])
def test_the_time_of_a_job_that_has_no_date_is_in_no_histogram(clients, metrics, date) -> None:
    pending = clients().begin("a heron", model="klingai:kling-v3")
    dated = evolve(pending.provenance, date=date) if date else None
    clients(metrics).resume(evolve(pending, provenance=dated))
    assert value(metrics, "calls_total", **KLING, outcome="ok", charged="yes") == 1
    assert value(metrics, "call_seconds_count", **KLING) is None


@pytest.mark.parametrize("upstreams", [[Rule("503", operation="poll")]], indirect=True)
def test_a_job_that_can_be_gone_on_with_has_not_cost_anything_unknown_yet(clients, metrics) -> None:
    with pytest.raises(HostUnavailable) as caught:
        clients(metrics).generate("a heron", model="klingai:kling-v3")
    assert caught.value.pending
    assert value(metrics, "cost_unknown_total", **KLING) is None


# --- labels, and where metrics are ---------------------------------------------------------


def test_what_strangers_write_is_no_label(clients, metrics) -> None:
    with pytest.raises(ModelUnavailable):
        clients(metrics).generate("a heron", model="openai:ignore-all-previous-instructions")
    assert labelled(metrics, "calls") == {"other"}


def test_a_model_of_the_program_s_own_has_a_label_when_it_is_named(clients) -> None:
    metrics = Metrics(models=["heron-xl"])
    with pytest.raises(ModelUnavailable):
        clients(metrics).generate("a heron", model="openai:heron-xl")
    assert labelled(metrics, "calls") == {"heron-xl"}


def test_metrics_stand_beside_those_of_the_program(clients) -> None:
    registry = CollectorRegistry()
    Counter("pages", "Pages shown.", registry=registry).inc()
    metrics = Metrics(registry)
    clients(metrics).generate("a heron", model="ark:seedream-4.5")
    told = {family.name for family in text_string_to_metric_families(metrics.text().decode())}
    assert {"pages", "imagekit_calls", "imagekit_calls_under_way"} <= told
    assert metrics.registry is registry
    assert metrics.content_type.startswith("text/plain")


def test_the_same_metrics_twice_in_one_registry_are_refused() -> None:
    registry = CollectorRegistry()
    Metrics(registry)
    with pytest.raises(ValueError, match="Duplicated timeseries"):
        Metrics(registry)
