"""Measure what a request costs, and print it. Requests a second are of this machine and all else
that it does, so they are compared in turns; processor time is that of a server's own processes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping

from tests.bench.gateway import memory
from tests.bench.gateway.memory import MIB, Taken
from tests.bench.gateway.speed import RIVALS, bench_speed
from tests.chaos.store.databases import DATABASES

#: MiB of memory.
HELD_AIM, GROWTH_AIM = 150.0, 20.0


def bench_held(count: int = 500, seconds: float = 20.0) -> None:
    """Of many at once."""
    print(f"\n{count} requests of {seconds:g} s at once\n")
    found = memory.held(count, seconds)
    line = f"{found.before:.1f} MiB before, {found.most:.1f} at most, {found.failed} failed"
    print(line + aim(found.most <= HELD_AIM and not found.failed, f"{HELD_AIM:g} MiB, none"))


def bench_large(
    count: int = 15, size: int = 16 * MIB, given: int = 14, each: int = 9_000_000
) -> None:
    """Of large pictures."""
    cases: Mapping[str, Callable[[], Taken]] = {
        f"{count} pictures of {size / MIB:g} MiB": lambda: memory.pictures(count, size),
        f"{given} references of {each / 1e6:g} MB": lambda: memory.references(given, each),
        f"{given} of them in a form": lambda: memory.forms(given, each),
    }
    print(f"\nMiB of one request\n\n{'':32}{'before':>8}{'at most':>9}{'growth':>8}")
    for name, measured in cases.items():
        found = measured()
        line = f"{name:32}{found.before:8.1f}{found.most:9.1f}{found.growth:8.1f}"
        print(line + aim(found.growth <= GROWTH_AIM, f"{GROWTH_AIM:g}"), flush=True)


def aim(met: bool, what: str) -> str:
    return f"   aim {what}: {'met' if met else 'MISSED'}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.gateway", description=__doc__)
    parser.add_argument("which", nargs="*", help="of speed, held, large; all")
    parser.add_argument("--beside", nargs="*", choices=RIVALS, help="whom to compare with; all")
    parser.add_argument("--profile", type=int, default=0, metavar="SECONDS", help="and what for")
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    given = parser.parse_args()
    others = [*RIVALS] if given.beside is None else given.beside
    benches: Mapping[str, Callable[[], None]] = {
        "speed": lambda: bench_speed(others, given.database, profiled=given.profile),
        "held": bench_held,
        "large": bench_large,
    }
    if unknown := {*given.which} - {*benches}:
        parser.error(f"there is no {', '.join(sorted(unknown))}, only {', '.join(benches)}")
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {load}")
    for name in given.which or benches:
        benches[name]()


if __name__ == "__main__":
    main()
