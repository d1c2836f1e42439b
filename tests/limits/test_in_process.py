"""Counting in one process: exact, bounded, and never more than there is room for."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from imagekit import Budget, Claim, Cost, InProcess, Shared, Spending, Standing
from imagekit.send.limits import ledger

NOVEMBER, DECEMBER = 1_796_000_000.0, 1_798_000_000.0  # Unix seconds
FIVE = Budget("5", "USD")


def claim(call: str, amount: str = "0.1", budget: Budget = FIVE, **limits: Any) -> Claim:
    return Claim(call, "pond", spending=(Spending("budget", budget, Decimal(amount)),), **limits)


def spent(shared: InProcess, budget: Budget = FIVE) -> Decimal:
    """What has been spent of a budget, as who asks for far more is told."""
    far_more = Spending("budget", budget, Decimal(10**9))
    full = shared.claim(Claim("asks", "", spending=(far_more,)))
    assert full is not None
    return Decimal(full.why.split(" has no room: ")[1].split()[0])


def test_it_is_what_others_implement() -> None:
    assert isinstance(InProcess(), Shared)


# --- money --------------------------------------------------------------------------------------


def test_all_is_taken_or_nothing(clock: Any) -> None:
    """What a budget refuses has taken no place, and the other way round."""
    shared = InProcess(clock, clock)
    refused = shared.claim(claim("a", "5.01", at_once=1))
    assert refused is not None
    assert refused.limit == "budget"
    assert shared.standing(["pond"])["pond"].under_way == 0
    assert shared.claim(claim("b", at_once=1)) is None
    refused = shared.claim(claim("c", at_once=1))
    assert refused is not None
    assert (refused.limit, spent(shared)) == ("at_once", Decimal("0.1"))


def test_claimed_twice_is_as_good_as_once() -> None:
    shared = InProcess()
    assert [shared.claim(claim("a", "3", at_once=1)) for _ in range(2)] == [None, None]
    assert spent(shared) == 3


@pytest.mark.parametrize(
    ("cost", "counts"),
    [
        (None, "0.1"),
        (Cost(why="nobody knows"), "0.1"),
        (Cost(known={"USD": "0.04"}), "0.1"),
        (Cost("0.3", "EUR"), "0.1"),
        (Cost("0.3"), "0.1"),
        (Cost("0.3", "USD"), "0.3"),
        (Cost("0", "EUR"), "0"),
        (Cost(0), "0"),
    ],
)
def test_a_call_that_is_over_counts_what_it_cost(cost: Cost | None, counts: str) -> None:
    shared = InProcess()
    shared.claim(claim("a"))
    for _ in range(2):
        shared.release("a", cost)
        assert spent(shared) == Decimal(counts)


def test_what_nobody_has_claimed_means_nothing() -> None:
    shared = InProcess()
    shared.release("a", Cost("4", "USD"))
    assert spent(shared) == 0


def test_an_id_that_is_used_again_counts_again() -> None:
    shared = InProcess()
    for _ in range(2):
        shared.claim(claim("a"))
        shared.release("a", Cost("1", "USD"))
    assert spent(shared) == 2


def test_another_period_begins_with_nothing_spent(clock: Any) -> None:
    monthly = Budget("5", "USD", "month")
    clock.now = NOVEMBER
    shared = InProcess(clock, clock)
    assert shared.claim(claim("a", "4", monthly)) is None
    refused = shared.claim(claim("b", "4", monthly))
    assert refused is not None
    assert refused.retry_after == 1_796_083_200 - NOVEMBER
    assert 'budget = "5 USD/month" has no room: 4 USD are spent or promised' in refused.why
    assert "this should cost 4; the next month begins 2026-12-01 00:00 UTC" in refused.why
    clock.now = DECEMBER
    shared.release("a", Cost("1", "USD"))  # counts in the month in which it was claimed
    assert spent(shared, monthly) == 0


def test_a_clock_that_is_set_back_forgets_nothing(clock: Any) -> None:
    monthly = Budget("5", "USD", "month")
    clock.now = DECEMBER
    shared = InProcess(clock, clock)
    shared.claim(claim("a", "4", monthly))
    clock.now = NOVEMBER
    assert spent(shared, monthly) == 4


def test_a_budget_for_all_time_has_no_room_ever_again() -> None:
    shared = InProcess()
    shared.claim(claim("a", "5"))
    refused = shared.claim(claim("b"))
    assert refused is not None
    assert refused.retry_after is None
    assert refused.why.endswith("; allow more")


def test_what_costs_nothing_has_room_in_a_budget_that_is_spent() -> None:
    """What was estimated may have cost more."""
    shared = InProcess()
    shared.claim(claim("a"))
    shared.release("a", Cost("9", "USD"))
    assert shared.claim(claim("b", "0")) is None
    assert shared.claim(claim("c")) is not None


amounts = st.decimals("0.0001", "3", places=4)


@given(st.lists(st.tuples(amounts, st.none() | amounts), max_size=40))
def test_sums_are_exact_and_estimates_never_go_beyond_the_budget(
    calls: list[tuple[Decimal, Decimal | None]],
) -> None:
    """Each call is let in if and only if the sum of all has room for it."""
    shared, expected = InProcess(), Decimal(0)
    for number, (estimate, cost) in enumerate(calls):
        fits = expected + estimate <= 5
        assert (shared.claim(claim(str(number), str(estimate))) is None) is fits
        if fits:
            expected += estimate if cost is None else cost
            shared.release(str(number), None if cost is None else Cost(cost, "USD"))
        assert spent(shared) == expected


def at_once(count: int, work: Callable[[int], object]) -> None:
    """``work`` done by so many threads, who all begin at the same moment."""
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        barrier.wait()
        work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_of_32_threads_as_many_are_let_in_as_fit() -> None:
    shared, let_in = InProcess(), []

    def ask(number: int) -> None:
        if shared.claim(claim(str(number), "0.4")) is None:
            let_in.append(number)

    at_once(32, ask)
    assert (len(let_in), spent(shared)) == (12, Decimal("4.8"))


def test_what_is_over_is_remembered_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_OVER", 3)
    shared = InProcess()
    for number in range(5):
        shared.claim(claim(str(number)))
        shared.release(str(number), None)
    for number in range(5):
        shared.release(str(number), Cost(0))
    assert spent(shared) == Decimal("0.2")  # of the two that are forgotten, as estimated


def test_nothing_is_remembered_of_a_call_that_counts_against_no_budget() -> None:
    shared = InProcess()
    shared.claim(Claim("a", "pond", at_once=1))
    shared.release("a", None)
    assert shared._ledger._over == {}
    assert shared._under_way == {}


# --- how many, and how often ---------------------------------------------------------------------


def test_a_place_is_free_when_its_call_is_over() -> None:
    shared = InProcess()
    assert shared.claim(Claim("a", "pond", at_once=1)) is None
    refused = shared.claim(Claim("b", "pond", at_once=1))
    assert refused is not None
    assert (refused.limit, refused.why) == ("at_once", "hosts.pond.at_once = 1 are under way")
    assert shared.claim(Claim("c", "other", at_once=1)) is None
    for _ in range(2):  # given back twice is as good as once
        shared.release("a", None)
    assert shared.standing(["pond", "other"]) == {"pond": Standing(0), "other": Standing(1)}
    assert shared.claim(Claim("b", "pond", at_once=1)) is None


@given(
    st.integers(1, 200),
    st.lists(st.floats(0, 20) | st.just(0.0), min_size=1, max_size=120),
)
def test_no_window_has_more_than_a_burst_and_what_comes_steadily(
    rpm: int, pauses: list[float]
) -> None:
    """Of any stretch of time: a minute's worth, and one more for each 1/rpm of a minute."""
    now, let_in = 1_000.0, []
    shared = InProcess(lambda: now, lambda: now)
    for number, pause in enumerate(pauses):
        now += pause
        if shared.claim(Claim(str(number), "pond", rpm=rpm)) is None:
            let_in.append(now)
    for first, begun in enumerate(let_in):
        for last in range(first, len(let_in)):
            most = rpm + (let_in[last] - begun) * rpm / 60
            assert last - first + 1 <= most + 1e-6


@given(st.integers(1, 5_000))
def test_after_a_rest_a_minute_s_worth_goes_at_once_and_then_one_by_one(rpm: int) -> None:
    now = 1_000.0
    shared = InProcess(lambda: now, lambda: now)
    for number in range(rpm):
        assert shared.claim(Claim(str(number), "pond", rpm=rpm)) is None
    refused = shared.claim(Claim("late", "pond", rpm=rpm))
    assert refused is not None
    assert refused.retry_after == pytest.approx(60 / rpm, abs=1e-6)
    now += refused.retry_after + 1e-6
    assert shared.claim(Claim("late", "pond", rpm=rpm)) is None
    assert shared.claim(Claim("later", "pond", rpm=rpm)) is not None


# --- rest and trial ------------------------------------------------------------------------------


def test_a_host_that_has_rested_is_tried_by_one_at_a_time(clock: Any) -> None:
    shared = InProcess(clock, clock)
    assert shared.try_again("pond")
    shared.rest("pond", 30)
    assert not shared.try_again("pond")
    assert shared.standing(["pond"])["pond"] == Standing(rests=30.0)
    clock.now += 30
    assert shared.standing(["pond"])["pond"] == Standing(on_trial=True)
    assert [shared.try_again("pond") for _ in range(3)] == [True, False, False]
    clock.now += 60  # whoever tried it is not heard of again
    assert [shared.try_again("pond") for _ in range(2)] == [True, False]
    shared.is_well("pond")
    assert shared.standing(["pond"])["pond"] == Standing()
    assert shared.try_again("pond")


def test_of_two_rests_the_longer_counts(clock: Any) -> None:
    shared = InProcess(clock, clock)
    shared.rest("pond", 300)
    shared.rest("pond", 30)
    assert shared.standing(["pond"])["pond"].rests == 300


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_is_asked_for_nothing_and_has_spent_as_much() -> None:
    shared = InProcess()
    shared.claim(claim("a", "4", at_once=1))
    child = os.fork()
    if not child:
        free = shared.claim(Claim("b", "pond", at_once=1)) is None
        os._exit(0 if free and spent(shared) == 4 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert shared.claim(Claim("b", "pond", at_once=1)) is not None
