"""One call from send to result: polling, deadlines, retries, events and sinks.

`Jobs` below is what a third party would write for a host that answers with a job.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from attrs import evolve

from imagekit import (
    AuthenticationError,
    Call,
    Charged,
    Client,
    DeadlineExceeded,
    Fact,
    Family,
    HostError,
    HostSettings,
    HostUnavailable,
    JournalError,
    Model,
    ModelUnavailable,
    NoPictures,
    Offer,
    OutcomeUnknown,
    Pending,
    PermissionDenied,
    Plugins,
    RateLimited,
    RecordsAt,
    Refusal,
    RejectedRequest,
    Reply,
    Request,
    Response,
    Result,
    Retry,
    SinkError,
    State,
    TransportError,
    UnreadableAnswer,
    UsageError,
    Wire,
    events,
    hookimpl,
    spell,
)
from imagekit.testing import Answer, Loopback, Seen
from imagekit.wires.answers import object_of, refuse
from imagekit.wires.openai_answers import result_of

# --- a wire with jobs: POST /jobs, then GET /jobs/<task> until it is done --------------------


class JobWire(Wire):
    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        return Request("POST", call.route.url(), body=json.dumps(call.fields).encode())

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result | Pending:
        document = object_of(call, response)
        if response.status == 422:  # how some hosts answer for a job that failed
            raise refuse(call, response, Refusal("it failed"), HostUnavailable, final=True)
        if response.status >= 400 or "error" in document:
            raise refuse(call, response, Refusal("no", document.get("error")))
        if document["state"] == "failed":
            raise NoPictures("the job failed", status=200, charged=Charged.NO, final=True)
        if document["state"] == "done":
            return result_of(call, response, document)
        poll = Request("GET", f"{call.route.url()}/{document['task']}", {}, None, "poll", True)
        longest = document.get("longest")
        return Pending(poll, wait=5.0, task=document["task"], charged=Charged.YES, longest=longest)


class Jobs:
    """A plugin: a model with jobs, offered on behalf of another plugin's host."""

    @hookimpl
    def imagekit_wires(self) -> Iterable[Wire]:
        return [JobWire("jobs", frozenset({"b64_json"}), paths={"generate": "/jobs"})]

    @hookimpl
    def imagekit_families(self) -> Iterable[Family]:
        return [Family("tulip", "Tulip", (Model("tulip-1", "Tulip 1"),))]

    @hookimpl
    def imagekit_offers(self) -> Iterable[Offer]:
        return [Offer("tulip-1", "tulip-1", "jobs", spells=spell("model prompt"), host="garden")]


class Notes:
    """A journal: which steps it was told, with what."""

    def __init__(self):
        self.steps, self.calls = [], set()

    def _note(self, word, purchase, told=None):
        self.steps.append((word, told))
        self.calls.add(purchase.id)

    def sending(self, purchase):
        self._note("sending", purchase)

    def accepted(self, purchase, pending):
        self._note("accepted", purchase, pending)

    def answered(self, purchase, result, more):
        self._note("answered", purchase, result)

    def kept(self, purchase, result):
        self._note("kept", purchase, result)

    def left(self, purchase, pending):
        self._note("left", purchase, pending)

    def ended(self, purchase, error):
        self._note("ended", purchase, error)


RUNNING = Answer(json={"state": "running", "task": "t1"})
FAILED = Answer(json={"state": "failed", "task": "t1"})


@pytest.fixture
def done(drawn) -> Answer:
    return Answer(json={"state": "done", **drawn})


def requests(server: Loopback) -> list[str]:
    return [f"{seen.method} {seen.path}" for seen in server.seen]


# --- polling ---------------------------------------------------------------------------------


def test_a_job_is_asked_for_until_it_is_done(garden, naps, done, png):
    with Loopback(RUNNING, RUNNING, done) as server:
        result = garden(server.url, Jobs()).generate("a tulip", model="tulip-1")
    assert result.image.read() == png
    assert requests(server) == ["POST /jobs", "GET /jobs/t1", "GET /jobs/t1"]
    assert naps == [5.0, 5.0]
    assert all(seen.headers["authorization"] for seen in server.seen), "polls are signed, too"


class OddJobs(Jobs):
    @hookimpl
    def imagekit_offers(self) -> Iterable[Offer]:
        (offer,) = super().imagekit_offers()
        return [
            evolve(offer, headers={"X-Odd": "1"}, id_fact=Fact("x", "2026-11", State.UNVERIFIED))
        ]


def test_what_the_call_knows_no_wire_has_to_say(garden, naps, done):
    """Of whom it was asked for what, what became of it, and the headers of the offer."""
    with Loopback(RUNNING, done) as server:
        result = garden(server.url, OddJobs()).generate("a tulip", model="tulip-1")
    assert (result.host, result.model) == ("garden", "tulip-1")
    assert [line.parameter for line in result.receipt.lines] == ["model", "prompt"]
    assert any("unverified" in note for note in result.notes)
    assert [seen.headers["x-odd"] for seen in server.seen] == ["1", "1"]


def test_a_deadline_leaves_a_job_that_another_process_can_finish(garden, naps, done, png):
    with Loopback(RUNNING, done) as server:
        with pytest.raises(DeadlineExceeded, match="t1 can be resumed") as caught:
            garden(server.url, Jobs()).generate("a tulip", model="tulip-1", deadline=0.9)
        assert caught.value.charged is Charged.YES
        assert naps == [], "there is no time for another look"
        stored = pickle.dumps(caught.value)
        result = garden(server.url, Jobs()).resume(pickle.loads(stored).pending)
    assert result.image.read() == png
    assert result.receipt["prompt"].value == "a tulip"
    assert requests(server) == ["POST /jobs", "GET /jobs/t1"], "nothing was bought twice"
    assert b"key-of-the-garden" not in stored


def test_a_job_that_would_take_the_key_elsewhere_is_not_resumed(garden, done):
    with Loopback(RUNNING) as server, Loopback(done) as stranger:
        client = garden(server.url, Jobs())
        with pytest.raises(DeadlineExceeded) as caught:
            client.generate("a tulip", model="tulip-1", deadline=0.9)
        job = caught.value.pending
        forged = evolve(job, request=evolve(job.request, url=f"{stranger.url}/jobs/t1"))
        with pytest.raises(UsageError, match="a key goes to its own host alone"):
            client.resume(forged)
        assert stranger.seen == []


def test_the_users_own_headers_are_in_no_job_and_in_every_look(garden, done):
    with Loopback(RUNNING, done) as server:
        client = garden(server.url, Jobs(), settings={"headers": {"X-Gate": "gate-secret"}})
        with pytest.raises(DeadlineExceeded) as caught:
            client.generate("a tulip", model="tulip-1", deadline=0.9)
        assert b"gate-secret" not in pickle.dumps(caught.value.pending)
        client.resume(caught.value.pending)
        assert [seen.headers["x-gate"] for seen in server.seen] == ["gate-secret"] * 2


def test_a_job_is_looked_at_once_more_just_before_the_deadline(garden, naps, done):
    with Loopback(RUNNING, done) as server:
        garden(server.url, Jobs()).generate("a tulip", model="tulip-1", deadline=4.0)
    (nap,) = naps
    assert nap <= 3.0, "and not after 5 s, as the host would have it"


@pytest.mark.parametrize(("looks", "ends"), [(4, "well"), (5, "badly")])
def test_trouble_between_two_looks_is_looked_past_for_a_while(garden, done, looks, ends):
    """A job that is paid for is not given up for a proxy's page."""
    page = Answer(body=b"<html>Bad gateway</html>")
    with Loopback(RUNNING, *[page] * looks, done) as server:
        client = garden(server.url, Jobs(), retry=Retry(attempts=1))
        if ends == "well":
            assert client.generate("a tulip", model="tulip-1").images
        else:
            with pytest.raises(UnreadableAnswer) as caught:
                client.generate("a tulip", model="tulip-1")
            assert caught.value.pending.task == "t1"
    assert requests(server).count("POST /jobs") == 1


def test_a_job_is_asked_for_less_and_less_often_where_the_wire_says_so(garden, naps, done):
    slow = Answer(json={"state": "running", "task": "t1", "longest": 10.0})
    with Loopback(*[slow] * 5, done) as server:
        garden(server.url, Jobs()).generate("a tulip", model="tulip-1")
    assert naps == [5.0, 7.5, 10.0, 10.0, 10.0]


def test_each_wait_is_in_the_log_and_told_with_the_job_it_is_for(garden, done, caplog):
    told: list[events.Event] = []
    caplog.set_level("INFO", "imagekit")
    with Loopback(RUNNING, done) as server:
        client = garden(server.url, Jobs(), observers=[told.append])
        client.generate("a tulip", model="tulip-1")
    (waiting,) = [event for event in told if isinstance(event, events.Waiting)]
    assert (waiting.pending.task, waiting.pending.wait) == ("t1", 5.0)
    assert (waiting.route, waiting.call) == ("garden:tulip-1", told[0].call)
    assert "garden:tulip-1: asking for the job again in 5.0 s" in caplog.messages


def test_a_job_that_is_to_be_asked_for_elsewhere_is_written_down_anew(garden, done):
    """And one that is still asked for in the same way is not."""

    notes, moved = Notes(), Answer(json={"state": "running", "task": "t2"})
    with Loopback(RUNNING, RUNNING, moved, moved, done) as server:
        garden(server.url, Jobs(), journal=notes).generate("a tulip", model="tulip-1")
    assert [told.task for word, told in notes.steps if word == "accepted"] == ["t1", "t2"]
    assert len(notes.calls) == 1
    assert requests(server)[-2:] == ["GET /jobs/t2"] * 2


def test_a_job_that_is_given_back_is_left_to_whoever_looks_at_it(garden, done):
    notes = Notes()
    with Loopback(RUNNING, RUNNING, done) as server:
        client = garden(server.url, Jobs(), journal=notes)
        client.look(client.look(client.begin("a tulip", model="tulip-1")))
    words = [word for word, _ in notes.steps]
    assert words == ["sending", "accepted", "left", "left", "answered", "kept"]
    assert notes.steps[2] == ("left", notes.steps[1][1])


def test_ctrl_c_leaves_the_job(garden):
    notes = Notes()

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with Loopback(RUNNING) as server:
        client = garden(server.url, Jobs(), journal=notes, sleep=stop)
        with pytest.raises(KeyboardInterrupt):
            client.generate("a tulip", model="tulip-1")
    assert [word for word, _ in notes.steps] == ["sending", "accepted", "left"]
    assert notes.steps[2][1].request == notes.steps[1][1].request


def test_a_job_that_can_not_be_written_down_is_given_with_the_error(garden):
    class Full(Notes):
        def accepted(self, purchase, pending):
            raise OSError("it is full")

    with Loopback(RUNNING) as server, pytest.raises(JournalError, match="it is full") as caught:
        garden(server.url, Jobs(), journal=Full()).begin("a tulip", model="tulip-1")
    assert caught.value.pending.task == "t1"


def test_a_lost_answer_comes_with_what_the_host_offers_to_find_it(toys):
    garden = toys.imagekit_hosts()[0]
    lists = evolve(garden, name="shed", records="GET /kept lists it")
    keeps = evolve(
        garden,
        name="attic",
        records_at=RecordsAt(fact=Fact("https://docs.invalid/kept", "2026-11-29")),
    )

    class Shed:
        @hookimpl
        def imagekit_hosts(self):
            return [lists, keeps]

    with Loopback(Answer(cut=0)) as server:
        named = {
            "shed": HostSettings(base_url=server.url),
            "attic-2": HostSettings(base_url=server.url, kind="attic"),
        }
        keys = dict.fromkeys(named, "k")
        plugins = Plugins.of(toys, Shed())
        with Client(plugins=plugins, environment={}, credentials=keys, hosts=named) as client:
            for host, told in (
                ("shed", "GET /kept lists it"),
                ("attic-2", "`imagekit records list --at attic-2` has what was made with this key"),
            ):
                with pytest.raises(OutcomeUnknown) as caught:
                    client.generate("a lily", model=f"{host}:lily-1")
                assert str(caught.value).endswith(f"not sent again; {told}")


def test_a_job_that_never_ends_is_given_up_after_an_hour_when_nobody_says_how_long(garden):
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += 20 * seconds

    with Loopback(RUNNING) as server:
        client = garden(server.url, Jobs())
        client.engine = client.engine.having(monotonic=lambda: clock[0], sleep=sleep)
        with pytest.raises(DeadlineExceeded) as caught:
            client.generate("a tulip", model="tulip-1")
    assert clock[0] == 3600
    assert caught.value.pending.task == "t1"


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(500),
        Answer(502, body=b"<html>"),
        Answer(cut=0),
        Answer(body=b'{"sta'),
        Answer(520),
        Answer(524, json="timed out"),
        Answer(429),
        Answer(json={"error": "5000"}),
        Answer(json={"error": "503"}),
    ],
)
def test_a_failing_poll_is_asked_again_and_the_paid_post_never(garden, done, trouble):
    with Loopback(RUNNING, trouble, trouble, done) as server:
        garden(server.url, Jobs()).generate("a tulip", model="tulip-1")
    assert requests(server) == ["POST /jobs"] + 3 * ["GET /jobs/t1"]


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (Answer(500), HostUnavailable),
        (Answer(404), ModelUnavailable),
        (Answer(401), AuthenticationError),
        (Answer(403, body=b"<html>"), PermissionDenied),
        (Answer(302, headers={"Location": "/login"}), RejectedRequest),
        (Answer(400, json={}), RejectedRequest),
        (Answer(json={"error": "5000"}), HostError),
        (Answer(json={"error": "401"}), AuthenticationError),
        (Answer(cut=0), TransportError),
        (Answer(body=b'{"sta'), UnreadableAnswer),
        (Answer(), UnreadableAnswer),
    ],
)
def test_an_error_while_a_job_runs_carries_the_job_and_its_charge(garden, done, trouble, error):
    """Whatever the poll itself would have cost: the job is accepted and can be resumed."""
    with Loopback(RUNNING, trouble) as server:
        client = garden(server.url, Jobs())
        with pytest.raises(error) as caught:
            client.generate("a tulip", model="tulip-1")
        assert caught.value.charged is Charged.YES
        server.script(done)
        assert client.resume(caught.value.pending).images
    assert requests(server).count("POST /jobs") == 1


def test_a_job_that_failed_is_over_and_costs_what_the_host_says(garden):
    with Loopback(RUNNING, FAILED) as server, pytest.raises(NoPictures) as caught:
        garden(server.url, Jobs()).generate("a tulip", model="tulip-1")
    assert (caught.value.pending, caught.value.charged) == (None, Charged.NO)


@pytest.mark.parametrize("status", [401, 403, 404, 302])
def test_a_question_that_is_turned_away_is_told_at_once(garden, status):
    """Asking on for an hour would not find the key, or the job."""
    with Loopback(RUNNING, Answer(status)) as server, pytest.raises(HostError) as caught:
        garden(server.url, Jobs()).generate("a tulip", model="tulip-1")
    assert caught.value.pending.task == "t1"
    assert requests(server) == ["POST /jobs", "GET /jobs/t1"]


def test_only_the_wire_says_that_a_job_has_ended_and_then_it_has(garden):
    """Whatever the status, and however much its error is like passing trouble."""
    failed = Answer(422, json={})
    with Loopback(RUNNING, failed) as server, pytest.raises(HostUnavailable) as caught:
        garden(server.url, Jobs()).generate("a tulip", model="tulip-1")
    assert (caught.value.final, caught.value.pending) == (True, None)
    assert requests(server) == ["POST /jobs", "GET /jobs/t1"]


# --- sending again, or not -------------------------------------------------------------------

SLOW_DOWN = {"error": {"code": "slow_down", "message": "too fast"}}
DATE = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:09 GMT", "Date": DATE}, 9.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:00:00 GMT", "Date": DATE}, 0.0),
    ],
)
def test_a_refusal_documented_as_free_is_waited_out_as_the_host_says(
    garden, naps, drawn, headers, wait
):
    with Loopback(Answer(429, SLOW_DOWN, headers=headers), Answer(json=drawn)) as server:
        assert garden(server.url).generate("a lily", model="lily-1").images
    assert naps == [wait]
    assert server.seen[0].body == server.seen[1].body


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "soon"}])
def test_without_a_word_from_the_host_each_wait_is_up_to_twice_the_last(garden, naps, headers):
    refusal = Answer(429, SLOW_DOWN, headers=headers)
    with Loopback(refusal) as server, pytest.raises(RateLimited) as caught:
        garden(server.url).generate("a lily", model="lily-1")
    assert len(server.seen) == 4
    assert [0.25 * 2**turn <= nap <= 0.5 * 2**turn for turn, nap in enumerate(naps)] == 3 * [True]
    assert caught.value.retry_after is None


@pytest.mark.parametrize(("asked", "deadline"), [("3600", None), ("60", 30.0)])
def test_a_wait_that_is_too_long_is_the_callers_to_decide(garden, naps, asked, deadline):
    refusal = Answer(429, SLOW_DOWN, headers={"Retry-After": asked})
    with Loopback(refusal) as server, pytest.raises(RateLimited) as caught:
        garden(server.url).generate("a lily", model="lily-1", deadline=deadline)
    assert (caught.value.retry_after, caught.value.retryable) == (float(asked), True)
    assert (len(server.seen), naps) == (1, [])


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, RateLimited), (500, HostUnavailable), (502, HostUnavailable), (503, HostUnavailable)],
)
def test_a_status_alone_never_sends_a_paid_call_again(garden, naps, status, error):
    """What a host does not document as free may have been charged."""
    answer = Answer(status, {"error": {"message": "busy"}}, headers={"Retry-After": "1"})
    with Loopback(answer) as server, pytest.raises(error) as caught:
        garden(server.url).generate("a lily", model="lily-1")
    assert caught.value.charged is Charged.MAYBE
    assert (len(server.seen), naps) == (1, [])


# --- the deadline ----------------------------------------------------------------------------


def test_a_slow_drip_is_stopped_by_the_deadline(garden, drawn):
    """No single read ever times out, so only the clock can tell: a second at every look."""
    with Loopback(Answer(json=drawn, drip=0.005)) as server:
        client = garden(server.url)
        client.engine = client.engine.having(monotonic=count().__next__)
        with pytest.raises(DeadlineExceeded) as caught:
            client.generate("a lily", model="lily-1", deadline=10.0)
    assert (caught.value.charged, caught.value.pending) == (Charged.MAYBE, None)


def test_a_deadline_that_has_passed_sends_nothing(garden):
    with Loopback() as server:
        with pytest.raises(DeadlineExceeded) as caught:
            garden(server.url).generate("a lily", model="lily-1", deadline=0.0)
        assert server.connections == 0
    assert caught.value.charged is Charged.NO


def test_a_host_that_stops_in_the_middle_is_given_up_at_the_deadline(garden, drawn):
    """The socket's time-out is the deadline's, and is not taken for the host breaking off."""
    with Loopback(Answer(json=drawn, drip=600)) as server, pytest.raises(DeadlineExceeded):
        garden(server.url).generate("a lily", model="lily-1", deadline=0.25)


# --- observers and sinks ---------------------------------------------------------------------


def test_observers_see_every_step_of_a_call_in_order(garden, drawn):
    seen: list[events.Event] = []
    with Loopback(Answer(429, SLOW_DOWN), Answer(json=drawn)) as server:
        client = garden(server.url, observers=[seen.append])
        client.engine = client.engine.having(monotonic=lambda: 0.0)
        result = client.generate("a lily", model="lily-1")
        url = f"{server.url}/images/generations"
    retrying = seen[2]
    assert isinstance(retrying, events.Retrying)
    assert isinstance(retrying.error, RateLimited)
    where = ("garden:lily-1", "generate")
    assert seen == [
        events.Sending(*where, "POST", url),
        events.Received(*where, 429, 0.0),
        events.Retrying(*where, retrying.wait, retrying.error),
        events.Sending(*where, "POST", url),
        events.Received(*where, 200, 0.0),
        events.Picture("garden:lily-1", "generate", result.image),
        events.Finished(*where, result),
    ]


def test_observers_see_a_job_wait_and_a_resumed_one_fail(garden):
    seen: list[events.Event] = []
    with Loopback(RUNNING, FAILED) as server:
        client = garden(server.url, Jobs(), observers=[seen.append])
        with pytest.raises(DeadlineExceeded) as caught:
            client.generate("a tulip", model="tulip-1", deadline=0.9)
        with pytest.raises(NoPictures):
            client.resume(caught.value.pending)
    assert [type(event).__name__ for event in seen] == [
        *("Sending", "Received", "Waiting", "Failed"),
        *("Waiting", "Sending", "Received", "Failed"),
    ]


def test_an_observer_that_raises_is_logged_and_harmless(garden, drawn, caplog):
    def broken(event: events.Event) -> None:
        raise ValueError("out of ink")

    seen: list[events.Event] = []
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url, observers=[broken, seen.append])
        assert client.generate("a lily", model="lily-1").images
    assert [type(event).__name__ for event in seen] == [
        "Sending",
        "Received",
        "Picture",
        "Finished",
    ]
    assert caplog.messages == [f"an observer failed on {type(event).__name__}" for event in seen]
    assert "out of ink" in caplog.text


def test_sinks_get_the_result_before_the_caller_and_in_order(garden, drawn):
    first: list[Result] = []
    second: list[tuple[Result, ...]] = []
    sinks = [first.append, lambda result: second.append((*first, result))]
    with Loopback(Answer(json=drawn)) as server:
        result = garden(server.url, sinks=sinks).generate("a lily", model="lily-1")
    assert second == [(result, result)]


def test_a_sink_that_fails_is_loud_and_the_pictures_are_safe(garden, drawn, png):
    def full(result: Result) -> None:
        raise OSError("no space left")

    loud = pytest.raises(SinkError, match="full could not store them: no space left")
    with Loopback(Answer(json=drawn)) as server, loud as caught:
        garden(server.url, sinks=[full]).generate("a lily", model="lily-1")
    assert caught.value.result.image.read() == png
    assert (caught.value.charged, caught.value.retryable) == (Charged.YES, False)


def test_ctrl_c_passes_through_and_observers_are_told(garden):
    class Interrupting:
        @hookimpl
        def imagekit_transport_wrapper(self, host: Any) -> Callable[..., Any]:
            def send(request: Request) -> Reply:
                raise KeyboardInterrupt

            return lambda inner: send

    seen: list[events.Event] = []
    client = garden("http://127.0.0.1:1", Interrupting(), observers=[seen.append])
    with pytest.raises(KeyboardInterrupt) as caught:
        client.generate("a lily", model="lily-1")
    assert seen[-1] == events.Failed("garden:lily-1", "generate", caught.value)


# --- threads ---------------------------------------------------------------------------------


def test_threads_that_share_a_client_get_their_own_results(garden, drawn):
    [item] = drawn["data"]

    def echo(seen: Seen) -> Answer:
        return Answer(json={"data": [{**item, "drawn": seen.json["prompt"]}]})

    prompts = [f"lily {number}" for number in range(64)]
    with Loopback(echo) as server:
        client = garden(server.url)

        def draw(prompt: str) -> tuple[Any, Any]:
            result = client.generate(prompt, model="lily-1")
            return result.receipt["prompt"].value, result.image.metadata["drawn"]

        with ThreadPoolExecutor(16) as threads:
            assert list(threads.map(draw, prompts)) == [(prompt, prompt) for prompt in prompts]


def test_silence_until_the_deadline_is_the_deadlines_error(garden):
    with Loopback(Answer(delay=60.0)) as server, pytest.raises(DeadlineExceeded) as caught:
        garden(server.url).generate("a lily", model="lily-1", deadline=0.5)
    assert caught.value.charged == "maybe"


def test_every_sink_is_fed_also_after_one_that_failed(garden, drawn):
    fed = []

    def broken(result):
        raise OSError("full")

    with Loopback(Answer(json=drawn)) as server, pytest.raises(SinkError):
        garden(server.url, sinks=[broken, fed.append]).generate("a lily", model="lily-1")
    assert len(fed) == 1
