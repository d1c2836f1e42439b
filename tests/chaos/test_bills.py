"""What is called back, listed, lost and bought twice."""

from __future__ import annotations

import pytest

from tests.chaos.asks import ASKS
from tests.chaos.bills import Bill

LISTED = ("may have been charged",)


@pytest.mark.parametrize(
    ("bill", "back_listed_lost_twice"),
    [
        ({"billed": 3, "due": 3, "kept": 3}, (3, 0, 0, 0)),
        ({"billed": 3, "due": 1, "kept": 1, "told": LISTED}, (1, 2, 0, 0)),
        ({"billed": 3, "due": 2, "kept": 1, "told": LISTED}, (1, 1, 1, 0)),
        ({"billed": 3, "due": 0, "kept": 1}, (1, 0, 2, 0)),
        ({"billed": 6, "due": 3, "kept": 3, "told": LISTED}, (3, 3, 0, 3)),
        ({"billed": 0, "due": 0, "kept": 0, "told": LISTED}, (0, 0, 0, 0)),
    ],
)
def test_what_became_of_three_pictures(bill, back_listed_lost_twice):
    found = Bill(ASKS["ark group"], "r1x0", **{"told": (), **bill})
    assert (found.kept, found.listed, found.lost, found.twice) == back_listed_lost_twice


def test_where_a_job_can_be_asked_for_by_its_name_being_told_is_not_enough():
    bill = Bill(ASKS["klingai job"], "r1x0", billed=1, due=0, kept=0, told=LISTED)
    assert (bill.listed, bill.lost) == (0, 1)
