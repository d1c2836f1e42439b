"""A job in steps: begin it here, look at it there."""

from __future__ import annotations

import json

import pytest
from imagekit_sandbox.serving import Rule, Upstreams

from imagekit import Charged, HostUnavailable, OutcomeUnknown, Pending, Result, UsageError, events
from imagekit.settings.conversion import from_plain
from imagekit.testing.loopback import Answer, Loopback
from imagekit.values.plain.convert import to_plain


@pytest.fixture
def kling(garden):
    """A client of Kling as the sandbox speaks it."""
    from imagekit import Client

    clients = []

    def make(upstreams: Upstreams, **options):
        config = upstreams.configuration()
        client = Client(config=config, environment={}, sleep=lambda seconds: None, **options)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


MODEL = "klingai:kling-v3"


def test_a_job_is_given_back_at_once_and_finished_by_another_client(kling):
    with Upstreams() as upstreams:
        pending = kling(upstreams).begin("a heron", model=MODEL)
        assert isinstance(pending, Pending)
        outcome = from_plain(json.loads(json.dumps(to_plain(pending))), Pending)
        other = kling(upstreams)
        for _ in range(20):
            outcome = other.look(outcome)
            if isinstance(outcome, Result):
                break
        assert outcome.image.pixels
        assert [entry.pictures for entry in upstreams.ledger.entries] == [1]


def test_a_host_that_answers_at_once_gives_the_result(garden, drawn, png):
    stored = []
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url, sinks=[stored.append])
        result = client.begin("a lily", model="lily-1")
    assert result.image.read() == png
    assert stored == [result]


def test_begin_makes_one_paid_call(garden):
    with Loopback() as server, pytest.raises(UsageError, match="takes 3 paid calls"):
        garden(server.url).begin("a lily", model="lily-1", n=3)
    assert server.seen == []


def test_a_look_that_meets_trouble_has_the_job(kling):
    with Upstreams([Rule("500", operation="poll", times=9)]) as upstreams:
        client = kling(upstreams)
        pending = client.begin("a heron", model=MODEL)
        with pytest.raises(HostUnavailable) as caught:
            client.look(pending)
    assert caught.value.pending == pending
    assert caught.value.charged is Charged.MAYBE


def test_a_begin_whose_answer_is_lost_gives_what_asks_by_name(kling):
    """Whether there is such a job is not known yet; to look at it buys nothing."""
    with Upstreams([Rule("lost", operation="generate")]) as upstreams:
        client = kling(upstreams)
        pending = client.begin("a heron", model=MODEL)
        assert isinstance(pending, Pending)
        assert len(client.resume(pending).images) == 1
        assert [entry.pictures for entry in upstreams.ledger.entries] == [1]


def test_a_begin_whose_answer_is_lost_elsewhere_is_an_error(garden):
    with Loopback(Answer(cut=0)) as server, pytest.raises(OutcomeUnknown):
        garden(server.url).begin("a lily", model="lily-1")


def test_observers_hear_that_a_job_is_given_back_and_then_of_its_end(kling):
    seen: list[events.Event] = []
    with Upstreams() as upstreams:
        client = kling(upstreams, observers=[seen.append])
        outcome = begun = client.begin("a heron", model=MODEL)
        while isinstance(outcome, Pending):
            outcome = client.look(outcome)
    ends = [event for event in seen if isinstance(event, events.GivenBack | events.Finished)]
    kinds = [type(event).__name__ for event in ends]
    assert set(kinds[:-1]) == {"GivenBack"}
    assert kinds[-1] == "Finished"
    assert [event.step for event in ends[:2]] == ["generate", "poll"]
    assert ends[0].pending == begun
    assert {event.call for event in seen} == {begun.call}


def test_events_of_a_job_carry_its_call_also_in_another_process(kling):
    seen: list[events.Event] = []
    with Upstreams() as upstreams:
        pending = kling(upstreams, observers=[seen.append]).begin("a heron", model=MODEL)
        kling(upstreams, observers=[seen.append]).resume(pending)
    assert {event.call for event in seen} == {pending.call}
