"""Budgets as people write them, and their periods."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st

from imagekit import Alias, Budget, Cost, HostSettings, from_plain, to_plain
from imagekit.values.budget import PERIODS, price_of_one


def unix(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("20 USD/month", Budget("20", "USD", "month")),
        (" 5 EUR / day ", Budget("5", "EUR", "day")),
        ("100 credits", Budget("100", "credits")),
        ("0.05 USD/total", Budget("0.05", "USD")),
    ],
)
def test_a_budget_as_people_write_it(text: str, budget: Budget) -> None:
    assert Budget.parse(text) == budget
    assert Budget.parse(str(budget)) == budget


@given(
    st.builds(
        Budget,
        st.decimals(0, 10**9, places=6),
        st.from_regex(r"[A-Z]{3}", fullmatch=True),
        st.sampled_from(PERIODS),
    )
)
def test_what_is_shown_is_what_can_be_written(budget: Budget) -> None:
    assert Budget.parse(str(budget)) == budget


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("20", "'20' is no budget; one is"),
        ("USD 20", "is no budget"),
        ("-20 USD", "is no budget"),
        ("1,5 USD", "'1,5' is no amount of money"),
        (20, "20 is no budget"),
        ("20 USD/week", "for a day, a month or in all, not for a week"),
        ("5 usd", r"no host counts in usd; did you mean USD\?"),
        ("10 dollars/month", r"no host counts in dollars; did you mean USD\?"),
    ],
)
def test_what_is_no_budget(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Budget.parse(text)


@pytest.mark.parametrize(
    ("period", "now", "began", "next_begins"),
    [
        ("day", "2026-11-30T23:59:59", "2026-11-30", "2026-12-01"),
        ("month", "2026-11-30T23:59:59", "2026-11-01", "2026-12-01"),
        ("month", "2026-12-01T00:00:00", "2026-12-01", "2027-01-01"),
        ("month", "2028-02-29T12:00:00", "2028-02-01", "2028-03-01"),
    ],
)
def test_when_a_period_began_and_when_the_next_one_does(
    period: str, now: str, began: str, next_begins: str
) -> None:
    budget = Budget("1", "USD", period)
    assert budget.began(unix(now)) == unix(began)
    assert budget.next_begins(unix(now)) == unix(next_begins)


def test_a_budget_for_all_time_never_begins_again() -> None:
    budget = Budget("1", "USD")
    assert (budget.began(unix("2026-11-30")), budget.next_begins(0.0)) == (0.0, None)


@pytest.mark.parametrize(
    ("text", "price"),
    [("refuse", None), ("0.05 USD", Cost("0.05", "USD")), ("0 USD", Cost(0, "USD"))],
)
def test_the_price_of_a_picture_of_which_nobody_knows_it(text: str, price: Cost | None) -> None:
    assert price_of_one(text) == price


@pytest.mark.parametrize("text", ["cheap", "0.05", "0.05 USD/month", 0.05])
def test_what_is_no_price(text: str) -> None:
    with pytest.raises(ValueError, match='must be "refuse", or what a picture counts'):
        price_of_one(text)


def test_the_price_of_a_picture_is_in_no_word_for_a_currency() -> None:
    with pytest.raises(ValueError, match=r"did you mean USD\?"):
        price_of_one("0.05 usd")


@pytest.mark.parametrize(
    "settings",
    [
        Alias("seedream-4.5", budget=Budget.parse("5 EUR"), failover=True),
        HostSettings(budget=Budget.parse("20 USD/month"), rpm=3),
    ],
)
def test_settings_with_a_budget_are_the_same_there_and_back(settings: Any) -> None:
    assert from_plain(json.loads(json.dumps(to_plain(settings))), type(settings)) == settings
