"""What counts in one process does what is asked of everybody who counts; and who does it wrong
is found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from imagekit import Cost, InProcess, Shared
from imagekit.testing import SharedSuite


class TestInProcess(SharedSuite):
    @pytest.fixture
    def opened(self) -> Callable[[], Shared]:
        shared = InProcess()
        return lambda: shared


class Forgets(InProcess):
    """What a call has cost is forgotten when it is begun again."""

    def claim(self, claim):  # type: ignore[no-untyped-def]
        self._ledger.settle(claim.call, Cost(0))
        return super().claim(claim)


class Generous(InProcess):
    """Nobody is refused."""

    def claim(self, claim):  # type: ignore[no-untyped-def]
        super().claim(claim)


@pytest.mark.parametrize(
    ("wrong", "check"),
    [
        (Forgets, "test_claimed_again_when_it_is_over_it_counts_again"),
        (Generous, "test_of_many_threads_as_many_are_let_in_as_fit"),
        (Generous, "test_a_minute_s_worth_goes_at_once_and_then_one_by_one"),
    ],
)
def test_who_counts_wrong_is_found(wrong: type[InProcess], check: str) -> None:
    shared = wrong()
    with pytest.raises(AssertionError):
        getattr(SharedSuite(), check)(lambda: shared)


def test_two_who_do_not_share_are_found() -> None:
    with pytest.raises(AssertionError):
        SharedSuite().test_a_place_is_free_when_its_call_is_over(InProcess)
