"""What calls share: however many processes ask, as many are let in as there is room for, and what
is spent of a budget is the sum of what its calls count."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from types import SimpleNamespace

import pytest
from imagekit_sandbox.serving import Rule, Upstreams
from sqlalchemy import select, update

from imagekit import (
    Budget,
    Claim,
    Client,
    Cost,
    OutcomeUnknown,
    AuthenticationError,
    Retry,
    Shared,
    Spending,
    Standing,
    UsageError,
)
from imagekit_store.ledger.ledger import Ledger
from imagekit_store.schema.tables import BUDGETS, SPENDINGS

MODEL = "powertokens:seedream-4.5"
PRICE = Decimal("0.038")  # of the list
HUNDRED = Budget.parse("100 USD/month")


@pytest.fixture
def clock(monkeypatch):
    """The database's, as long as nobody moves it."""
    clock = SimpleNamespace(now=1_800_000_000.0)
    monkeypatch.setattr(Ledger, "now", lambda ledger: clock.now)
    return clock


def claim(call: str, *amounts: str, host: str = "ark", budget: Budget = HUNDRED, **limits) -> Claim:
    """Each amount counts against a budget of its own."""
    spending = (
        Spending(f"budget{number}", budget, Decimal(amount))
        for number, amount in enumerate(amounts)
    )
    return Claim(call, host, spending=tuple(spending), **limits)


def spent(store, name: str = "budget0") -> Decimal:
    """In all of its periods together."""
    sums = select(BUDGETS.c.spent).where(BUDGETS.c.name == name)
    return sum(store.read(lambda rows: rows.scalars(sums).all()), Decimal(0))


def test_a_store_is_what_calls_share(store):
    assert isinstance(store, Shared)


# --- places --------------------------------------------------------------------------------------


def test_no_more_are_under_way_than_may_be_in_all_processes(opened):
    one, other = opened(), opened()
    assert one.claim(claim("a", at_once=2)) is None
    assert other.claim(claim("b", at_once=2)) is None
    assert other.claim(claim("c", host="bfl", at_once=2)) is None
    full = other.claim(claim("c2", at_once=2))
    assert (full.limit, full.retry_after) == ("at_once", 0.25)
    assert one.standing(["ark", "bfl", "fal"]) == {
        "ark": Standing(2),
        "bfl": Standing(1),
        "fal": Standing(),
    }
    one.release("a", None)
    assert other.claim(claim("c2", at_once=2)) is None


def test_what_a_killed_process_held_is_free_when_its_lease_has_passed(opened, clock):
    killed, other = opened(), opened()
    killed.claim(claim("a", "0.5", at_once=1))
    clock.now += 29
    assert other.claim(claim("b", at_once=1)).limit == "at_once"
    clock.now += 2
    assert other.claim(claim("b", at_once=1)) is None
    assert spent(other) == Decimal("0.5")  # and never given back


def test_a_place_is_held_as_long_as_its_process_lives(opened, clock):
    one, other = opened(), opened()
    one.claim(claim("a", at_once=1))
    for _ in range(5):
        clock.now += 20
        one.write(one.ledger.renew)
    assert other.claim(claim("b", at_once=1)).limit == "at_once"
    one.release("a", None)
    one.write(one.ledger.renew)
    assert other.claim(claim("b", at_once=1)) is None


def test_a_clock_that_was_set_back_keeps_no_place(opened, clock):
    opened().claim(claim("a", at_once=1, rpm=1))
    clock.now -= 86400
    assert opened().claim(claim("b", at_once=1, rpm=1)) is None


# --- paces ---------------------------------------------------------------------------------------


def test_a_minute_s_calls_may_come_at_once_and_then_one_by_one(opened, clock):
    stores = [opened(), opened()]
    told = [stores[number % 2].claim(claim(f"c{number}", rpm=3)) for number in range(4)]
    assert told[:3] == [None] * 3
    assert (told[3].limit, told[3].retry_after) == ("rpm", 20)
    clock.now += 20
    assert stores[0].claim(claim("c4", rpm=3)) is None
    assert stores[1].claim(claim("c5", rpm=3)).retry_after == 20
    assert stores[1].claim(claim("c6", host="bfl", rpm=3)) is None


# --- money ---------------------------------------------------------------------------------------


def test_a_call_takes_all_that_it_needs_or_nothing(store):
    assert store.claim(claim("a", "60", "60", rpm=60, at_once=9)) is None
    full = store.claim(claim("b", "10", "41", rpm=60, at_once=9))
    assert full.limit == "budget"
    assert "60 USD are spent or promised, and this should cost 41" in full.why
    assert full.retry_after > 0
    assert (spent(store), spent(store, "budget1")) == (60, 60)
    assert store.standing(["ark"]) == {"ark": Standing(1)}
    assert store.claim(claim("c", "1", "1", rpm=60, at_once=1)).limit == "at_once"
    assert (spent(store), spent(store, "budget1")) == (60, 60)


def test_money_is_exact(store):
    ten = Budget.parse("0.3 USD")
    told = [store.claim(claim(f"c{n}", "0.1", budget=ten)) for n in range(4)]
    assert told[:3] == [None] * 3
    assert told[3].retry_after is None
    assert spent(store) == Decimal("0.3")
    assert store.claim(claim("free", "0", budget=ten)) is None


def test_claimed_twice_is_as_good_as_once_until_it_is_released(opened):
    store, other = opened(), opened()
    for _ in range(2):
        assert store.claim(claim("a", "60", at_once=1, rpm=60)) is None
    assert spent(store) == 60
    with pytest.raises(UsageError, match="a call of the id a is another process's to send"):
        other.claim(claim("a", "60", at_once=2))
    store.release("a", Cost("25", "USD"))
    assert store.claim(claim("a", "60", at_once=1)) is None
    assert spent(store) == 85


def test_what_a_killed_process_had_claimed_is_claimed_once(opened, clock):
    opened().claim(claim("a", "60"))
    clock.now += 31
    other = opened()
    assert other.claim(claim("a", "60", at_once=1)) is None
    assert spent(other) == 60


@pytest.mark.parametrize(
    ("cost", "counts"),
    [
        (Cost("0.25", "USD"), "0.25"),
        (Cost("120", "USD"), "120"),
        (Cost(0), "0"),
        (Cost("8", "units"), "60"),
        (Cost("1e40", "USD"), "60"),
        (Cost(), "60"),
        (None, "60"),
    ],
)
def test_a_call_counts_what_it_cost_where_that_is_known(cost, counts, opened):
    opened().claim(claim("a", "60", "60"))
    other = opened()
    other.release("a", cost)
    other.release("stranger", cost)
    assert spent(other) == spent(other, "budget1") == Decimal(counts)


def test_what_is_said_later_counts_in_the_period_in_which_it_was_claimed(store, clock):
    day = Budget.parse("1 USD/day")
    store.claim(claim("a", "1", budget=day))
    assert store.claim(claim("b", "1", budget=day)).limit == "budget"
    clock.now += 86400
    assert store.claim(claim("b", "1", budget=day)) is None
    store.release("a", Cost("0.5", "USD"))
    assert store.claim(claim("c", "0.5", budget=day)).limit == "budget"
    of_days = select(BUDGETS.c.spent).order_by(BUDGETS.c.began)
    assert store.read(lambda rows: rows.scalars(of_days).all()) == [Decimal("0.5"), 1]


def test_a_budget_beyond_what_databases_count_has_room_for_what_they_do(store):
    endless = Budget.parse("99999999999999999999 USD")
    assert store.claim(claim("a", "3000000000", budget=endless)) is None
    assert store.claim(claim("b", "3000000000", budget=endless)).limit == "budget"


CLAIMING = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from imagekit import Budget, Claim, Spending
from imagekit_store import Store

url, pictures, process = sys.argv[1:]
budget = Budget.parse("1 USD")
with Store(url, pictures=pictures) as store:
    def claim(number):
        of = Spending("budget", budget, Decimal("0.1"))
        # Of two hosts, so that neither process locks them in the same order.
        host = ("ark", "bfl")[(number + int(process)) % 2]
        return store.claim(Claim(f"p{process}c{number}", host, 600, 100, (of,))) is None
    with ThreadPoolExecutor(32) as threads:
        print(json.dumps(sum(threads.map(claim, range(64)))))
"""


def test_of_32_threads_in_each_of_two_processes_exactly_as_many_are_let_in_as_fit(
    url, store, tmp_path
):
    words = [sys.executable, "-c", CLAIMING, url, str(tmp_path / "pictures")]
    running = [subprocess.Popen([*words, n], stdout=subprocess.PIPE) for n in ("0", "1")]
    let_in = [json.loads(one.communicate()[0]) for one in running]
    assert sum(let_in) == 10
    assert spent(store, "budget") == 1


# --- whom to leave alone -------------------------------------------------------------------------


def test_a_host_rests_for_all_and_is_tried_by_one(opened, clock):
    one, other = opened(), opened()
    assert other.try_again("ark")
    one.rest("ark", 30)
    one.rest("ark", 5)  # the longer counts
    assert other.standing(["ark"]) == {"ark": Standing(rests=30)}
    assert not other.try_again("ark")
    clock.now += 30
    assert one.standing(["ark"]) == {"ark": Standing(on_trial=True)}
    assert [store.try_again("ark") for store in (one, other, one)] == [True, False, False]
    clock.now += 60  # nobody has heard of it
    assert other.try_again("ark")
    one.is_well("ark")
    assert other.standing(["ark"]) == {"ark": Standing()}
    assert all(store.try_again("ark") for store in (one, other, one))


def test_one_tries_a_host_though_clocks_are_read_a_little_apart(opened, clock):
    one, other = opened(), opened()
    one.rest("ark", 0)
    clock.now += 1
    assert one.try_again("ark")
    clock.now -= 0.001  # as the other has it
    assert not other.try_again("ark")


def test_a_rest_does_not_touch_the_pace_of_a_host(store, clock):
    store.claim(claim("a", rpm=1))
    store.rest("ark", 5)
    assert store.claim(claim("b", rpm=1)).limit == "rpm"


# --- what the calls of the store's own journal count ---------------------------------------------


def test_a_call_counts_what_it_cost_before_it_is_released(store, clients):
    """Whoever is killed in between has said it."""
    store.claim(claim("heron", "5"))
    clients(store).generate("a heron", model=MODEL, id="heron")
    assert spent(store) == PRICE


def test_what_was_certainly_free_counts_nothing(store):
    store.claim(claim("heron", "5"))
    with (
        Upstreams([Rule("401")]) as upstreams,
        Client(config=upstreams.configuration(), journal=store, retry=Retry(1)) as client,
        pytest.raises(AuthenticationError),
    ):
        client.generate("a heron", model=MODEL, id="heron")
    assert spent(store) == 0


@pytest.mark.parametrize(
    ("settled", "counts"),
    [
        ({"charged": "no"}, "0"),
        ({"charged": "yes"}, "5"),
        ({"charged": "yes", "cost": Cost("0.04", "USD")}, "0.04"),
    ],
)
def test_what_is_unknown_counts_until_it_is_settled(settled, counts, store):
    store.claim(claim("heron", "5"))
    with (
        Upstreams([Rule("lost", operation="generate")]) as upstreams,
        Client(config=upstreams.configuration(), journal=store) as client,
        pytest.raises(OutcomeUnknown),
    ):
        client.generate("a heron", model=MODEL, id="heron")
    assert spent(store) == 5
    store.settle("heron", **settled)
    assert spent(store) == Decimal(counts)


# --- what is removed -----------------------------------------------------------------------------


def test_a_sweep_removes_what_old_calls_counted_but_not_the_sums(store, clients):
    for id in ("done", "queued", "new"):
        store.claim(claim(id, "5"))
        store.release(id, None)
    clients(store).generate("a heron", model=MODEL, id="done")
    store.ask("a stork", model=MODEL, id="queued")
    old = store.ledger.here().now - 41 * 86_400_000_000
    aged = update(SPENDINGS).where(SPENDINGS.c.call != "new").values(claimed=old)
    store.write(lambda rows: rows.execute(aged))
    store.sweep()
    left = select(SPENDINGS.c.call).order_by(SPENDINGS.c.call)
    assert store.read(lambda rows: rows.scalars(left).all()) == ["new", "queued"]
    assert spent(store) == 10 + PRICE
