"""`SharedSuite`: what must hold of whoever counts limits, budgets and rests for several."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import count
from threading import Barrier
from typing import Any, TypeAlias

import pytest

from imagekit.sharing import Claim, Full, Shared, Spending, Standing
from imagekit.values import Cost
from imagekit.values.budget import Budget

__all__ = ["SharedSuite"]

#: Gives one more that shares with all that it gave before, as another process would have it.
Opened: TypeAlias = Callable[[], Shared]

FIVE = Budget("5", "USD")
LEAST = Decimal("0.0001")
THREADS = 32
_probes = count(1)

COSTS = [
    pytest.param(None, "2", id="nobody-says"),
    pytest.param(Cost(why="nobody knows"), "2", id="nobody-knows"),
    pytest.param(Cost("0.3", "EUR"), "2", id="another-currency"),
    pytest.param(Cost("10000000.01", "USD"), "2", id="nobody-believes-it"),
    pytest.param(Cost("0.3", "USD"), "0.3", id="less"),
    pytest.param(Cost("4.5", "USD"), "4.5", id="more"),
    pytest.param(Cost("0", "EUR"), "0", id="nothing-in-any-currency"),
    pytest.param(Cost(0), "0", id="nothing"),
]


def claim(call: str, *amounts: str, budget: Budget = FIVE, **limits: Any) -> Claim:
    """Each amount counts against a budget of its own."""
    names = ("budget", "hosts.pond", "models.poster")
    told = zip(names, amounts, strict=False)
    spending = tuple(Spending(name, budget, Decimal(amount)) for name, amount in told)
    return Claim(call, limits.pop("host", "pond"), spending=spending, **limits)


def limit(full: Full | None) -> str | None:
    """Which limit refuses; None: none does."""
    return None if full is None else full.limit


def has_spent(shared: Shared, amount: str) -> bool:
    """Whether so much of five dollars is spent: the rest has room, and no more than the rest."""
    rest, id = FIVE.amount - Decimal(amount), f"probe-{next(_probes)}"
    if limit(shared.claim(claim(id, str(rest + LEAST), host=""))) != "budget":
        shared.release(id, Cost(0))
        return False
    fits = shared.claim(claim(id, str(rest), host="")) is None
    shared.release(id, Cost(0))
    return fits


def has_rested(*shared: Shared) -> None:
    """A rest of no length, and over for all: their clocks may be a little apart."""
    shared[0].rest("pond", 0)
    time.sleep(min(1.0, max(one.standing(["pond"])["pond"].rests for one in shared)))


class SharedSuite:
    """Each check begins with nothing counted, and none waits. A subclass has a fixture ``opened``::

    class TestLedger(SharedSuite):
        @pytest.fixture
        def opened(self, tmp_path):
            return lambda: Ledger(tmp_path / "ledger.db")

    It gives a function that opens what is shared: called twice in a check, it gives two that
    count together, as two processes have them. Where only one process shares, both are one.
    Both are in this process all the same, so that a lock of its own passes:
    docs/shared-limits.md has a test with two processes.
    """

    def test_it_is_a_shared(self, opened: Opened) -> None:
        assert isinstance(opened(), Shared)

    # --- money -----------------------------------------------------------------------------------

    def test_all_is_taken_or_nothing(self, opened: Opened) -> None:
        shared = opened()
        assert limit(shared.claim(claim("a", "1", "5.01", at_once=1))) == "budget"
        assert has_spent(shared, "0"), "what one budget refused counts against another"
        assert shared.claim(claim("b", "1", at_once=1)) is None, "what was refused holds a place"
        assert limit(shared.claim(claim("c", "1", at_once=1))) == "at_once"
        assert has_spent(shared, "1"), "what found no place has taken money"

    def test_claimed_twice_is_as_good_as_once(self, opened: Opened) -> None:
        shared = opened()
        for _ in range(2):
            assert shared.claim(claim("a", "3", at_once=1, rpm=1)) is None
        assert has_spent(shared, "3")

    def test_money_is_claimed_by_one_and_used_by_another(self, opened: Opened) -> None:
        """Who sets money aside for a call need not be who sends it."""
        one, other = opened(), opened()
        assert one.claim(claim("a", "2", host="")) is None
        assert other.claim(claim("a", "2", host="")) is None
        other.release("a", Cost("1", "USD"))
        assert has_spent(one, "1")

    def test_claimed_again_when_it_is_over_it_counts_again(self, opened: Opened) -> None:
        shared = opened()
        shared.claim(claim("a", "2"))
        shared.release("a", Cost("1", "USD"))
        assert shared.claim(claim("a", "2")) is None
        assert has_spent(shared, "3"), "what it cost the first time counts as well"
        shared.release("a", Cost("0.5", "USD"))
        assert has_spent(shared, "1.5"), "what is said now is of the second time alone"

    def test_claimed_again_elsewhere_it_costs_nothing_where_it_was_claimed_before(
        self, opened: Opened
    ) -> None:
        """A call that one host has refused counts nothing against that host's budget."""
        shared = opened()

        def asks(call: str, host: str, amount: str) -> str | None:
            spending = Spending(f"hosts.{host}", FIVE, Decimal(amount))
            return limit(shared.claim(Claim(call, "", spending=(spending,))))

        for host, cost in (("pond", "0"), ("lake", "3")):
            assert asks("a", host, "2") is None
            shared.release("a", Cost(cost, "USD"))
        assert asks("b", "pond", "5") is None
        assert [asks("c", "lake", "2.01"), asks("d", "lake", "2")] == ["budget", None]

    @pytest.mark.parametrize(("cost", "counts"), COSTS)
    def test_a_call_that_is_over_counts_what_it_cost(
        self, opened: Opened, cost: Cost | None, counts: str
    ) -> None:
        shared = opened()
        shared.claim(claim("a", "2"))
        for _ in range(2):
            shared.release("a", cost)
            assert has_spent(shared, counts)

    def test_what_it_cost_may_be_said_again_by_another(self, opened: Opened) -> None:
        """A job that was given back is gone on with elsewhere."""
        one, other = opened(), opened()
        one.claim(claim("a", "2"))
        one.release("a", None)
        assert has_spent(other, "2")
        for amount in ("4", "0", "1.5"):
            other.release("a", Cost(amount, "USD"))
            assert has_spent(one, amount)

    def test_a_cost_that_is_known_stays_known(self, opened: Opened) -> None:
        """Whoever looks at a job once more, and learns nothing, says nothing."""
        one, other = opened(), opened()
        one.claim(claim("a", "2"))
        one.release("a", Cost("0.3", "USD"))
        for nothing in (None, Cost(why="nobody knows"), Cost("4", "EUR")):
            other.release("a", nothing)
            assert has_spent(one, "0.3")

    def test_what_nobody_has_claimed_means_nothing(self, opened: Opened) -> None:
        shared = opened()
        shared.release("a", Cost("4", "USD"))
        assert has_spent(shared, "0")

    def test_name_currency_and_period_are_one_sum(self, opened: Opened) -> None:
        one, other = opened(), opened()
        one.claim(claim("a", "4"))
        for elsewhere in (Budget("5", "EUR"), Budget("5", "USD", "day")):
            assert other.claim(claim(str(elsewhere), "4", budget=elsewhere)) is None
        assert limit(other.claim(claim("b", "4", budget=Budget("7", "USD")))) == "budget"
        assert other.claim(claim("b", "4", budget=Budget("8", "USD"))) is None

    def test_what_is_spent_can_be_read(self, opened: Opened) -> None:
        one, other = opened(), opened()
        one.claim(claim("a", "2", "1.5"))
        one.release("a", Cost("1.2", "USD"))
        other.claim(claim("b", "0.3"))
        daily = Budget("7", "USD", "day")
        budgets = {"budget": FIVE, "hosts.pond": FIVE, "models.poster": daily}
        for shared in (one, other):
            told = shared.spent(budgets)
            assert dict(told) == {
                "budget": Decimal("1.5"),
                "hosts.pond": Decimal("1.2"),
                "models.poster": 0,
            }
        assert dict(one.spent({"budget": daily})) == {"budget": 0}, "another period is another sum"

    def test_what_costs_nothing_has_room_where_more_is_spent(self, opened: Opened) -> None:
        shared = opened()
        shared.claim(claim("a", "2"))
        shared.release("a", Cost("9", "USD"))
        assert limit(shared.claim(claim("b", "0.0001"))) == "budget"
        assert shared.claim(claim("c", "0")) is None

    def test_a_budget_for_all_time_is_not_to_be_asked_again(self, opened: Opened) -> None:
        full = opened().claim(claim("a", "6"))
        assert full is not None
        assert full.retry_after is None

    def test_of_many_threads_as_many_are_let_in_as_fit(self, opened: Opened) -> None:
        both, barrier = (opened(), opened()), Barrier(THREADS)

        def asks(number: int) -> bool:
            barrier.wait()
            return both[number % 2].claim(claim(f"c{number}", "0.4")) is None

        with ThreadPoolExecutor(THREADS) as threads:
            assert sum(threads.map(asks, range(THREADS))) == 12
        assert has_spent(both[0], "4.8")

    # --- places and paces ------------------------------------------------------------------------

    def test_a_place_is_free_when_its_call_is_over(self, opened: Opened) -> None:
        one, other = opened(), opened()
        assert one.claim(claim("a", at_once=1)) is None
        assert limit(other.claim(claim("b", at_once=1))) == "at_once"
        assert other.claim(claim("c", host="lake", at_once=1)) is None
        asked = {name: one.under_way for name, one in one.standing(["pond", "lake"]).items()}
        assert asked == {"pond": 1, "lake": 1}
        for _ in range(2):  # given back twice is as good as once
            one.release("a", None)
        assert other.claim(claim("b", at_once=1)) is None
        assert limit(one.claim(claim("d", at_once=1))) == "at_once"

    def test_a_minute_s_worth_goes_at_once_and_then_one_by_one(self, opened: Opened) -> None:
        one, other = opened(), opened()
        assert [one.claim(claim(id, rpm=2)) for id in ("a", "b")] == [None, None]
        full = other.claim(claim("c", rpm=2))
        assert full is not None
        assert full.limit == "rpm"
        assert full.retry_after is not None
        assert 0 < full.retry_after <= 30
        assert other.claim(claim("d", host="lake", rpm=2)) is None
        for id in ("a", "b"):
            one.release(id, Cost(0))
        assert limit(other.claim(claim("c", rpm=2))) == "rpm", "a release gives no pace back"

    # --- rest and trial --------------------------------------------------------------------------

    def test_a_host_rests_for_all_and_the_longer_of_two_rests_counts(self, opened: Opened) -> None:
        one, other = opened(), opened()
        one.rest("pond", 3000)
        other.rest("pond", 0)
        stands = other.standing(["pond", "lake"])
        assert stands["lake"] == Standing()
        assert 0 < stands["pond"].rests <= 3000
        assert not stands["pond"].on_trial
        assert not other.try_again("pond")

    def test_what_has_rested_is_tried_by_one_until_it_is_well(self, opened: Opened) -> None:
        one, other = opened(), opened()
        assert one.try_again("pond"), "a host that never rested may be asked by all"
        has_rested(one, other)
        assert other.standing(["pond"])["pond"] == Standing(on_trial=True)
        assert [shared.try_again("pond") for shared in (one, other)] == [True, False]
        one.is_well("pond")
        assert other.standing(["pond"])["pond"] == Standing()
        assert [shared.try_again("pond") for shared in (one, other)] == [True, True]

    def test_another_rest_ends_a_trial_and_another_begins_after_it(self, opened: Opened) -> None:
        one, other = opened(), opened()
        for _ in range(2):
            has_rested(one, other)
            assert [shared.try_again("pond") for shared in (other, one)] == [True, False]
