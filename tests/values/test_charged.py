"""Whether something was paid for: of one call, and of several together."""

from __future__ import annotations

from decimal import Decimal

import pytest

from imagekit import Charged, Cost, Result

NO, MAYBE, YES = Charged


@pytest.mark.parametrize(
    ("every", "dearest"),
    [((), NO), ((NO, NO), NO), ((NO, MAYBE), MAYBE), ((YES, MAYBE, NO), YES)],
)
def test_of_several_calls_the_dearest_counts(every: tuple[Charged, ...], dearest: Charged) -> None:
    assert Charged.dearest(every) is dearest


@pytest.mark.parametrize(
    ("cost", "charged"),
    [(Cost(Decimal(0)), NO), (Cost(Decimal("0.04"), "USD"), YES), (Cost(why="nobody says"), YES)],
)
def test_what_was_made_was_paid_for_unless_it_cost_nothing(cost: Cost, charged: Charged) -> None:
    assert Result((), cost=cost).charged is charged
