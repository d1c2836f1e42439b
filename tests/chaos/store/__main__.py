"""Answer requests by workers that are killed, and print what became of every paid call."""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from random import SystemRandom

from tests.chaos.nursery import Nursery
from tests.chaos.store.databases import DATABASES, databases
from tests.chaos.store.runs import Run, run
from tests.chaos.store.workers import __name__ as school

COLUMNS = ("requests", "calls", "billed", "stored", "unknown", "free", "moving", "twice", "lost")
#: One worker in so many requests is killed.
RARELY = 16


def line(name: str, done: Run, seconds: float) -> str:
    numbers = "".join(f"{getattr(done.account, column):>9}" for column in COLUMNS)
    return f"{name:<14}{done.kills:>6}{done.steps:>6}{numbers}{seconds:>8.0f} s"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.store", description=__doc__)
    parser.add_argument("--purchases", type=int, default=1000, help="requests of each run (1000)")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 3], help="workers (1 3)")
    parser.add_argument("--database", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--seed", type=int, help="that of an earlier run; a new one if not given")
    given = parser.parse_args()
    seed = SystemRandom().randrange(10**6) if given.seed is None else given.seed
    print(f"seed {seed}\n{'':<14}{'kills':>6}{'at':>6}" + "".join(f"{one:>9}" for one in COLUMNS))
    wrong: list[str] = []
    with databases() as make, Nursery(school) as nursery:
        for kind, processes in itertools.product(given.database, given.processes):
            name, began = f"{kind} x {processes}", time.monotonic()
            count = given.purchases
            kills = max(1, count // RARELY)
            done = run(
                make, nursery, kind, processes=processes, count=count, kills=kills, seed=seed
            )
            print(line(name, done, time.monotonic() - began), flush=True)
            wrong += [f"{name}: {one}" for one in done.wrong]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
