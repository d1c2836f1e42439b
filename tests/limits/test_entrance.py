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
