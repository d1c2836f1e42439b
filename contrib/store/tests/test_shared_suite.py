"""A store counts as one process does: it passes the suite of everybody who counts, and answers
whatever it is asked as `InProcess` does."""

from __future__ import annotations

from decimal import Decimal
from itertools import count

from hypothesis import HealthCheck, given, settings, strategies as st

from imagekit import Budget, Claim, Cost, InProcess, Spending
from imagekit.testing import SharedSuite

NUMBERS = count(1)
NAMES = ("budget", "hosts.pond")
amounts = st.decimals("0.0001", "3", places=4)
costs = amounts.map(lambda amount: Cost(amount, "USD")) | st.sampled_from([Cost(0), None])
calls = st.sampled_from("abcd")
claims = st.tuples(st.just("claim"), calls, st.tuples(amounts, amounts))
releases = st.tuples(st.just("release"), calls, costs)


class TestStore(SharedSuite):
    """By the fixture ``opened`` of all tests here, on both databases."""


def asked(shared, example, step):
    """What one is told, whose calls and budgets are this example's own."""
    what, call, told = step
    id = f"{example}-{call}"
    if what == "release":
        shared.release(id, told)
        return None
    five = Budget("5", "USD")
    of = (f"{name}-{example}" for name in NAMES)
    spending = tuple(Spending(name, five, amount) for name, amount in zip(of, told, strict=True))
    full = shared.claim(Claim(id, f"pond-{example}", at_once=2, spending=spending))
    return full and (full.limit, spent(full.why))


def spent(why):
    """The sum that a budget's refusal names; others name none."""
    _, _, amount = why.partition(" has no room: ")
    return amount and Decimal(amount.split()[0])


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(claims | releases, max_size=20))
def test_whatever_is_asked_is_answered_as_in_one_process(store, steps):
    example, alone = next(NUMBERS), InProcess()
    far_more = ("claim", "asks", (Decimal(1000), Decimal(1000)))
    for step in [*steps, far_more]:
        assert asked(store, example, step) == asked(alone, example, step)
