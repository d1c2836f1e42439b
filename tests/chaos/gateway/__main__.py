"""Kill and restart gateways under load, and print what became of every paid call."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from random import SystemRandom

from tests.chaos.gateway.runs import Run, killed, restarted
from tests.chaos.store.databases import Databases, databases

COLUMNS = ("requests", "calls", "billed", "stored", "unknown", "free", "moving", "twice", "lost")
#: A gateway is killed once in so many requests.
RARELY = 16
#: How often each is restarted.
ROUNDS = 5


def line(name: str, done: Run, seconds: float) -> str:
    numbers = "".join(f"{getattr(done.account, column):>9}" for column in COLUMNS)
    broken = sum(not one.refused for one in done.broken)
    return f"{name:<10}{len(done.ends):>6}{broken:>8}{numbers}{seconds:>8.0f} s"


def runs(count: int, seed: int) -> dict[str, Callable[[Databases], Run]]:
    return {
        "killed": partial(killed, count=count, kills=max(1, count // RARELY), seed=seed),
        "restarted": partial(restarted, count=count, rounds=ROUNDS, seed=seed),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.gateway", description=__doc__)
    parser.add_argument("--purchases", type=int, default=1000, help="requests of each run (1000)")
    parser.add_argument("--seed", type=int, help="that of an earlier run; a new one if not given")
    given = parser.parse_args()
    seed = SystemRandom().randrange(10**6) if given.seed is None else given.seed
    heads = "".join(f"{one:>9}" for one in COLUMNS)
    print(f"seed {seed}\n{'':<10}{'ends':>6}{'broken':>8}{heads}", flush=True)
    wrong: list[str] = []
    with databases() as make:
        for name, run in runs(given.purchases, seed).items():
            began = time.monotonic()
            done = run(make)
            print(line(name, done, time.monotonic() - began), flush=True)
            wrong += [f"{name}: {one}" for one in done.wrong]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
