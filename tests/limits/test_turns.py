"""Paid calls that wait for their turn, and what they take and give back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from imagekit_sandbox.serving import Upstreams

from imagekit import (
    Alias,
    AuthenticationError,
    Budget,
    Charged,
    Claim,
    Client,
    Cost,
    Full,
    HostSettings,
    HostUnavailable,
    ImagekitError,
    InProcess,
    InvalidRequest,
    LimitReached,
    NotSent,
    OutcomeUnknown,
    Pending,
    PluginError,
    RateLimited,
    Retry,
    SinkError,
    Standing,
    UsageError,
    calling_for,
    events,
)
from imagekit.testing import Answer, Loopback

ONE_DOLLAR = {"budget": Budget("1", "USD")}
Make = Callable[..., Client]


@pytest.fixture
def drawn(drawn: Any) -> Answer:
    return Answer(json=drawn)


def free(status: int, **more: Any) -> Answer:
    """A refusal that the host never charges for."""
    return Answer(status, json={"error": {"code": "free", "message": "no"}}, **more)


class Counting(InProcess):
    """Counts, and notes what it is told."""

    def __init__(self, clock: Any) -> None:
        super().__init__(clock, clock)
        self.claimed: list[Claim] = []
        self.released: list[tuple[str, Cost | None]] = []
        self.rested: list[tuple[str, float]] = []

    def claim(self, claim: Claim) -> Full | None:
        self.claimed.append(claim)
        return super().claim(claim)

    def release(self, call: str, cost: Cost | None) -> None:
        self.released.append((call, cost))
        super().release(call, cost)

    def rest(self, host: str, seconds: float) -> None:
        self.rested.append((host, seconds))
        super().rest(host, seconds)

    @property
    def spent(self) -> Decimal:
        """Of the budget of all."""
        return next(
            total.spent for (of, _, _), total in self._ledger._sums.items() if of == "budget"
        )


@pytest.fixture
def shared(clock: Any) -> Counting:
    return Counting(clock)


def generate(client: Client, **asked: Any) -> Any:
    return client.generate("a lily", model="pond:lily-1", **asked)


def refused(client: Client, **asked: Any) -> LimitReached:
    with pytest.raises(LimitReached) as caught:
        generate(client, **asked)
    assert caught.value.charged is Charged.NO
    return caught.value


class Held:
    """A server whose answers wait until they are let go, one by one."""

    def __init__(self, answer: Answer) -> None:
        self.arrived, self._go, self.answer = threading.Semaphore(0), threading.Semaphore(0), answer
        self.prompts: list[str] = []

    def __call__(self, seen: Any) -> Answer:
        self.prompts.append(seen.json["prompt"])
        self.arrived.release()
        self._go.acquire()
        return self.answer

    def let_go(self, count: int = 1) -> None:
        self._go.release(count)


@contextmanager
def working(*works: Callable[[], object]) -> Iterator[list[threading.Thread]]:
    """Threads that have all come to their end afterwards."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    yield threads
    for thread in threads:
        thread.join()


# --- what a program gives, and what is configured ------------------------------------------------


@pytest.mark.parametrize(
    ("own", "configured", "refusing"),
    [
        ("0.25 USD", "1 USD", 'client.budget = "0.25 USD"'),
        ("1 USD/day", "0.25 USD/month", 'budget = "0.25 USD/month"'),
    ],
)
def test_a_budget_of_a_program_holds_beside_the_configured_one(
    ponds: Make, drawn: Answer, own: str, configured: str, refusing: str
) -> None:
    settings = {"budget": Budget.parse(configured)}
    with Loopback(drawn) as server:
        client = ponds({"pond": server.url}, settings=settings, budget=own)
        for _ in range(2):
            generate(client)
        error = refused(client)
    assert str(error).startswith(f"{refusing} has no room: 0.2 USD")
    assert client.spent() == {"budget": Decimal("0.2"), "client": Decimal("0.2")}


# --- in line -------------------------------------------------------------------------------------


def test_a_minute_s_calls_go_at_once_and_the_next_waits(
    ponds: Make, drawn: Answer, clock: Any, shared: Counting
) -> None:
    told: list[Any] = []
    with Loopback(drawn) as server:
        client = ponds(
            {"pond": server.url},
            {"pond": {"rpm": 2}},
            sharing=shared,
            sleep=clock.sleep,
            observers=[told.append],
        )
        for _ in range(4):
            generate(client)
    assert clock.now == pytest.approx(1_060)
    queued = [event for event in told if isinstance(event, events.Queued)]
    assert [event.limit for event in queued] == ["rpm", "rpm"]
    assert queued[0].why == "hosts.pond.rpm = 2: the next in 30.0 s"
    assert queued[0].route == "pond:lily-1"


def test_no_turn_comes_before_the_deadline(
    ponds: Make, drawn: Answer, clock: Any, shared: Counting
) -> None:
    with Loopback(drawn) as server:
        client = ponds(
            {"pond": server.url}, {"pond": {"rpm": 2}}, sharing=shared, sleep=clock.sleep
        )
        generate(client)
        generate(client)
        error = refused(client, deadline=29)
    assert (error.limit, error.retryable, error.retry_after) == ("rpm", True, 30)
    assert str(error) == (
        "hosts.pond.rpm = 2: the next in 30.0 s; no turn comes in time: wait longer, or allow more"
    )
    assert len(server.seen) == 2
    assert clock.now == 1_000  # nobody waits for what comes too late


def test_who_has_no_patience_is_told_at_once_and_keeps_no_turn(
    ponds: Make, drawn: Answer, shared: Counting
) -> None:
    full = Claim("another", "pond", at_once=1)
    assert shared.claim(full) is None
    with Loopback(drawn) as server:
        client = ponds({"pond": server.url}, {"pond": {"at_once": 1}}, sharing=shared)
        with pytest.raises(LimitReached, match="no turn comes in time") as caught:
            client.begin("a corgi", model="pond:lily-1", patience=0)
        assert (caught.value.limit, caught.value.charged) == ("at_once", Charged.NO)
        shared.release("another", None)
        assert client.begin("a corgi", model="pond:lily-1", patience=0).host == "pond"
    assert len(server.seen) == 1


def test_a_call_waits_until_another_has_left(ponds: Make, drawn: Answer) -> None:
    held, queued = Held(drawn), threading.Semaphore(0)

    def watch(event: Any) -> None:
        if isinstance(event, events.Queued):
            queued.release()

    with Loopback(held) as server:
        client = ponds({"pond": server.url}, {"pond": {"at_once": 1}}, observers=[watch])
        with working(*[lambda: generate(client)] * 3):
            held.arrived.acquire()
            queued.acquire()
            queued.acquire()
            assert len(held.prompts) == 1  # the others wait, and are told so once
            held.let_go(3)
    assert len(held.prompts) == 3
    assert not queued.acquire(blocking=False)


def test_callers_take_turns_whatever_each_of_them_asks_for(ponds: Make, drawn: Answer) -> None:
    """One has fifty calls waiting, and the single one of another goes before all but one."""
    held, queued = Held(drawn), threading.Semaphore(0)

    def watch(event: Any) -> None:
        if isinstance(event, events.Queued):
            queued.release()

    with Loopback(held) as server:
        client = ponds({"pond": server.url}, {"pond": {"at_once": 1}}, observers=[watch])

        def ask(caller: str) -> Callable[[], object]:
            def asked() -> None:
                with calling_for(caller):
                    client.generate(caller, model="pond:lily-1")

            return asked

        with working(*[ask("greedy")] * 50):
            held.arrived.acquire()
            for _ in range(49):
                queued.acquire()
            with working(ask("modest")):
                queued.acquire()
                held.let_go(51)
    assert "modest" in held.prompts[:3]
    assert len(held.prompts) == 51


def test_a_call_that_is_stopped_while_it_waits_was_never_sent(ponds: Make, drawn: Answer) -> None:
    held, stop = Held(drawn), threading.Event()

    def watch(event: Any) -> None:
        if isinstance(event, events.Queued):
            stop.set()

    with Loopback(held) as server:
        client = ponds({"pond": server.url}, {"pond": {"at_once": 1}}, observers=[watch])
        with working(lambda: generate(client)):
            held.arrived.acquire()
            with pytest.raises(NotSent, match="stopped before anything was sent"):
                generate(client, stop=stop)
            held.let_go()
    assert len(held.prompts) == 1


def test_a_request_of_several_calls_waits_for_a_turn_of_each(
    ponds: Make, drawn: Answer, clock: Any, shared: Counting
) -> None:
    with Loopback(drawn) as server:
        client = ponds(
            {"pond": server.url}, {"pond": {"at_once": 1, "rpm": 60}}, each=1, sharing=shared
        )
        assert len(generate(client, n=4).images) == 4
    places = [claim.call.partition("/") for claim in shared.claimed]
    assert {host for _, _, host in places} == {"pond"}
    assert shared.standing(["pond"])["pond"].under_way == 0


# --- money ---------------------------------------------------------------------------------------


def test_a_call_counts_against_every_budget_that_it_is_under(
    ponds: Make, drawn: Answer, shared: Counting
) -> None:
    """By the names of the configuration: all, its host's, and those of the aliases on the way."""
    with Loopback(drawn) as server:
        client = ponds(
            {"pond": server.url},
            {"pond": {"budget": Budget("2", "USD", "day")}},
            {
                "poster": Alias("flower", budget=Budget("3", "USD")),
                "flower": Alias("pond:lily-1", budget=Budget("4", "USD")),
                "other": Alias("pond:lily-1", budget=Budget("5", "USD")),
            },
            settings=ONE_DOLLAR,
            sharing=shared,
        )
        client.generate("a lily", model="poster")
    (claim,) = shared.claimed
    assert {one.name: str(one.budget) for one in claim.spending} == {
        "budget": "1 USD",
        "hosts.pond": "2 USD/day",
        "models.poster": "3 USD",
        "models.flower": "4 USD",
    }
    assert {one.amount for one in claim.spending} == {Decimal("0.1")}
    ((call, cost),) = shared.released
    assert (call, cost and cost.amount) == (claim.call, Decimal("0.1"))


def test_of_32_threads_exactly_as_many_buy_as_the_budget_has_room_for(
    ponds: Make, drawn: Answer
) -> None:
    outcomes: list[Any] = []
    with Loopback(drawn) as server:
        client = ponds({"pond": server.url}, settings=ONE_DOLLAR)

        def buy() -> None:
            try:
                outcomes.append(generate(client))
            except LimitReached as error:
                outcomes.append(error.limit)

        with working(*[buy] * 32):
            pass
    assert (len(server.seen), outcomes.count("budget")) == (10, 22)


def test_a_budget_is_never_waited_for(ponds: Make, drawn: Answer, clock: Any) -> None:
    clock.now = 1_796_000_000.0
    with Loopback(drawn) as server:
        monthly = {"budget": Budget("0.15", "USD", "month")}
        client = ponds({"pond": server.url}, settings=monthly, sharing=Counting(clock))
        generate(client)
        error = refused(client, deadline=1)
    assert (error.limit, error.retryable) == ("budget", False)
    assert error.retry_after == 83_200
    assert str(error) == (
        'budget = "0.15 USD/month" has no room: 0.1 USD are spent or promised, and this should '
        "cost 0.1; the next month begins 2026-12-01 00:00 UTC"
    )


@pytest.mark.parametrize(
    ("last", "limits", "told", "retryable"),
    [
        ("pond-of-nobody", {}, 'budget = "0.15 USD" has no room: 0.1 USD are spent', False),
        ("lake", {"lake": {"rpm": 1}}, "hosts.lake.rpm = 1: the next in ", True),
    ],
    ids=["money", "a-turn-that-may-still-come"],
)
def test_where_no_way_has_room_it_is_told_of_the_first_that_counts(
    ponds: Make, drawn: Answer, last: str, limits: Any, told: str, retryable: bool
) -> None:
    """And not that the last, asked for need alone, has a price that nobody knows."""
    first = {"pond": {"budget": Budget("0.05", "USD")}} if limits else {}
    with Loopback(drawn) as server:
        client = ponds(
            {"pond": server.url, last: server.url},
            {**first, **limits},
            {"poster": Alias("lily-1", hosts=("pond", last), failover=True)},
            settings={} if limits else {"budget": Budget("0.15", "USD")},
        )
        client.generate("a lily", model="poster")
        with pytest.raises(LimitReached) as caught:
            client.generate("a lily", model="poster", deadline=5)
    assert str(caught.value).startswith(told)
    assert caught.value.retryable is retryable
    (other,) = caught.value.__notes__
    assert other.startswith(f"{'pond' if limits else last}:lily-1 was not asked (LimitReached: ")


def test_a_request_that_does_not_fit_as_a_whole_buys_nothing(
    ponds: Make, drawn: Answer, shared: Counting
) -> None:
    with Loopback(drawn) as server:
        client = ponds({"pond": server.url}, each=1, settings=ONE_DOLLAR, sharing=shared)
        error = refused(client, n=11)
        assert str(error).endswith(
            "; this is call 11 of the 11 that this request takes, and none was sent"
        )
        assert server.seen == []
        assert shared.spent == 0
        assert len(generate(client, n=10).images) == 10
    assert shared.spent == 1


def test_money_is_set_aside_for_calls_that_are_begun_one_by_one(
    ponds: Make, drawn: Answer, shared: Counting
) -> None:
    asked: Any = {"prompt": "lilies", "model": "pond:lily-1", "n": 2, "id": "row7"}
    with Loopback(drawn) as server:
        client = ponds({"pond": server.url}, each=1, settings=ONE_DOLLAR, sharing=shared)
        for _ in range(2):
            client.reserve(**asked)
        assert (shared.spent, server.seen) == (Decimal("0.2"), [])
        assert refused(client, n=9).limit == "budget"
        for part in (1, 2):
            client.begin(**asked, part=part)
    assert shared.spent == Decimal("0.2")


def test_money_is_set_aside_at_one_host(ponds: Make, shared: Counting) -> None:
    """The calls of another would take theirs under other ids, and these would count for good."""
    models = {"lilies": Alias("lily-1", hosts=("pond", "lake"), failover=True)}
    urls = {"pond": "http://a.invalid", "lake": "http://b.invalid"}
    client = ponds(urls, models=models, settings=ONE_DOLLAR, sharing=shared)
    with pytest.raises(UsageError, match="say where it is begun, here and there: pond:lilies"):
        client.reserve("lilies", model="lilies", n=2, id="row7")


@pytest.mark.parametrize(
    ("answer", "options", "error", "counts"),
    [
        (free(401), {}, AuthenticationError, "0"),
        (Answer(cut=0), {}, OutcomeUnknown, "0.1"),
        (Answer(500, json={}), {}, HostUnavailable, "0.1"),
        (None, {"sinks": [lambda result: 1 / 0]}, SinkError, "0.1"),
    ],
    ids=["free", "lost", "perhaps", "unstored"],
)
def test_what_a_failure_has_cost_counts(
    ponds: Make,
    drawn: Answer,
    shared: Counting,
    answer: Answer | None,
    options: dict[str, Any],
    error: type[ImagekitError],
    counts: str,
) -> None:
    with Loopback(answer or drawn) as server:
        client = ponds({"pond": server.url}, settings=ONE_DOLLAR, sharing=shared, **options)
        with pytest.raises(error):
            generate(client)
    assert shared.spent == Decimal(counts)


def test_who_gives_up_in_line_has_spent_nothing(
    ponds: Make, drawn: Answer, clock: Any, shared: Counting
) -> None:
    with Loopback(drawn) as server:
        limits = {"pond": {"rpm": 1}}
        client = ponds({"pond": server.url}, limits, settings=ONE_DOLLAR, sharing=shared)
        generate(client)
        assert refused(client, deadline=1).limit == "rpm"
    assert shared.spent == Decimal("0.1")


def test_what_can_not_be_sent_takes_nothing(ponds: Make, shared: Counting) -> None:
    with Loopback() as server:
        client = ponds({"pond": server.url}, settings=ONE_DOLLAR, sharing=shared)
        with pytest.raises(InvalidRequest):
            generate(client, n=0)
    assert shared.claimed == []


# --- what nobody knows the price of --------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "counts"),
    [
        ({}, "0.25"),
        ({"n": 3}, "0.75"),
        ({"sequential_image_generation": "auto"}, "3.75"),
        (
            {
                "sequential_image_generation": "auto",
                "sequential_image_generation_options": {"max_images": 2},
            },
            "0.5",
        ),
    ],
)
def test_an_unknown_price_counts_what_the_configuration_says_for_each_picture(
    ponds: Make, drawn: Answer, shared: Counting, asked: dict[str, Any], counts: str
) -> None:
    with Loopback(drawn) as server:
        client = ponds(
            {"pond-of-nobody": server.url},
            settings={"budget": Budget("9", "USD"), "unknown_price": Cost("0.25", "USD")},
            sharing=shared,
        )
        client.generate("a lily", model="pond-of-nobody:lily-1", **asked)
    (claim,) = shared.claimed
    assert [one.amount for one in claim.spending] == [Decimal(counts)]


@pytest.mark.parametrize(
    ("host", "settings", "why"),
    [
        (
            "pond-of-nobody",
            {"budget": Budget("9", "USD")},
            'pond-of-nobody:lily-1 counts against budget = "9 USD", and its price is unknown: no '
            "price of lily-1 at pond-of-nobody is known here; say what a picture counts then, in "
            'USD: unknown_price = "0.05 USD"',
        ),
        (
            "pond",
            {"budget": Budget("9", "EUR", "day"), "unknown_price": Cost("1", "USD")},
            'pond:lily-1 counts against budget = "9 EUR/day", and it should cost perhaps 0.1 USD '
            "by the host's list; say what a picture counts then, in EUR: "
            'unknown_price = "0.05 EUR"',
        ),
    ],
)
def test_an_unknown_price_is_refused_where_nothing_is_said_of_it(
    ponds: Make, shared: Counting, host: str, settings: dict[str, Any], why: str
) -> None:
    with Loopback() as server:
        client = ponds({host: server.url}, settings=settings, sharing=shared)
        with pytest.raises(LimitReached) as caught:
            client.generate("a lily", model=f"{host}:lily-1")
    assert (caught.value.limit, str(caught.value)) == ("budget", why)
    assert shared.claimed == []


def test_the_sandbox_costs_nothing(shared: Counting) -> None:
    with Client(environment={}, budget="0.01 EUR", sharing=shared) as client:
        assert client.generate("a lily", model="sandbox:seedream-4.5").images
    assert shared.claimed == []


# --- whom to leave alone -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "error", "seconds"),
    [
        (free(429), RateLimited, 30.0),
        (free(429, headers={"Retry-After": "7"}), RateLimited, 7.0),
        (free(429, headers={"Retry-After": "99999"}), RateLimited, 3600.0),
        (free(401), AuthenticationError, 300.0),
        (free(503), HostUnavailable, 30.0),
        (Answer(500, json={}), HostUnavailable, None),
        (Answer(cut=0), OutcomeUnknown, None),
    ],
)
def test_a_host_in_trouble_is_left_alone(
    ponds: Make,
    drawn: Answer,
    shared: Counting,
    answer: Answer,
    error: type[ImagekitError],
    seconds: float | None,
) -> None:
    with Loopback(answer, drawn) as server:
        client = ponds(
            {"pond": server.url}, settings=ONE_DOLLAR, sharing=shared, retry=Retry(attempts=1)
        )
        with pytest.raises(error):
            generate(client)
        assert shared.rested == ([("pond", seconds)] if seconds else [])
        generate(client)  # it is the only one, and is asked all the same
    assert shared.standing(["pond"])["pond"].rests == 0


def test_a_call_that_was_sent_before_a_rest_says_nothing_of_it(
    ponds: Make, drawn: Answer, shared: Counting
) -> None:
    """One is under way when another is told to come back in a minute."""
    held = Held(drawn)

    def answer(seen: Any) -> Answer:
        asked_too_often = seen.json["prompt"] == "too often"
        return free(429, headers={"Retry-After": "60"}) if asked_too_often else held(seen)

    with Loopback(answer) as server:
        client = ponds(
            {"pond": server.url}, settings=ONE_DOLLAR, sharing=shared, retry=Retry(attempts=1)
        )
        with working(lambda: generate(client)):
            held.arrived.acquire()
            with pytest.raises(RateLimited):
                client.generate("too often", model="pond:lily-1")
            held.let_go()
        assert shared.standing(["pond"])["pond"].rests == 60
        held.let_go()
        generate(client)  # sent after that, it says that the host is well
    assert shared.standing(["pond"])["pond"].rests == 0


def test_who_was_in_line_when_a_host_was_told_to_rest_goes_to_the_next(
    ponds: Make, drawn: Answer
) -> None:
    held, queued = Held(free(429, headers={"Retry-After": "60"})), threading.Semaphore(0)
    made: list[str] = []

    def watch(event: Any) -> None:
        if isinstance(event, events.Queued):
            queued.release()

    with Loopback(held) as busy, Loopback(drawn) as well:
        client = ponds(
            {"pond": busy.url, "pool": well.url},
            {"pond": {"at_once": 1}},
            {"poster": Alias("lily-1", hosts=("pond", "pool"), failover=True)},
            observers=[watch],
        )

        def ask() -> None:
            made.append(client.generate("a lily", model="poster").host)

        with working(ask, ask, ask):
            held.arrived.acquire()
            queued.acquire()
            queued.acquire()
            held.let_go(3)
    assert made == ["pool"] * 3
    assert len(held.prompts) == 1


def test_a_host_that_can_not_be_reached_is_left_alone(ponds: Make, shared: Counting) -> None:
    with Loopback() as server:
        url = server.url
    client = ponds({"pond": url}, settings=ONE_DOLLAR, sharing=shared, retry=Retry(attempts=1))
    with pytest.raises(NotSent):
        generate(client)
    assert shared.rested == [("pond", 30.0)]


# --- whoever counts fails ------------------------------------------------------------------------


def test_nothing_is_sent_where_nobody_can_say_whether_there_is_room(
    ponds: Make, clock: Any
) -> None:
    class Away(Counting):
        def claim(self, claim: Claim) -> Full | None:
            raise ImagekitError("the database is away")

    with Loopback() as server:
        client = ponds({"pond": server.url}, settings=ONE_DOLLAR, sharing=Away(clock))
        with pytest.raises(ImagekitError, match="the database is away"):
            generate(client)
    assert server.seen == []


@pytest.mark.parametrize(
    ("answers", "why", "retryable"),
    [
        (
            OSError("no way to db://me:s3cret@host/limits"),
            "claim raised OSError: no way to db://me:...@host/limits",
            True,
        ),
        (True, "claim gave True, and neither a Full nor None", False),
    ],
)
def test_whoever_counts_amiss_is_named(
    ponds: Make, clock: Any, answers: Any, why: str, retryable: bool
) -> None:
    class Amiss(Counting):
        def claim(self, claim: Claim) -> Full | None:
            if isinstance(answers, Exception):
                raise answers
            return answers  # type: ignore[no-any-return]

    with Loopback() as server:
        client = ponds({"pond": server.url}, settings=ONE_DOLLAR, sharing=Amiss(clock))
        with pytest.raises(PluginError) as caught:
            generate(client)
    assert str(caught.value).startswith("limits and budgets can't be counted: ")
    assert str(caught.value).endswith(f"Amiss.{why}")
    assert (caught.value.charged, caught.value.retryable) == (Charged.NO, retryable)
    assert server.seen == []


def test_whoever_says_nothing_of_a_host_or_a_budget_is_named(
    ponds: Make, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """How things stand is for people: a plan is made without it."""

    class Silent(Counting):
        def standing(self, hosts: Sequence[str]) -> Mapping[str, Standing]:
            return {}

        def spent(self, budgets: Mapping[str, Budget]) -> Mapping[str, Decimal]:  # type: ignore[override]
            return {}

    with Loopback() as server:
        client = ponds({"pond": server.url}, settings=ONE_DOLLAR, sharing=Silent(clock))
        assert [way.host for way in client.ways("a lily", model="pond:lily-1")] == ["pond"]
        with pytest.raises(PluginError, match=r"Silent\.spent gave no Decimal for budget"):
            client.spent()
    assert "Silent.standing gave no Standing for pond" in caplog.text


def test_what_is_paid_for_is_there_though_nobody_can_note_what_it_cost(
    ponds: Make, drawn: Answer, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    class Away(Counting):
        def release(self, call: str, cost: Cost | None) -> None:
            raise OSError("the database is away")

        rest = is_well = release  # type: ignore[assignment]

    refusal = free(429)
    with Loopback(refusal, drawn) as server:
        client = ponds(
            {"pond": server.url},
            {"pond": {"at_once": 5}},
            settings=ONE_DOLLAR,
            sharing=Away(clock),
            retry=Retry(attempts=1),
        )
        with pytest.raises(RateLimited):
            generate(client)
        assert generate(client).images
    assert "pond is to be left alone" in caplog.text
    assert "pond is well again" in caplog.text
    assert "could not be given back: the database is away" in caplog.text


# --- jobs -----------------------------------------------------------------------------------


def test_a_job_that_is_given_back_frees_its_place_and_counts_what_it_cost_at_last(
    clock: Any, shared: Counting
) -> None:
    """Whoever gets its result says what it cost: here another client, as of another process."""
    with Upstreams() as upstreams:
        config = evolve(
            upstreams.configuration(), budget=Budget("9", "USD"), unknown_price=Cost("2", "USD")
        )
        config = evolve(config, hosts=_limited(config.hosts, "fal", at_once=1))
        options: dict[str, Any] = {"config": config, "environment": {}, "sharing": shared}
        with Client(**options, sleep=clock.sleep) as client:
            pending = client.begin("a heron", model="fal:flux-2-pro")
            assert isinstance(pending, Pending)
            assert shared.standing(["fal"])["fal"].under_way == 0
            assert shared.spent == 2
        with Client(**options, sleep=clock.sleep) as other:
            result = other.resume(pending)
    assert shared.released[-1] == (pending.call, result.cost)
    assert shared.spent == Decimal("0.03")


def _limited(hosts: Mapping[str, HostSettings], name: str, **limits: int) -> dict[str, Any]:
    return {**hosts, name: evolve(hosts[name], **limits)}


def test_whoever_waits_for_a_turn_hears_that_the_client_is_closed(
    ponds: Make, drawn: Answer
) -> None:
    told: list[BaseException] = []
    with Loopback(drawn) as server:
        queued = threading.Event()

        def watch(event: events.Event) -> None:
            if isinstance(event, events.Queued):
                queued.set()

        client = ponds({"pond": server.url}, {"pond": {"rpm": 1}}, observers=[watch])
        client.generate("a lily", model="pond:lily-1")

        def wait() -> None:
            try:
                client.generate("a lily", model="pond:lily-1")
            except NotSent as error:
                told.append(error)

        thread = threading.Thread(target=wait)
        thread.start()
        assert queued.wait(30)
        client.close()
        thread.join(30)
    assert str(told[0]) == "the client is closed: nothing was sent"
    assert len(server.seen) == 1
