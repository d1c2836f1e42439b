"""Measure what imagekit costs per call, per client and per import, and print it.

All figures are CPU (user and system) of the process that calls; the server is another one.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from imagekit import Client, Host, NoAuth, Plugins, hookimpl
from tests.bench.calls.contestants import (
    AT_ONCE,
    BASE,
    OURS,
    Call,
    client_at,
    contestants,
    many,
    polled,
    with_journal,
)
from tests.bench.calls.measuring import least, least_of_starts, verdict
from tests.bench.calls.server import LINK, MODEL, server

CALL_AIM, PROMPT_AIM, IMPORT_AIM, CLIENT_AIM = 1.3, 1.5, 1.35, 2.0  # times, times, times, ms
LENGTH = 100_000  # characters of a long prompt
PROMPTS = {
    "ASCII": ("a corgi on the beach " * LENGTH)[:LENGTH],
    "Chinese": ("海滩上的柯基犬，" * LENGTH)[:LENGTH],
}


def bench_calls(url: str, rounds: int = 40, times: int = 50) -> None:
    print("\nOne call, its answer a link: µs, and times what urllib3 and json alone take\n")
    with TemporaryDirectory() as folder:
        calls = contestants(url)
        for name, call in calls.items():
            assert call() == LINK, name
        calls["imagekit with a journal"] = with_journal(url, Path(folder))
        best = least(calls, rounds, times)
    for name, seconds in best.items():
        ratio = seconds / best[BASE]
        end = verdict(ratio, CALL_AIM) if name == OURS else ""
        print(f"{name:32}{seconds * 1e6:9.0f}{ratio:8.2f}{end}")


def bench_prompts(url: str, rounds: int = 20, times: int = 5) -> None:
    print(f"\nA prompt of {LENGTH:,} characters: µs, and times urllib3 with the same prompt\n")
    ratios = {}
    for kind, prompt in PROMPTS.items():
        calls = contestants(url, prompt)
        best = least({name: calls[name] for name in (BASE, OURS)}, rounds, times)
        ratios[kind] = best[OURS] / best[BASE]
        print(f"{kind:32}{best[OURS] * 1e6:9.0f}{ratios[kind]:8.2f}")
    times_ascii = ratios["Chinese"] / ratios["ASCII"]
    print(f"{'Chinese, times ASCII':32}{'':9}{times_ascii:8.2f}{verdict(times_ascii, PROMPT_AIM)}")


def bench_async(url: str, rounds: int = 20, times: int = 10) -> None:
    print(f"\nEach of {AT_ONCE} calls that are awaited together: µs\n")
    for name, seconds in least(many(url), rounds, times).items():
        print(f"{name:32}{seconds / AT_ONCE * 1e6:9.0f}")


# --- what grows ---------------------------------------------------------------------------------


def bench_curves(url: str, rounds: int = 10, times: int = 20) -> None:
    print("\nWhat one more costs\n")
    polls = least({str(count): polled(url, count) for count in (1, 11)}, rounds, times)
    one = (polls["11"] - polls["1"]) / 10
    print(f"{'one more look at a job':32}{one * 1e6:9.0f} µs")
    clients = least({str(n): plugged(n) for n in (10, 110)}, rounds, 1)
    one = (clients["110"] - clients["10"]) / 100
    print(f"{'one more plugin, each Client()':32}{one * 1e6:9.0f} µs")
    alone, together = (threaded(url, count, times, rounds) for count in (1, 16))
    print(f"{'a call, of 1 thread':32}{alone * 1e6:9.0f} µs")
    print(f"{'a call, of 16 threads':32}{together * 1e6:9.0f} µs")


def plugged(number: int) -> Call:
    """Makes a client of so many plugins, each with a host of its own."""
    return lambda: Client(environment={}, plugins=Plugins.of(*map(_Plugin, range(number))))


class _Plugin:
    def __init__(self, number: int) -> None:
        self.__name__ = f"bench-{number}"

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        return [Host(self.__name__, "Bench", "https://bench.invalid", NoAuth())]


def threaded(url: str, threads: int, times: int, rounds: int) -> float:
    """CPU seconds of a call, of so many threads that share a client."""
    client, best = client_at(url, concurrency=threads), float("inf")

    def work() -> None:
        for _ in range(times):
            client.generate("a corgi", model=f"token360:{MODEL}", fetch=False)

    for _ in range(rounds + 1):
        workers = [threading.Thread(target=work) for _ in range(threads)]
        begun = time.process_time()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        best = min(best, (time.process_time() - begun) / threads / times)
    return best


# --- starts -----------------------------------------------------------------------------------

IMPORT, MAKE = "from imagekit import Client", "Client(environment={})"


def bench_clients(rounds: int = 20) -> None:
    """The first of a process is measured by `bench_starts`."""
    Client(environment={})
    again = least({MAKE: lambda: Client(environment={})}, rounds, 5)[MAKE] * 1e3
    print(f"\n{'a second Client()':32}{again:9.2f} ms{verdict(again, CLIENT_AIM)}")


def bench_starts(rounds: int = 12) -> None:
    print("\nA fresh interpreter to its end: ms, and times its libraries alone\n")
    python = [sys.executable, "-c"]
    parts, command = "import pluggy, attrs, urllib3", Path(sys.executable).with_name("imagekit")
    starts = {
        "pass": [*python, "pass"],
        parts: [*python, parts],
        IMPORT: [*python, IMPORT],
        f"{IMPORT}; {MAKE}": [*python, f"{IMPORT}; {MAKE}"],
        f"{parts}, click": [*python, f"{parts}, click"],
        "imagekit --help": [str(command), "--help"],
    }
    with TemporaryDirectory() as bytecode:
        best = least_of_starts(starts, _compiling_to(bytecode), rounds)
    base = {IMPORT: parts, f"{IMPORT}; {MAKE}": parts, "imagekit --help": f"{parts}, click"}
    for name, seconds in best.items():
        ratio = seconds / best[base[name]] if name in base else 0.0
        shown = f"{ratio:8.2f}" if ratio else ""
        end = verdict(ratio, IMPORT_AIM) if ratio and MAKE not in name else ""
        print(f"{name:52}{seconds * 1e3:9.1f}{shown}{end}")


def _compiling_to(folder: str) -> dict[str, str]:
    """Everybody's modules are compiled once and kept, as they are where pip installed them."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": folder}


#: What is measured by calling a server.
CALLED: dict[str, Callable[..., None]] = {
    "calls": bench_calls,
    "prompts": bench_prompts,
    "async": bench_async,
    "curves": bench_curves,
}
ALONE: dict[str, Callable[..., None]] = {"clients": bench_clients, "starts": bench_starts}


def main() -> None:
    asked = arguments()
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]  # a proxy would be what is measured
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores; CPU, the least of all rounds")
    parts, once = asked.parts or [*CALLED, *ALONE], {"rounds": 1} if asked.quick else {}
    with server() as url:
        for name, called in CALLED.items():
            if name in parts:
                called(url, **once, **({"times": 1} if asked.quick else {}))
    for name, alone in ALONE.items():
        if name in parts:
            alone(**once)


def arguments() -> Namespace:
    parser = ArgumentParser("python -m tests.bench.calls", description=__doc__)
    every = [*CALLED, *ALONE]
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(every)} [all]")
    once = "measure each once, which says no more than that it can be measured"
    parser.add_argument("--quick", action="store_true", help=once)
    asked = parser.parse_args()
    if strange := set(asked.parts) - set(every):
        parser.error(f"no such part: {', '.join(sorted(strange))}; there are {', '.join(every)}")
    return asked


if __name__ == "__main__":
    main()
