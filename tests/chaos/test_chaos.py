"""Who is killed loses nothing that was paid for, and nobody pays twice for anything.

A run like those of ``make chaos``, but short, and with more allowance for a busy machine.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import SystemRandom

import pytest

from tests.chaos.__main__ import BOTH, random_life
from tests.chaos.asks import ASKS
from tests.chaos.lives import Life, World, at_moment, many, told_to_end, world
from tests.chaos.moments import ARRIVED, BUYING, RESUMING

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="asks /proc how victims fare"),
]

#: One for each way in which pictures travel.
USUAL = ("token360 url", "openai b64", "ark stream b64", "klingai job")
LIVES_AT_RANDOM = 24


@pytest.fixture(scope="module")
def busy() -> Iterator[World]:
    """Answers take some time."""
    with world("uniform:0,0.3", allowance=0.8) as place:
        yield place


@pytest.fixture(scope="module")
def slow() -> Iterator[World]:
    """Whoever waits for an answer waits long."""
    with world("3") as place:
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
    lives = many([random_life(busy, number, seed) for number in range(LIVES_AT_RANDOM)])
    assert wrong(lives) == [], f"seed {seed}"
    assert sum(life.kills for life in lives) >= LIVES_AT_RANDOM // 2


@pytest.mark.parametrize("name", USUAL)
def test_at_every_moment(quick: World, name: str) -> None:
    lives = many(
        [
            partial(
                at_moment,
                quick,
                BOTH[at // 2 % 2],
                ASKS[name],
                {**BUYING[moment], "half": bool(at % 2)},
                arrived=moment in ARRIVED,
            )
            for at, moment in enumerate(BUYING)
        ]
    )
    assert wrong(lives) == []
    assert sum(life.kills for life in lives) >= 9


def test_at_every_moment_of_resuming(quick: World) -> None:
    first = {"pattern": 'write .*"kept"'}
    lives = many(
        [
            partial(at_moment, quick, programs, ASKS[USUAL[at % 4]], first, second, arrived=True)
            for programs in BOTH
            for at, second in enumerate(RESUMING.values())
        ]
    )
    assert wrong(lives) == []
    assert sum(life.kills for life in lives) >= 12


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_told_to_end(slow: World, by: int) -> None:
    lives = many([partial(told_to_end, slow, ASKS[name], by) for name in USUAL])
    assert wrong(lives) == []
    assert ["interrupted" in life.log for life in lives] == [True] * len(USUAL)


#: Where the disk is full. What is first noted of a call is needed; all else can wait.
FULL = ('write .*"sending"', "open .*/journal/pictures/", "open .*kept/", 'write .*"answered"')


@pytest.mark.parametrize("programs", BOTH, ids=["embedding", "command-line"])
def test_on_a_full_disk(quick: World, programs: tuple[str, str]) -> None:
    full = [{"pattern": pattern, "full": True} for pattern in FULL]
    lives = many(
        [partial(at_moment, quick, programs, ASKS[name], one) for name in USUAL for one in full]
    )
    assert wrong(lives) == []
    assert [life.bills for life in lives[:: len(FULL)]] == [[]] * len(USUAL)


@pytest.mark.parametrize("fault", ["lost", "lost:502", "truncated"])
def test_answers_that_a_proxy_loses(tmp_path: Path, fault: str) -> None:
    """Nothing is bought again, and a job that has a name is found by it."""
    rules = tmp_path / "rules.toml"
    rules.write_text(f'[[rules]]\nfault = "{fault}"\n')
    never = {"pattern": "^$"}
    with world("0", rules=rules) as lossy:
        asks = [(programs, ASKS[name]) for programs in BOTH for name in USUAL]
        lives = many([partial(at_moment, lossy, programs, ask, never) for programs, ask in asks])
    assert wrong(lives) == []
    assert [len(life.bills) for life in lives] == [1] * len(lives)
