"""Measure what pictures in answers and requests cost, and print it.

The server is a process of its own and not counted; each contestant runs in a fresh process,
which counts its own CPU from when it is ready, and its memory beyond that.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from attrs import frozen

from tests.bench.payloads.contestants import ANSWERED, SENT
from tests.bench.payloads.server import FLAT, FORMS, MIB, serve

SPEED_AIMS = {"imagekit": 8.0, "imagekit, no pybase64": 2.0}  # times the first
FORM_AIM = 2.0  # times the CPU of flat answers
MEMORY_AIM = 16  # MiB
NEEDS = {"orjson + pybase64": ("orjson", "pybase64"), "openai": ("openai",)}
REFERENCE = 10 * MIB - 1024  # bytes

ABOUT = """
MiB/s   pictures through one core: their bytes, over the CPU seconds of the process
times   how many times less CPU than json + base64 that is
imagekit moves its temporary files to where they go (move_to), or copies them (save)
memory  MiB that the process took at its peak, beyond what it took when it was ready
CPU is the least of all rounds, since whatever else the machine does only adds."""


@frozen
class Measured:
    cpu: float
    wall: float
    memory: float
    saved: int

    @property
    def speed(self) -> float:
        return self.saved / MIB / self.cpu


def contest(work: Iterator[None], target: Path) -> None:
    """Get ready, then do the work; print what it took."""
    next(work)
    idle, cpu, wall = _peak_memory(), time.process_time(), time.perf_counter()
    for _ in work:
        pass
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    memory = (_peak_memory() - idle) / MIB
    saved = sum(path.stat().st_size for path in target.iterdir())
    print(json.dumps([cpu, wall, memory, saved]))


def _peak_memory() -> int:
    """The most resident memory this process has had, in bytes. Linux and macOS."""
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def measured(name: str, url: str, *more: int, rounds: int) -> Measured:
    command = [sys.executable, "-m", "tests.bench.payloads", "contest", name, url, *map(str, more)]
    found = [
        Measured(*json.loads(subprocess.run(command, capture_output=True, check=True).stdout))
        for _ in range(rounds)
    ]
    memory = median(one.memory for one in found)
    return Measured(
        min(one.cpu for one in found), min(one.wall for one in found), memory, found[0].saved
    )


@contextmanager
def server() -> Iterator[str]:
    """Gives its URL."""
    command = [sys.executable, "-m", "tests.bench.payloads", "serve"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


# --- the tables ----------------------------------------------------------------------------------


def bench_answers(url: str, count: int, size: int, rounds: int) -> None:
    flat: dict[str, float] = {}
    for form in FORMS:
        print(f"\n{count} x {size} MiB as base64, {form}, saved to files\n")
        print(f"{'':24}{'MiB/s':>8}{'times':>8}{'memory':>9}{'wall s':>9}")
        base = 0.0
        for name in ANSWERED:
            if missing := [one for one in NEEDS.get(name, ()) if find_spec(one) is None]:
                print(f"{name:24}{'not installed: ' + ', '.join(missing):>25}")
                continue
            found = measured(name, f"{url}/{form}/{count}/{size}", rounds=rounds)
            base = base or found.cpu
            times = base / found.cpu
            line = f"{name:24}{found.speed:8.0f}{times:8.2f}{found.memory:9.1f}{found.wall:9.2f}"
            print(line + _aims(form, name, times, found, flat))


def _aims(form: str, name: str, times: float, found: Measured, flat: dict[str, float]) -> str:
    if name not in SPEED_AIMS:
        return ""
    if form == FLAT:
        flat[name] = found.speed
        told = _told(f"{SPEED_AIMS[name]:.0f} times", times >= SPEED_AIMS[name])
    else:
        more = flat[name] / found.speed
        told = f"{more:.2f} of flat's CPU, " + _told(f"at most {FORM_AIM:.0f}", more <= FORM_AIM)
    return f"   {told}, " + _told(f"{MEMORY_AIM} MiB", found.memory <= MEMORY_AIM)


def bench_requests(url: str, counts: tuple[int, ...], rounds: int) -> None:
    for count in counts:
        print(f"\n{count} references of {REFERENCE / MIB:.0f} MiB, sent as base64 in JSON\n")
        print(f"{'':24}{'CPU ms a MiB':>14}{'memory':>9}{'wall s':>9}")
        for name in SENT:
            url_of_one = f"{url}/{FLAT}/1/1"
            found = measured(name, url_of_one, count, REFERENCE, rounds=rounds)
            cost = found.cpu * 1e3 / (count * REFERENCE / MIB)
            line = f"{name:24}{cost:14.2f}{found.memory:9.1f}{found.wall:9.2f}"
            if name in SPEED_AIMS:
                line += "   " + _told(f"{MEMORY_AIM} MiB", found.memory <= MEMORY_AIM)
            print(line)


def _told(aim: str, met: bool) -> str:
    return f"aim {aim}: {'met' if met else 'MISSED'}"


def contest_of(name: str, url: str, *more: str) -> None:
    with TemporaryDirectory() as folder:
        target = Path(folder)
        if more:
            contest(SENT[name](url, target, *map(int, more)), target)
        else:
            contest(ANSWERED[name](url, target), target)


PARTS = ("answers", "requests")


def main() -> None:
    parser = ArgumentParser("python -m tests.bench.payloads", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} [all]")
    parts = parser.parse_args().parts or PARTS
    if strange := set(parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(strange))}; there are {', '.join(PARTS)}")
    print(ABOUT)
    with server() as url:
        if "answers" in parts:
            bench_answers(url, count=15, size=16, rounds=3)
        if "requests" in parts:
            bench_requests(url, counts=(1, 4, 14), rounds=3)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            serve()
        case ["contest", name, url, *more]:
            contest_of(name, url, *more)
        case _:
            main()
