"""Kill programs in the middle of paid calls, and print what became of every picture: at every
chosen moment first, then at random until there were enough kills."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Callable, Iterable
from functools import partial
from random import Random, SystemRandom

from tests.chaos.asks import ASKS
from tests.chaos.bills import Sum
from tests.chaos.lives import Life, World, at_moment, at_random, many, world
from tests.chaos.moments import ARRIVED, BUYING, RESUMING
from tests.chaos.victims import COMMAND_LINE, EMBEDDING

__all__ = ["table"]

BOTH = (EMBEDDING, COMMAND_LINE)
COLUMNS = ("calls", "billed", "back", "listed", "lost", "twice")


def table(lives: Iterable[Life]) -> str:
    """What became of the pictures, one line for each way to ask."""
    sums: dict[str, Sum] = {}
    for life in lives:
        for bill in life.bills:
            for name in (life.ask.name, f"~ {life.programs[0]}", "~ all"):
                sums.setdefault(name, Sum()).add(bill)
    lines = [f"{'':<16}" + "".join(f"{column:>8}" for column in COLUMNS)]
    for name, one in sorted(sums.items()):
        lines.append(f"{name:<16}" + "".join(f"{getattr(one, column):>8}" for column in COLUMNS))
    return "\n".join(lines)


def chosen(place: World, seed: int) -> list[Callable[[], Life]]:
    """Every way to ask, killed at every moment; half of them have an heir that is killed too."""
    chance = Random(seed)
    lives = []
    for ask, (name, moment) in itertools.product(ASKS.values(), BUYING.items()):
        moments = [moment, chance.choice([*RESUMING.values()])][: chance.randint(1, 2)]
        halves = [{**one, "half": chance.random() < 0.5} for one in moments]
        arrived, programs = name in ARRIVED, chance.choice(BOTH)
        lives.append(partial(at_moment, place, programs, ask, *halves, arrived=arrived))
    return lives


def random_life(place: World, number: int, seed: int) -> Callable[[], Life]:
    """The command line and an embedding take turns, and so do the ways to ask."""
    return partial(at_random, place, BOTH[(number + number // len(ASKS)) % 2], number, seed)


def told(lives: list[Life]) -> bool:
    """Print what came of them; whether all is well."""
    wrong = [one for life in lives for one in life.wrong]
    print(f"{sum(life.kills for life in lives)} kills in {len(lives)} lives\n{table(lives)}")
    print(*wrong, sep="\n", flush=True)
    return not wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=300, help="how many at random (300)")
    parser.add_argument("--seed", type=int, help="that of an earlier run; a new one if not given")
    parser.add_argument("--at-once", type=int, default=4, help="victims side by side (4)")
    given = parser.parse_args()
    seed = SystemRandom().randrange(10**6) if given.seed is None else given.seed
    print(f"seed {seed}\nat chosen moments: ", end="", flush=True)
    with world("0") as place:
        well = told(many(chosen(place, seed), given.at_once))
    print("at random: ", end="", flush=True)
    lives: list[Life] = []
    with world() as place:
        while (left := given.kills - sum(life.kills for life in lives)) > 0:
            numbers = range(len(lives), len(lives) + left)
            lives += many([random_life(place, n, seed) for n in numbers], given.at_once)
    return 0 if told(lives) and well else 1


if __name__ == "__main__":
    sys.exit(main())
