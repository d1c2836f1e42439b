"""Run a large batch, kill it three times, and print what became of it."""

from __future__ import annotations

import argparse
import sys
from random import SystemRandom

from tests.chaos.batch.runs import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.batch", description=__doc__)
    parser.add_argument("--lines", type=int, default=10_000, help="of the file (10,000)")
    parser.add_argument("--kills", type=int, default=3, help="of the command (3)")
    parser.add_argument("--at-once", type=int, default=16, help="requests under way (16)")
    parser.add_argument("--seed", type=int, help="that of an earlier run; a new one if not given")
    given = parser.parse_args()
    seed = SystemRandom().randrange(10**6) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    done = run(given.lines, given.kills, seed, given.at_once)
    account = done.account
    print(
        f"{given.lines:,} lines, {done.kills} kills: {account.billed:,} billed, "
        f"{account.done:,} done, {account.failed:,} failed, {account.unknown:,} unknown, "
        f"{account.twice:,} twice, {account.lost:,} lost; {account.pictures:,} pictures, "
        f"{account.sum} USD\n{done.seconds:,.0f} s, {given.lines / done.seconds:,.1f} a second, "
        f"at most {done.peak / 1024:,.0f} MiB; exit code {done.code}"
    )
    print(*done.wrong[:50], sep="\n", end="\n" if done.wrong else "")
    return 1 if done.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
