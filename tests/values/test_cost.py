"""Costs: exact, added only where they can be, and unknown rather than 0."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given, strategies as st

from imagekit import Cost, InvalidConfiguration, from_plain, to_plain
from imagekit.values.cost import BY_HOST, BY_LIST, total

AMOUNTS = st.decimals(0, 10_000, places=8)
DOLLARS = st.builds(Cost, AMOUNTS, st.just("USD"), st.sampled_from([BY_HOST, BY_LIST]))
UNKNOWN = st.builds(
    Cost, known=st.dictionaries(st.just("USD"), AMOUNTS), why=st.sampled_from(["", "no list"])
)


@given(st.lists(DOLLARS, min_size=1))
def test_a_sum_is_exact_and_said_by_the_weaker_of_those_who_say_it(costs: list[Cost]) -> None:
    whole = total(costs)
    assert whole.amount == sum((cost.amount for cost in costs), Decimal(0))
    assert whole.currency == "USD"
    assert whole.by == (BY_HOST if {cost.by for cost in costs} == {BY_HOST} else BY_LIST)


@given(st.lists(DOLLARS), UNKNOWN, st.lists(DOLLARS | UNKNOWN))
def test_a_sum_with_something_unknown_is_unknown_and_tells_what_is_certain(
    some: list[Cost], unknown: Cost, others: list[Cost]
) -> None:
    costs = [*some, unknown, *others]
    whole = total(costs)
    certain = [cost.known.get("USD", 0) if cost.amount is None else cost.amount for cost in costs]
    assert whole.amount is None
    assert whole.known.get("USD", 0) == sum(certain)


def test_different_currencies_are_never_added() -> None:
    whole = total([Cost("0.04", "USD"), Cost("0.2", "CNY"), Cost("0.01", "USD")])
    assert (whole.amount, whole.currency) == (None, None)
    assert whole.known == {"USD": Decimal("0.05"), "CNY": Decimal("0.2")}
    assert "different currencies" in str(whole)


def test_a_sum_is_exact_whatever_the_program_has_set_for_its_own() -> None:
    with localcontext(Context(prec=2)):
        whole = total([Cost("10.25", "USD"), Cost("0.001", "USD")])
    assert str(whole.amount) == "10.251"


def test_one_guess_makes_a_guess_of_the_sum() -> None:
    assert total([Cost("1", "USD"), Cost("1", "USD", unverified=True)]).unverified


def test_no_call_costs_nothing_that_is_known() -> None:
    assert total([]).amount is None


@given(DOLLARS | UNKNOWN)
def test_a_cost_comes_back_from_json_as_it_was(cost: Cost) -> None:
    plain = to_plain(cost)
    assert plain["amount"] is None or "E" not in plain["amount"]
    assert from_plain(plain, Cost) == cost


@pytest.mark.parametrize("amount", [0.04, 4, "much", "-1", "NaN"])
def test_an_amount_in_json_is_text_and_a_number(amount: Any) -> None:
    with pytest.raises(InvalidConfiguration):
        from_plain({"amount": amount}, Cost)


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (Cost("0.120", "USD", BY_LIST), "0.120 USD by the host's list"),
        (Cost("0.04", "USD", BY_LIST, unverified=True), "perhaps 0.04 USD by the host's list"),
        (Cost("8", None, BY_HOST), "8 of a currency that is not named, as the host says"),
        (Cost("0", "USD", BY_LIST), "nothing by the host's list"),
        (Cost(known={"USD": "0.0000001"}), "unknown, at least 0.0000001 USD"),
        (Cost(why="no list"), "unknown: no list"),
    ],
)
def test_a_cost_in_words(cost: Cost, words: str) -> None:
    assert str(cost) == words
