"""How often the first in line asks, and what ends its waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from imagekit import Claim, Full, InProcess, LimitReached, NotSent
from imagekit.send.deadline import Deadline
from imagekit.send.limits.asked import Asked
from imagekit.send.limits.entrance import Entrance
from imagekit.send.limits.hall import Hall
from imagekit.send.limits.told import Told


class NoRoom(InProcess):
    """Never has any, and notes when it was asked."""

    def __init__(self, clock: Any, retry_after: float | None) -> None:
        super().__init__(clock, clock)
        self.clock, self.retry_after, self.asked = clock, retry_after, list[float]()

    def claim(self, claim: Claim) -> Full | None:
        self.asked.append(self.clock.now)
        return Full("at_once", "no room", self.retry_after)


def go_in(shared: NoRoom, stop: threading.Event | None, sleep: Callable[[float], object]) -> None:
    """Within five seconds."""
    hall = Hall({}, Asked(shared), Told(shared), shared.clock)
    within = Deadline(shared.clock.now + 5, shared.clock, stop)
    Entrance(hall, Claim("a/pond", "pond", at_once=1), within, sleep).go_in("somebody", None)


@pytest.mark.parametrize("stop", [None, threading.Event()], ids=["", "can-be-stopped"])
@pytest.mark.parametrize(
    ("retry_after", "asked_every"), [(2.5, 2.5), (None, 1.0), (0.25, 0.25), (0.0, 0.05), (-1, 0.05)]
)
def test_the_first_asks_again_when_it_is_told_to(
    clock: Any, stop: threading.Event | None, retry_after: float | None, asked_every: float
) -> None:
    """And not sooner, also where somebody may stop it; but never in a hot loop."""
    shared = NoRoom(clock, retry_after)
    with pytest.raises(LimitReached):
        go_in(shared, stop, clock.sleep)
    assert shared.asked[1] - shared.asked[0] == pytest.approx(asked_every)
    assert len(shared.asked) == pytest.approx(5 / asked_every + 1, abs=1)


def test_who_is_stopped_hears_of_it_while_it_waits(clock: Any) -> None:
    shared, stop = NoRoom(clock, 4.0), threading.Event()

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        stop.set()

    with pytest.raises(NotSent):
        go_in(shared, stop, sleep)
    assert clock.now <= shared.asked[0] + 0.25
    assert len(shared.asked) == 1


def test_a_host_that_rests_is_left_for_one_that_does_not(clock: Any) -> None:
    """Where all of them rest, it is asked all the same: a rest is not waited for."""
    shared = InProcess(clock, clock)
    told, within = Told(shared), Deadline(None, clock)
    hall = Hall({}, Asked(shared), told, clock)

    def go_in(call: str, *elsewhere: str) -> None:
        claim = Claim(call, "pond", at_once=2)
        Entrance(hall, claim, within, clock.sleep, elsewhere).go_in("somebody", None)

    told.rest("pond", 4)
    with pytest.raises(LimitReached, match=r"pond is to be left alone for 4\.0 s") as caught:
        go_in("a", "pool", "lake")
    assert (caught.value.limit, caught.value.retry_after) == ("rest", 4)
    assert shared.standing(["pond"])["pond"].under_way == 0
    go_in("b")
    told.rest("pool", 9)
    go_in("c", "pool")
    assert shared.standing(["pond"])["pond"].under_way == 2
