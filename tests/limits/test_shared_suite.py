"""What counts in one process does what is asked of everybody who counts; and who does it wrong
is found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from imagekit import Cost, InProcess, Shared
from imagekit.send.limits.rate import Rate
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


class GivesPaceBack(InProcess):
    """Who is through makes room for another at once."""

    def release(self, call, cost):  # type: ignore[no-untyped-def]
        if host := self._under_way.get(call):
            host.rate = Rate()
        super().release(call, cost)


class TriesOnce(InProcess):
    """A second rest leaves the trial of the first standing."""

    def rest(self, host, seconds):  # type: ignore[no-untyped-def]
        tried = getattr(self._host(host).health, "tried", None)
        super().rest(host, seconds)
        self._hosts[host].health.tried = tried  # type: ignore[union-attr]


class Generous(InProcess):
    """Nobody is refused."""

    def claim(self, claim):  # type: ignore[no-untyped-def]
        super().claim(claim)


@pytest.mark.parametrize(
    ("wrong", "check"),
    [
        (Forgets, "test_claimed_again_when_it_is_over_it_counts_again"),
        (GivesPaceBack, "test_a_minute_s_worth_goes_at_once_and_then_one_by_one"),
        (TriesOnce, "test_another_rest_ends_a_trial_and_another_begins_after_it"),
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
