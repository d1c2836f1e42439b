"""More pictures than one call makes: several paid calls, one result, one receipt."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from imagekit import (
    Charged,
    Client,
    Family,
    Host,
    HostSettings,
    InvalidRequest,
    Model,
    NoAuth,
    Offer,
    OutcomeUnknown,
    Parameter,
    Plugins,
    Problem,
    Range,
    RateLimited,
    Result,
    Retry,
    Usage,
    events,
    hookimpl,
    spell,
)
from imagekit.testing import Answer, Loopback, Seen

Garden = Callable[..., Client]

ROSE = Family(
    "rose",
    "Rose",
    (Model("rose-3", "Rose 3", parameters=(Parameter("n", int, (Range(1, 3),)),)),),
)


class Roses:
    """A model that makes up to three pictures in a call."""

    @hookimpl
    def imagekit_families(self) -> list[Family]:
        return [ROSE]

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        offers = (Offer("rose-3", "rose-3", "openai-images", spells=spell("n")),)
        return [Host("bush", "Bush", "https://bush.invalid", NoAuth(), offers=offers)]


def answered(drawn: dict[str, Any], pictures: int = 1, **more: Any) -> Answer:
    return Answer(json={**drawn, "data": drawn["data"] * pictures, **more})


def bodies(server: Loopback) -> list[dict[str, Any]]:
    """What was sent; the calls go side by side, so in no order."""
    return sorted((seen.json for seen in server.seen), key=lambda body: body.get("seed", 0))


# --- what is sent --------------------------------------------------------------------------


def test_every_picture_is_a_call_where_a_call_makes_one(garden: Garden, drawn) -> None:
    with Loopback(answered(drawn)) as server:
        result = garden(server.url).generate("a lily", model="lily-1", n=3)
    assert bodies(server) == [{"model": "lily-one", "prompt": "a lily"}] * 3
    assert [image.index for image in result.images] == [0, 1, 2]


def test_a_seed_counts_on_and_the_receipt_says_so(garden: Garden, drawn) -> None:
    with Loopback(answered(drawn)) as server:
        result = garden(server.url).generate("a lily", model="lily-1", n=3, seed=7)
    assert [body["seed"] for body in bodies(server)] == [7, 8, 9]
    assert result.receipt["seed"].note == "counts on from call to call: 7, 8, 9"
    assert (result.receipt["n"].value, result.receipt["n"].note) == (3, "3 calls, one picture each")
    assert result.provenance.arguments() == {
        "model": "garden:lily-1",
        "prompt": "a lily",
        "n": 3,
        "seed": 7,
        "on_unsupported": "error",
    }


def test_a_random_seed_stays_random(garden: Garden, drawn) -> None:
    with Loopback(answered(drawn)) as server:
        garden(server.url).generate("a lily", model="lily-1", n=2, seed=-1)
    assert [body["seed"] for body in bodies(server)] == [-1, -1]


def test_a_call_is_asked_for_as_many_as_it_makes(drawn) -> None:
    with Loopback(lambda seen: answered(drawn, seen.json["n"])) as server:
        settings = {"bush": HostSettings(base_url=server.url)}
        with Client(plugins=Plugins.of(Roses()), environment={}, hosts=settings) as client:
            result = client.generate("a rose", model="rose-3", n=7)
    assert sorted(seen.json["n"] for seen in server.seen) == [1, 3, 3]
    assert [image.index for image in result.images] == list(range(7))
    assert result.receipt["n"].note == "3 calls, 3 + 3 + 1 pictures"


def test_a_plan_says_how_many_calls_will_be_paid(garden: Garden) -> None:
    plan = garden("https://garden.invalid").plan("a lily", model="lily-1", n=4, seed=1)
    assert (plan.paid_calls, plan.problems) == (4, ())
    assert plan.receipt["n"].note == "4 calls, one picture each"


# --- what is refused before anything is sent -------------------------------------------------


def test_a_slip_of_a_zero_buys_nothing(garden: Garden) -> None:
    with Loopback() as server, pytest.raises(InvalidRequest) as caught:
        garden(server.url).generate("a lily", model="lily-1", n=400)
    (problem,) = caught.value.problems
    assert str(problem) == "n: 400 pictures are 400 calls here; at most 32 are made"
    assert (problem.nearest, server.seen) == (32, [])


def test_one_bad_call_of_several_stops_them_all(garden: Garden) -> None:
    class NoNines:
        @hookimpl
        def imagekit_validate_request(self, call) -> list[Problem]:
            return [Problem("seed", "is 9")] if call.values.get("seed") == 9 else []

    with Loopback() as server, pytest.raises(InvalidRequest, match="seed: is 9"):
        garden(server.url, NoNines()).generate("a lily", model="lily-1", n=3, seed=7)
    assert server.seen == []


# --- partial success -------------------------------------------------------------------------

REFUSED = {"error": {"code": "content_policy_violation", "message": "not this one"}}


def refusing(drawn: dict[str, Any], *seeds: int, how: Answer) -> Callable[[Seen], Answer]:
    return lambda seen: how if seen.json["seed"] in seeds else answered(drawn)


def test_what_some_calls_made_is_kept_when_others_fail(garden: Garden, drawn) -> None:
    with Loopback(refusing(drawn, 8, how=Answer(400, json=REFUSED))) as server:
        result = garden(server.url).generate("a lily", model="lily-1", n=3, seed=7)
    assert [image.index for image in result.images] == [0, 2]
    (failure,) = result.failures
    assert (failure.index, failure.moderated, failure.code) == (1, True, "content_policy_violation")
    assert failure.error.type == "Moderated"
    assert "1 of 3 calls failed; charged: maybe" in result.notes


def test_a_picture_too_many_is_numbered_after_those_asked_for(garden: Garden, drawn) -> None:
    """And none is lost, or taken for that of another call."""
    with Loopback(answered(drawn, 2)) as server:
        result = garden(server.url).generate("a lily", model="lily-1", n=3)
    assert [image.index for image in result.images] == [0, 1, 2, 3, 4, 5]


def test_when_every_call_fails_the_gravest_charge_counts(garden: Garden, drawn) -> None:
    def lost(seen: Seen) -> Answer:
        return Answer(cut=0) if seen.json["seed"] == 8 else Answer(429, json={"error": {}})

    with Loopback(lost) as server, pytest.raises((RateLimited, OutcomeUnknown)) as caught:
        garden(server.url, retry=Retry(attempts=1)).generate("a lily", model="lily-1", n=2, seed=7)
    assert caught.value.charged is Charged.MAYBE
    assert len(server.seen) == 2, "a lost answer is not asked for again"
    assert len(caught.value.others) == len(server.seen) - 1, "each may have a job to go on with"


def test_usage_is_the_sum_and_unknown_if_one_call_does_not_say(garden: Garden, drawn) -> None:
    usage = {"usage": {"generated_images": 1, "total_tokens": 10}}
    with Loopback(answered(drawn, **usage)) as server:
        result = garden(server.url).generate("a lily", model="lily-1", n=2)
    assert result.usage == Usage(generated_images=2, total_tokens=20)
    with Loopback(answered(drawn, **usage), answered(drawn)) as server:
        assert garden(server.url).generate("a lily", model="lily-1", n=2).usage is None


@pytest.mark.parametrize(
    ("reply", "amount"),
    [(Answer(cut=0), None), (Answer(429, json={"error": {"code": "slow_down"}}), Decimal("0.04"))],
)
def test_a_call_that_failed_costs_nothing_only_where_that_is_certain(
    garden: Garden, drawn, reply: Answer, amount: Decimal | None
) -> None:
    with Loopback(answered(drawn, usage={"cost": "0.04"}), reply) as server:
        client = garden(server.url, retry=Retry(attempts=1), concurrency=1)
        cost = client.generate("a lily", model="lily-1", n=2).cost
    assert (cost.amount, cost.known) == (amount, {} if amount else {"": Decimal("0.04")})


# --- side by side ------------------------------------------------------------------------------


def test_calls_go_side_by_side_and_no_more_than_the_client_allows(garden: Garden, drawn) -> None:
    together, most, lock = [0], [0], threading.Lock()
    both = threading.Barrier(2, timeout=60)

    def answer(seen: Seen) -> Answer:
        with lock:
            together[0] += 1
            most[0] = max(most[0], together[0])
        both.wait()  # nobody is answered before another is here
        with lock:
            together[0] -= 1
        return answered(drawn)

    with Loopback(answer) as server:
        garden(server.url, concurrency=2).generate("a lily", model="lily-1", n=4)
    assert most == [2]


def test_a_deadline_is_that_of_all_the_calls(garden: Garden, drawn) -> None:
    with Loopback(answered(drawn), Answer(delay=60)) as server:
        client = garden(server.url, concurrency=1)
        result = client.generate("a lily", model="lily-1", n=2, deadline=1.0)
    assert result.failures[0].error.type == "DeadlineExceeded"


def test_once_stopped_no_further_call_is_sent(garden: Garden, drawn) -> None:
    stop = threading.Event()

    def answer(seen: Seen) -> Answer:
        stop.set()
        return answered(drawn)

    with Loopback(answer) as server:
        client = garden(server.url, concurrency=1)
        result = client.generate("a lily", model="lily-1", n=3, stop=stop)
    assert (len(server.seen), len(result.images)) == (1, 1)
    assert {failure.error.charged for failure in result.failures} == {Charged.NO}


def test_ctrl_c_sends_no_further_call_and_keeps_what_was_paid_for(garden: Garden, drawn) -> None:
    stop = threading.Event()

    def answer(seen: Seen) -> Answer:
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        stop.wait(60)  # which Ctrl-C sets
        return answered(drawn)

    with Loopback(answer) as server:
        client = garden(server.url, concurrency=1)
        result = client.generate("a lily", model="lily-1", n=3, stop=stop)
    assert (len(server.seen), len(result.images), len(result.failures)) == (1, 1, 2)


def test_ctrl_c_while_threads_are_being_started_waits_for_those_that_were(
    garden: Garden, drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, stop = threading.Event(), threading.Event()
    start = threading.Thread.start

    def interrupted(thread: threading.Thread) -> None:
        start(thread)
        if threading.current_thread() is threading.main_thread():
            monkeypatch.undo()
            asked.wait(60)
            raise KeyboardInterrupt

    def answer(seen: Seen) -> Answer:
        asked.set()
        stop.wait(60)  # which Ctrl-C sets
        return answered(drawn)

    with Loopback(answer) as server:
        client = garden(server.url, concurrency=2)
        monkeypatch.setattr(threading.Thread, "start", interrupted)
        result = client.generate("a lily", model="lily-1", n=4, stop=stop)
    assert (len(server.seen), len(result.images), len(result.failures)) == (1, 1, 3)


def test_sinks_hear_of_each_call_and_observers_of_one_end(garden: Garden, drawn) -> None:
    stored: list[Result] = []
    heard: list[str] = []
    with Loopback(answered(drawn)) as server:
        client = garden(
            server.url,
            sinks=[stored.append],
            observers=[lambda event: heard.append(type(event).__name__)],
        )
        result = client.generate("a lily", model="lily-1", n=2)
    assert sorted(one.image.index for one in stored) == [0, 1] == [i.index for i in result.images]
    assert (heard.count("Sending"), heard.count(events.Finished.__name__)) == (2, 1)


def test_observers_hear_into_which_calls_a_request_is_split_and_how_each_ends(
    garden: Garden, drawn
) -> None:
    seen: list[events.Event] = []

    def answer(call: Seen) -> Answer:
        return Answer(cut=0) if len(server.seen) == 1 else Answer(json=drawn)

    with Loopback(answer) as server:
        client = garden(server.url, observers=[seen.append], concurrency=1)
        client.generate("a lily", model="lily-1", n=3, id="row7")
    split = seen[0]
    assert isinstance(split, events.Split)
    assert (split.call, split.calls) == ("row7", ("row7-1", "row7-2", "row7-3"))
    ends = (events.Failed, events.PartFinished, events.Finished)
    assert [(type(end).__name__, end.call) for end in seen if isinstance(end, ends)] == [
        ("Failed", "row7-1"),
        ("PartFinished", "row7-2"),
        ("PartFinished", "row7-3"),
        ("Finished", "row7"),
    ]
    parts = [event.result for event in seen if isinstance(event, events.PartFinished)]
    assert [part.image.index for part in parts] == [1, 2]


def test_a_call_that_a_mistake_of_the_program_ends_is_told_of_as_well(garden: Garden) -> None:
    seen: list[events.Event] = []

    def mistaken(_: float) -> None:
        raise ZeroDivisionError

    with Loopback(Answer(429, json={"error": {"code": "slow_down"}})) as server:
        options = {"observers": [seen.append], "concurrency": 1, "sleep": mistaken}
        client = garden(server.url, **options)
        with pytest.raises(ZeroDivisionError):
            client.generate("a lily", model="lily-1", n=2, id="row7")
    ended = [event.call for event in seen if isinstance(event, events.Failed)]
    assert ended == ["row7-1", "row7"]


def test_a_call_that_fails_is_told_with_its_own_id(garden: Garden, drawn) -> None:
    """Its pictures are failures of the result; observers hear which call it was, and why."""
    seen: list[events.Event] = []

    def answer(call: Seen) -> Answer:
        return Answer(cut=0) if len(server.seen) == 1 else Answer(json=drawn)

    with Loopback(answer) as server:
        client = garden(server.url, observers=[seen.append], concurrency=1)
        result = client.generate("a lily", model="lily-1", n=3)
    (failed,) = [event for event in seen if isinstance(event, events.Failed)]
    assert isinstance(failed.error, OutcomeUnknown)
    assert failed.error.trouble == result.failures[0].error
    request = seen[-1].call
    assert isinstance(seen[-1], events.Finished)
    assert {event.call for event in seen} == {request, *(f"{request}-{at}" for at in (1, 2, 3))}
    assert failed.call == f"{request}-1"


def test_a_policy_that_rewrites_a_call_leaves_it_its_share(garden: Garden, drawn) -> None:
    """Its id, and the places of its pictures."""

    class Louder:
        @hookimpl
        def imagekit_prepare_call(self, call):
            return call.change(prompt=f"{call.prompt}!")

    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url, Louder())
        result = client.generate("a lily", model="lily-1", n=3)
    assert {seen.json["prompt"] for seen in server.seen} == {"a lily!"}
    assert [image.index for image in result.images] == [0, 1, 2]
