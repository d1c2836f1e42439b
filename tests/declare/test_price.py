"""Prices: what a list says of a call, to the last digit, and unknown where it says nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from imagekit import Fact, Picture, Price, Rate, State, TokenPrice, Usage

PAGE = Fact("https://docs.invalid/prices", "2026-11-29")
PERHAPS = Fact(PAGE.source, PAGE.date, State.UNVERIFIED)
TIERS = Price(
    None, "USD", PAGE, rates=(Rate("0.134", "1K"), Rate("0.134", "2K"), Rate("0.24", "4K"))
)
AREAS = Price("0.09", "USD", PAGE, rates=(Rate("0.045", max_pixels=2_610_000),))
TOKENS = TokenPrice(text_input="5", image_input="8", image_output="30")

AMOUNTS = st.decimals(0, 1000, places=6)
COUNTS = st.integers(0, 1000)


@given(AMOUNTS, COUNTS, AMOUNTS, COUNTS, COUNTS)
def test_pictures_and_references_are_added_up_exactly(
    amount: Decimal, pictures: int, each: Decimal, references: int, free: int
) -> None:
    price = Price(amount, "USD", PAGE, reference=each, free_references=free)
    expected = amount * pictures + each * max(0, references - free)
    assert price.estimate(pictures, references=[None] * references).amount == expected
    assert price.estimate(pictures, references=references).amount == expected


@given(COUNTS, COUNTS)
def test_a_list_is_the_same_for_calls_apart_and_together(one: int, other: int) -> None:
    kind = Picture("4K")
    apart = [TIERS.estimate(number, kind).amount for number in (one, other)]
    assert TIERS.estimate(one + other, kind).amount == sum(filter(None, apart), Decimal(0))


@pytest.mark.parametrize(
    ("price", "picture", "amount"),
    [
        (TIERS, Picture("4K"), "0.24"),
        (TIERS, Picture("512"), None),
        (AREAS, Picture(pixels=(2_610_000, 2_610_000)), "0.045"),
        (AREAS, Picture(pixels=(2_610_001, 2_700_000)), "0.09"),
        (AREAS, Picture(pixels=(2_000_000, 2_700_000)), None),
        (AREAS, Picture(), None),
        (Price(None, "USD", PAGE, rates=(Rate("2", quality="hd"),)), Picture(quality="hd"), "2"),
    ],
)
def test_the_line_that_fits_counts(price: Price, picture: Picture, amount: str | None) -> None:
    assert price.estimate(1, picture).amount == (None if amount is None else Decimal(amount))


BY_AREA = Price("1", "USD", PAGE, reference="0.1", free_references=1, reference_area=1_000_000)


@pytest.mark.parametrize(
    ("references", "amount", "least"),
    [
        ([], "1", "1"),
        ([9_000_000], "1", "1"),
        ([1, 1_000_000], "1.1", "1.1"),
        ([1, 4_600_000, 1], "1.6", "1.6"),
        ([1, 4_600_000, None], None, "1.6"),
        (0, "1", "1"),
        (10**12, None, "100000000000.9"),
    ],
)
def test_a_large_reference_costs_for_every_area_that_it_begins(
    references: list[int | None] | int, amount: str | None, least: str
) -> None:
    cost = BY_AREA.estimate(references=references)
    assert cost.amount == (None if amount is None else Decimal(amount))
    assert amount or cost.known == {"USD": Decimal(least)}


def test_lines_that_cost_the_same_need_not_be_told_apart() -> None:
    price = Price(None, "USD", PAGE, rates=(Rate("0.1", "1K"), Rate("0.1", "2K")))
    assert price.estimate(2).amount == Decimal("0.2")


def test_where_nobody_knows_which_line_counts_the_least_is_certain() -> None:
    cost = TIERS.estimate(2)
    assert (cost.amount, cost.known) == (None, {"USD": Decimal("0.268")})
    assert "0.134 to 0.24 USD a picture" in cost.why


def test_a_model_that_decides_how_many_makes_one_at_least() -> None:
    cost = Price("0.04", "USD", PAGE).estimate(None)
    assert (cost.amount, cost.known) == (None, {"USD": Decimal("0.04")})


def test_a_guessed_list_makes_a_guess() -> None:
    assert Price("0.04", "USD", PERHAPS).estimate().unverified


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-09-30", "holds from 2026-10-01"),
        ("2026-10-01", ""),
        ("2026-12-31", ""),
        ("2027-01-01", "good until 2026-12-31"),
    ],
)
def test_a_list_is_good_for_its_days_alone(day: str, why: str) -> None:
    price = Price("0.04", "USD", PAGE, since="2026-10-01", until="2026-12-31")
    cost = price.estimate(on=date.fromisoformat(day))
    assert cost.is_known == (not why)
    assert why in cost.why


# --- tokens ---------------------------------------------------------------------------------


def test_before_a_call_nobody_can_count_its_tokens() -> None:
    cost = Price(None, "USD", PAGE, tokens=TOKENS).estimate()
    assert (cost.amount, cost.known) == (None, {})
    assert "by tokens" in cost.why


@given(COUNTS, COUNTS, COUNTS)
def test_tokens_that_were_counted_say_what_a_call_cost(text: int, image: int, made: int) -> None:
    usage = Usage(
        input_tokens=text + image, input_text_tokens=text, output_tokens=made, output_text_tokens=0
    )
    cost = Price(None, "USD", PAGE, tokens=TOKENS).charged(usage, 1)
    assert cost.amount == (5 * text + 8 * image + 30 * made) / Decimal(1_000_000)


@pytest.mark.parametrize(
    "usage",
    [
        Usage(input_tokens=10, output_tokens=10),
        Usage(input_text_tokens=10, input_image_tokens=0, output_text_tokens=1),
        Usage(),
    ],
)
def test_tokens_whose_price_depends_on_what_nobody_counted_cost_nobody_knows(usage: Usage) -> None:
    assert Price(None, "USD", PAGE, tokens=TOKENS).charged(usage, 1).amount is None


def test_without_a_count_of_tokens_the_pictures_count() -> None:
    price = Price("0.039", "USD", PAGE, tokens=TOKENS)
    assert price.charged(None, 2).amount == Decimal("0.078")
    assert price.charged(Usage(generated_images=1), 2).amount == Decimal("0.039")


# --- what is no price -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        (0.04, "write it as text, '0.04'"),
        (True, "exact"),
        ("-0.04", "0 or more"),
        ("inf", "0 or more"),
        ("free", "no amount"),
    ],
)
def test_an_amount_is_exact_and_not_negative(amount: Any, says: str) -> None:
    for make in (
        lambda: Price(amount, "USD", PAGE),
        lambda: Rate(amount),
        lambda: TokenPrice(amount),
        lambda: Price("1", "USD", PAGE, reference=amount),
    ):
        with pytest.raises((TypeError, ValueError), match=says):
            make()


@pytest.mark.parametrize("day", ["tomorrow", "2026-13-01", "20261129"])
def test_a_day_is_a_day(day: str) -> None:
    with pytest.raises(ValueError, match="until is a day"):
        Price("1", "USD", PAGE, until=day)


def test_a_price_that_nobody_says_is_none() -> None:
    with pytest.raises(ValueError, match="leave it out"):
        Price(None, "USD", PAGE)


def test_a_price_is_in_a_currency() -> None:
    with pytest.raises(ValueError, match="currency"):
        Price("1", "", PAGE)


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (Price("0.04", "USD", PAGE), "0.04 USD"),
        (TIERS, "0.134 USD at 1K or at 2K, 0.24 USD at 4K"),
        (AREAS, "0.045 USD up to 2,610,000 px, 0.09 USD for others"),
        (
            Price("1", "USD", PAGE, reference="0.003", free_references=1, until="2026-12-31"),
            "1 USD; each reference after 1 0.003 USD; until 2026-12-31",
        ),
        (BY_AREA, "1 USD; each reference after 1 0.1 USD for every 1,000,000 px begun"),
    ],
)
def test_a_price_in_words(price: Price, words: str) -> None:
    assert price.describe() == words
