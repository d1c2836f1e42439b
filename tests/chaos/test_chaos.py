"""Who is killed loses nothing that was paid for, and nobody pays twice for anything.

A run like those of ``make chaos``, but short, and with more allowance for a busy machine.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from random import SystemRandom

import pytest

from tests.chaos.__main__ import BOTH, random_life
from tests.chaos.asks import ASKS
from tests.chaos.lives import Life, World, at_moment, many, world
from tests.chaos.moments import BUYING, RESUMING

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc how victims fare")

#: One for each way in which pictures travel.
USUAL = ("token360 url", "openai b64", "ark stream b64", "klingai job")
KILLS_AT_RANDOM = 36


@pytest.fixture(scope="module")
def busy() -> Iterator[World]:
    """Answers take some time."""
    with world("uniform:0,0.3", allowance=0.8) as place:
        yield place


@pytest.fixture(scope="module")
def quick() -> Iterator[World]:
    """Answers come at once, and jobs at the second look."""
    with world("0") as place:
        yield place


def wrong(lives: list[Life]) -> list[str]:
    return [one for life in lives for one in life.wrong]


def test_at_random(busy: World) -> None:
    seed = SystemRandom().randrange(10**6)
    lives = many([random_life(busy, number, seed) for number in range(KILLS_AT_RANDOM)])
    assert wrong(lives) == [], f"seed {seed}"
    assert sum(life.kills for life in lives) >= KILLS_AT_RANDOM


@pytest.mark.parametrize("name", USUAL)
def test_at_every_moment(quick: World, name: str) -> None:
    halves = ({**moment, "half": bool(at % 2)} for at, moment in enumerate(BUYING.values()))
    lives = many(
        [
            partial(at_moment, quick, BOTH[at // 2 % 2], ASKS[name], moment)
            for at, moment in enumerate(halves)
        ]
    )
    assert wrong(lives) == []
    assert sum(life.kills for life in lives) >= 9


def test_at_every_moment_of_resuming(quick: World) -> None:
    first = {"pattern": 'write .*"kept"'}
    lives = many(
        [
            partial(at_moment, quick, programs, ASKS[USUAL[at % 4]], first, second)
            for programs in BOTH
            for at, second in enumerate(RESUMING.values())
        ]
    )
    assert wrong(lives) == []
    assert sum(life.kills for life in lives) >= 12
