"""Threads are shared among callers."""

from __future__ import annotations

import pytest

from imagekit_gateway.refusals import Refused
from imagekit_gateway.gateway.shares import Shares


@pytest.mark.parametrize(("threads", "most"), [(1, 1), (2, 1), (8, 7), (512, 504)])
def test_the_last_threads_are_for_others(threads: int, most: int) -> None:
    assert Shares(threads).most == most


def test_a_caller_has_its_share_again_when_one_is_over() -> None:
    shares = Shares(2)
    shares.take("mary")
    with pytest.raises(Refused, match="the most that one key may have at once") as refused:
        shares.take("mary")
    assert (refused.value.status, refused.value.again) == (429, True)
    shares.take("bob")
    shares.give("mary")
    shares.take("mary")
