"""Measure what a store costs, and print it. Times are of this machine and all else that it does."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from imagekit_store import Store

from tests.bench.store import filling, pages, steps, workers
from tests.chaos.store.databases import DATABASES, Databases, databases

STEPS_AIM, PAGE_AIM, GROWTH_AIM = 1500, 0.005, 8.0


@contextmanager
def new(make: Databases, kind: str) -> Iterator[Store]:
    """An empty store, on the disk that temporary files are on."""
    with (
        TemporaryDirectory() as folder,
        Store(make(kind, Path(folder)), pictures=f"{folder}/pictures") as store,
    ):
        yield store


def bench_steps(make: Databases, purchases: int = 3000) -> None:
    """Three durable steps of each purchase, and with them a picture that is announced and kept."""
    print(f"\nDurable steps: {steps.STEPS} for each purchase\n")
    print(f"{'':12}{'threads':>8}{'':12}{'purchases/s':>12}{'steps/s':>9}{'CPU ms':>8}")
    for kind in DATABASES:
        for threads in (1, 16, 64):
            for drawn in (False, True):
                count = max(1, purchases // (5 if drawn else 1) // (4 if threads == 1 else 1))
                with new(make, kind) as store:
                    found = steps.measured(store, threads, count, drawn)
                what = "+ picture" if drawn else "rows"
                line = f"{kind:12}{threads:>8}  {what:10}{found.purchases:12.0f}"
                line += f"{found.steps:9.0f}{found.cpu * 1e3:8.2f}"
                aimed = kind == "sqlite" and threads == 16 and not drawn
                print(line + (aim(found.steps >= STEPS_AIM, f"{STEPS_AIM}") if aimed else ""))


def bench_pages(make: Databases, count: int = 1_000_000, rounds: int = 50) -> None:
    for kind in DATABASES:
        with new(make, kind) as store:
            began = time.perf_counter()
            filling.fill(store, count)
            took = time.perf_counter() - began
            print(f"\nA page of {pages.LIMIT} from {count:,}, {kind} (filled in {took:.0f} s)\n")
            print(f"{'':36}{'p50 ms':>9}{'p95 ms':>9}{'CPU ms':>9}{'entries':>9}")
            for question in pages.questions(count):
                found = pages.measured(store, question, rounds)
                line = f"{question.name:36}{found.p50 * 1e3:9.2f}{found.p95 * 1e3:9.2f}"
                line += f"{found.cpu * 1e3:9.2f}{found.entries:9}"
                print(line + (aim(found.p50 < PAGE_AIM, "5 ms") if question.aimed else ""))


def bench_jobs(make: Databases, count: int = 1000, latency: float = 30.0) -> None:
    found = workers.jobs(count, latency)
    print(f"\n{count:,} jobs at Kling that take {latency:g} s each, {workers.THREADS} threads\n")
    print(f"done {found.done:,} in {found.seconds:.0f} s with {found.looks:,} looks")
    last = found.memory[str(count)] if found.done == count else float("nan")
    print(f"{found.threads} threads in all, {found.idle:.1f} MiB idle, {last:.1f} at the end")


def bench_memory(make: Databases, count: int = 10_000) -> None:
    marks = [count // 10, count // 2, count]
    found = workers.one_after_the_other(count, marks)
    print(f"\nMemory of a worker over {count:,} requests, {found.seconds:.0f} s\n")
    print(f"idle {found.idle:.1f} MiB")
    for mark in marks:
        print(f"after {mark:,}: {found.memory[str(mark)]:.1f} MiB")
    growth = found.memory[str(count)] - found.memory[str(marks[0])]
    print(f"growth {growth:.1f} MiB{aim(growth <= GROWTH_AIM, f'{GROWTH_AIM:g} MiB')}")


def aim(met: bool, what: str) -> str:
    return f"   aim {what}: {'met' if met else 'MISSED'}"


BENCHES: dict[str, Callable[[Databases], None]] = {
    "steps": bench_steps,
    "pages": bench_pages,
    "jobs": bench_jobs,
    "memory": bench_memory,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.store", description=__doc__)
    parser.add_argument("which", nargs="*", help=f"of {', '.join(BENCHES)}; all")
    given = parser.parse_args()
    if unknown := {*given.which} - {*BENCHES}:
        parser.error(f"there is no {', '.join(sorted(unknown))}, only {', '.join(BENCHES)}")
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {load}")
    with databases() as make:
        for name in given.which or BENCHES:
            BENCHES[name](make)


if __name__ == "__main__":
    main()
