"""What a key may take: requests a minute, requests at once, and money. Whatever happens, the sum
of what its requests count is what it has spent."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from threading import Event
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import func, select, update

from imagekit import Cost, JournalError, LimitReached, UsageError
from imagekit_store import Caller, Keys, Limits, RequestState
from imagekit_store.values.callers import began, next_begins
from imagekit_store.limits.counting import counts
from imagekit_store.ledger.ledger import Ledger
from imagekit_store.schema.tables import ATTEMPTS, KEYS, REQUESTS

MODEL = "powertokens:seedream-4.5"
PRICE = Cost("0.038", "USD")  # of the list
R, K = REQUESTS.c, KEYS.c


@pytest.fixture
def keys(store):
    return Keys(store)


@pytest.fixture
def ada(keys):
    """Makes the key of this name, and callers with it."""

    def make(estimate: Cost = PRICE, **limits) -> Caller:
        keys.add("ada", limits=Limits(**limits))
        return Caller("ada", limits=Limits(**limits), estimate=estimate)

    return make


def ask(store, caller) -> str | LimitReached:
    try:
        return store.ask("a corgi", model=MODEL, caller=caller)
    except LimitReached as error:
        return error


def spent(store) -> Decimal:
    return Keys(store).named("ada").spent


def counted(store, id: str) -> Decimal:
    return store.read(lambda rows: rows.scalar(select(R.counted).where(R.id == id)))


# --- requests a minute ---------------------------------------------------------------------------


def test_a_minute_s_requests_may_come_at_once_and_then_one_by_one(store, ada, monkeypatch):
    caller, clock = ada(rpm=3), SimpleNamespace(now=1_800_000_000.0)
    monkeypatch.setattr(Ledger, "now", lambda ledger: clock.now)
    assert [type(ask(store, caller)) for _ in range(4)] == [str, str, str, LimitReached]
    clock.now += 5
    why = ask(store, caller)
    assert (why.limit, why.retry_after) == ("rpm", 15)
    assert str(why) == "the key 'ada' may make 3 requests a minute; the next one in 15.0 s"
    clock.now += 15
    assert [type(ask(store, caller)) for _ in range(2)] == [str, LimitReached]
    clock.now += 3600
    assert [type(ask(store, caller)) for _ in range(4)] == [str, str, str, LimitReached]


def test_a_clock_that_was_set_back_locks_nobody_out(store, ada):
    caller = ada(rpm=1)
    ask(store, caller)
    store.write(lambda rows: rows.execute(update(KEYS).values(next=K.next + 10**12)))
    assert isinstance(ask(store, caller), str)


def test_who_asks_hears_how_many_requests_are_left(store, ada, clients):
    caller, client = ada(rpm=5, budget="1"), clients(store)
    for left in (4, 3):
        with store.on_behalf(f"r{left}", caller) as behalf:
            client.generate("a corgi", model=MODEL, id=f"r{left}")
        assert behalf.standing.remaining == left
    assert behalf.standing.spent == 2 * PRICE.amount


def test_the_calls_of_one_request_are_one_request(store, ada, clients):
    caller, client = ada(rpm=1), clients(store)
    with store.on_behalf("one", caller):
        client.generate("herons", model=MODEL, n=3, id="one", on_unsupported="adapt")
    with pytest.raises(JournalError) as caught, store.on_behalf("two", caller):
        client.generate("a heron", model=MODEL, id="two")
    assert caught.value.__cause__.limit == "rpm"
    assert [entry.id for entry in store.requests()] == ["one"]


# --- requests at once ----------------------------------------------------------------------------


def test_no_more_are_under_way_than_may_be(store, ada, finish):
    caller = ada(at_once=2, rpm=60, budget="1")
    assert [type(ask(store, caller)) for _ in range(3)] == [str, str, LimitReached]
    why = ask(store, caller)
    assert (why.limit, why.retry_after) == ("at_once", None)
    assert spent(store) == 2 * PRICE.amount  # what is refused counts nothing
    finish(store)
    assert isinstance(ask(store, caller), str)


def test_what_is_there_already_takes_nothing_more(store, ada, clients):
    caller = ada(at_once=1, rpm=1, budget=PRICE.amount)
    same = Caller("ada", "order-7", limits=caller.limits, estimate=PRICE)
    id = ask(store, same)
    assert isinstance(ask(store, caller), LimitReached)
    assert ask(store, same) == id
    with pytest.raises(JournalError) as caught, store.on_behalf("other", same):
        clients(store).generate("a corgi", model=MODEL, id="other")
    assert caught.value.__cause__.id == id
    assert spent(store) == PRICE.amount


def test_what_was_taken_for_a_request_that_is_there_is_given_back(store, ada):
    caller = ada(rpm=60, budget="1")
    same = Caller("ada", "order-7", limits=caller.limits, estimate=PRICE)
    assert len({ask(store, same) for _ in range(3)}) == 1
    assert spent(store) == PRICE.amount


# --- money ---------------------------------------------------------------------------------------


def test_a_request_counts_its_estimate_and_then_what_it_cost(store, ada, finish):
    caller = ada(Cost("0.1", "USD"), budget="1")
    id = ask(store, caller)
    assert counted(store, id) == spent(store) == Decimal("0.1")
    finish(store)
    assert counted(store, id) == spent(store) == PRICE.amount


def test_each_call_of_several_counts_its_share_of_the_estimate(store, ada, clients):
    caller = ada(Cost("0.3", "USD"), budget="1")
    with store.on_behalf("herons", caller):
        result = clients(store).generate("herons", model="token360:seedream-4.5", n=3, id="herons")
    shares = select(ATTEMPTS.c.share).where(ATTEMPTS.c.request == "herons")
    calls = store.read(lambda rows: rows.scalars(shares).all())
    assert sum(calls) == spent(store) == Decimal("0.3")  # of a host that says no price
    assert len(result.images) == len(calls) == 3


def test_what_a_killed_process_was_sending_counts_until_it_is_settled(store, ada):
    caller = ada(at_once=1, budget="1")
    id = ask(store, caller)
    killed = {"state": "sending", "charged": "maybe", "holder": "gone", "due": 1.0}
    store.write(lambda rows: rows.execute(update(ATTEMPTS).values(**killed)))
    assert ask(store, caller).limit == "at_once"
    store.write(store.ledger.renew)  # its lease has passed
    assert isinstance(ask(store, caller), str)
    assert spent(store) == 2 * PRICE.amount
    store.settle(id, charged="no")
    assert spent(store) == PRICE.amount


def test_what_was_certainly_free_counts_nothing(store, ada):
    id = ask(store, ada(budget="1"))
    store.forget(id)
    assert store.request(id).state == RequestState.FAILED
    assert counted(store, id) == spent(store) == 0


def test_a_budget_that_is_used_up_says_so(store, ada):
    caller = ada(budget="0.1", period="day")
    assert [type(ask(store, caller)) for _ in range(3)] == [str, str, LimitReached]
    why = ask(store, caller)
    assert why.limit == "budget"
    assert 0 < why.retry_after <= 24 * 3600
    assert str(why) == (
        "the key 'ada' may spend 0.1 USD a day, of which 0.076 are spent or set aside; "
        "this request should cost 0.038"
    )


@pytest.mark.parametrize("estimate", [PRICE, Cost(), Cost("8", "units"), Cost(0)])
@pytest.mark.parametrize("budget", ["0.01", "0.038"])
def test_what_a_budget_would_refuse_is_known_beforehand_and_counts_nothing(
    budget, estimate, store, ada
):
    caller = ada(estimate, budget=budget)
    beforehand = store.beyond_budget(caller)
    assert spent(store) == 0
    asked = ask(store, caller)
    assert str(beforehand) == (str(asked) if isinstance(asked, LimitReached) else "None")


def test_without_a_budget_there_is_room_for_everything_but_not_without_a_key(store, ada):
    assert store.beyond_budget(ada()) is None
    stranger = Caller("eve", limits=Limits(budget=1), estimate=PRICE)
    assert "no key 'eve' is in this store" in str(store.beyond_budget(stranger))


def test_a_budget_in_all_never_begins_anew(store, ada):
    why = ask(store, ada(budget="0.01", period="total"))
    assert why.retry_after is None
    assert "0.01 USD in all, of which 0 are" in str(why)


@pytest.mark.parametrize(
    ("estimate", "why"),
    [
        (Cost(), "this request should cost unknown, and the budget of 'ada' is in USD"),
        (Cost("8", "units"), "this request should cost 8 units, and the budget of 'ada' is in USD"),
        (Cost("1e40", "USD"), "may spend 1 USD a month, of which 0 are spent"),
    ],
)
def test_a_budget_has_no_room_for_what_nobody_can_count(estimate, why, store, ada):
    refused = ask(store, ada(estimate, budget="1"))
    assert refused.limit == "budget"
    assert why in str(refused)
    assert spent(store) == 0


def test_nothing_is_nothing_in_any_currency(store, ada):
    assert isinstance(ask(store, ada(Cost(0), budget="0")), str)


def test_a_new_period_begins_with_nothing_spent(store, ada, finish):
    caller = ada(budget=PRICE.amount, period="day")
    old = ask(store, caller)
    assert isinstance(ask(store, caller), LimitReached)
    yesterday = began("day", time.time_ns() // 1000) - 24 * 3600 * 1_000_000
    store.write(lambda rows: rows.execute(update(KEYS).values(period_began=yesterday)))
    store.write(lambda rows: rows.execute(update(REQUESTS).values(period=yesterday)))
    assert spent(store) == 0
    assert isinstance(ask(store, caller), str)
    store.forget(old)  # of the period before: it gives nothing back in this one
    assert spent(store) == PRICE.amount


def test_periods_begin_at_midnight_in_utc():
    def at(*when) -> int:
        return int(datetime(*when, tzinfo=UTC).timestamp()) * 1_000_000

    assert began("day", at(2026, 11, 29, 23, 59)) == at(2026, 11, 29)
    assert next_begins("day", at(2026, 11, 29)) == at(2026, 11, 30)
    assert began("month", at(2026, 11, 29, 23, 59)) == at(2026, 11, 1)
    assert next_begins("month", at(2026, 11, 29)) == at(2026, 12, 1)
    assert next_begins("month", at(2026, 12, 31)) == at(2027, 1, 1)
    assert began("total", at(2026, 11, 29)) == 0
    assert next_begins("total", at(2026, 11, 29)) is None


def test_exactly_as_many_are_let_in_as_there_is_money_for(opened, keys, ada):
    """By threads of two processes' stores, all at the same time."""
    caller, stores = ada(Cost("0.1", "USD"), budget="1"), [opened(), opened()]
    with ThreadPoolExecutor(32) as threads:
        told = [*threads.map(lambda n: ask(stores[n % 2], caller), range(64))]
    assert sum(isinstance(one, str) for one in told) == 10
    assert keys.named("ada").spent == 1


def test_what_locks_the_rows_of_keys_does_so_in_one_order(store):
    """Else two processes, each with the row that the other wants next, would wait for each other
    until the database has had enough of it."""
    begun, go_on, taken = Event(), Event(), []

    def first(connection) -> None:
        begun.set()
        go_on.wait()

    with ThreadPoolExecutor(4) as threads:
        threads.submit(store.write, first)
        begun.wait()
        for turn in ("k2", "k1", "k3"):
            threads.submit(store.write, lambda _, turn=turn: taken.append(turn), turn=turn)
        while store._writer._steps.qsize() < 3:
            time.sleep(0.001)
        go_on.set()
    assert taken == ["k1", "k2", "k3"]


def test_limits_count_on_the_row_of_a_key(store):
    with pytest.raises(UsageError, match="no key 'eve' is in this store"):
        store.ask("a corgi", model=MODEL, caller=Caller("eve", limits=Limits(rpm=1)))


def test_a_share_of_each_call_counts_until_its_cost_is_known():
    def call(state, charged="maybe", cost=None, currency="USD"):
        cost = None if cost is None else Decimal(cost)
        return SimpleNamespace(
            state=state, charged=charged, cost=cost, currency=currency, share=Decimal(1)
        )

    three = Decimal(3)
    assert counts([call("sending")], three, "USD") == 3  # the others may follow
    assert counts([call("stored", "yes", "0.5"), call("accepted", "no")], three, "USD") == 2.5
    assert counts([call("stored", "yes", "0.5")], three, "USD") == 0.5  # none has
    assert counts([call("stored", "yes", "8", "units")], three, "USD") == 1
    assert counts([call("unknown"), call("failed", "no")], three, "USD") == 1
    assert counts([call("failed", "yes")], three, "USD") == 1


#: What may befall a call, in any order, as a step of the ledger.
COST = {"usage": None, "receipt": None, "notes": None, "priced": "host"}
BY_HAND = {"by": "person"}
OUTCOMES = {
    "paid": {"charged": "yes", "cost": Decimal("0.7"), "currency": "USD", **COST},
    "cheap": {"charged": "yes", "cost": Decimal("0.1"), "currency": "USD", **COST},
    "foreign": {"charged": "yes", "cost": Decimal(8), "currency": "units", **COST},
    "silent": {"charged": "yes", "cost": None, "currency": None, **COST},
    "free": {"charged": "no", "cost": Decimal(0), "currency": None, **COST},
}
STEPS = {
    "accepted": lambda ledger, rows, id: ledger.accepted(rows, id, {}, "maybe"),
    "queued": lambda ledger, rows, id: ledger.queued(rows, id, None, 0.0),
    "unknown": lambda ledger, rows, id: ledger.unknown(rows, id, None),
    "lapsed": lambda ledger, rows, id: ledger.lapse(rows),
    "brought": lambda ledger, rows, id: ledger.brought(rows, id, None),
    "answered": lambda ledger, rows, id: ledger.answered(rows, id, None, OUTCOMES["paid"]),
    **{
        f"failed, charged {charged}": lambda ledger, rows, id, charged=charged: ledger.failed(
            rows, id, None, charged
        )
        for charged in ("no", "maybe", "yes")
    },
    **{
        f"settled, charged {charged}": lambda ledger, rows, id, charged=charged: ledger.settled(
            rows, id, {"charged": charged, "evidence": BY_HAND}
        )
        for charged in ("no", "yes")
    },
    "settled, at a cost": lambda ledger, rows, id: ledger.settled(
        rows,
        id,
        {"charged": "yes", "evidence": BY_HAND, "cost": Decimal("0.3"), "currency": "USD"},
    ),
    **{
        f"stored, {name}": lambda ledger, rows, id, told=told: ledger.stored(rows, id, None, told)
        for name, told in OUTCOMES.items()
    },
}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    calls=st.integers(1, 3),
    steps=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(sorted(STEPS))), max_size=12),
)
def test_what_a_key_has_spent_is_the_sum_of_what_its_requests_count(store, calls, steps):
    key = f"key{time.time_ns()}"
    limits = Limits(budget=1000)
    Keys(store).add(key, limits=limits)
    caller = Caller(key, limits=limits, estimate=Cost("1", "USD"))
    ids = [store.ask("a corgi", model=MODEL, caller=caller) for _ in range(2)]
    ledger, mine = store.ledger, update(ATTEMPTS).values(holder=store.ledger.holder)

    def befall(rows) -> tuple[Decimal, Decimal]:
        split = []
        for id in ids:
            rows.execute(mine.where(ATTEMPTS.c.id == id))
            ledger.split(rows, False, id, id, calls, "powertokens", "seedream-4.5")
            split += rows.scalars(select(ATTEMPTS.c.id).where(ATTEMPTS.c.request == id)).all()
        rows.execute(
            mine.where(ATTEMPTS.c.id.in_(split)).values(state="sending", charged="maybe", due=0.0)
        )
        for which, name in steps:
            STEPS[name](ledger, rows, split[which % len(split)])
        each = select(func.sum(R.counted)).where(R.key == key)
        return rows.scalar(each), rows.scalar(select(K.spent).where(K.name == key))

    counted, spent = store.write(befall)
    assert counted == spent
    assert 0 <= spent <= 2 * 3 * Decimal("0.7") + 2
