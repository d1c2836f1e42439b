"""What a small request costs, beside the same at the gateways of others, in one run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.gateway import ours, rivals
from tests.bench.gateway.contestants import Contestant, Figures, measured
from tests.bench.gateway.profiling import profile
from tests.bench.gateway.upstream import upstream
from tests.chaos.store.databases import databases

__all__ = ["RIVALS", "bench_speed"]

CONNECTIONS, ROUNDS, SECONDS, WARM_UP = 16, 5, 4.0, 3.0
#: Processor seconds of a request, and how many times faster than others it is to be.
CPU_AIMS = {ours.PASSED_ON: 0.001, ours.KEPT: 0.002}
TIMES_AIMS = {rivals.LITELLM: 10.0, rivals.PORTKEY: 2.5}
RIVALS = {"litellm": rivals.litellm, "portkey": rivals.portkey}


def bench_speed(
    others: Iterable[str],
    kind: str = "sqlite",
    rounds: int = ROUNDS,
    seconds: float = SECONDS,
    warm_up: float = WARM_UP,
    profiled: int = 0,
) -> None:
    """Print what was measured.

    Args:
        others: of `RIVALS`.
        kind: of the database of ours.
        seconds: of a round.
        warm_up: seconds that do not count.
        profiled: seconds for which is looked at where the time of ours goes.
    """
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory()))
        url = running.enter_context(upstream())
        make = running.enter_context(databases())
        contestants = [
            *running.enter_context(ours.ours(url, make(kind, folder), folder)),
            *(running.enter_context(RIVALS[name](url, folder)) for name in others),
        ]
        for one in contestants:
            one.ask(CONNECTIONS, warm_up)
        found = [_in_turns(contestants, number, seconds) for number in range(rounds)]
        _tell(contestants, found)
        for one in contestants[:2] if profiled else ():
            profile(one, CONNECTIONS, profiled, folder)


def _in_turns(contestants: Sequence[Contestant], number: int, seconds: float) -> dict[str, Figures]:
    """One round; each begins with another."""
    start = number % len(contestants)
    turns = [*contestants[start:], *contestants[:start]]
    return {one.name: measured(one, CONNECTIONS, seconds) for one in turns}


def _tell(contestants: Sequence[Contestant], rounds: list[dict[str, Figures]]) -> None:
    print(f"\nAt {CONNECTIONS} connections, median of {len(rounds)} rounds in turns\n")
    print(f"{'':28}{'requests/s':>11}{'CPU ms':>9}   {ours.PASSED_ON!r} is so many times faster")
    for one in contestants:
        per_second = median(round[one.name].per_second for round in rounds)
        cpu = median(round[one.name].cpu for round in rounds)
        line = f"{one.name:28}{per_second:11.0f}{cpu * 1e3:9.2f}"
        if aimed := CPU_AIMS.get(one.name):
            line += _aim(cpu <= aimed, f"{aimed * 1e3:g} ms")
        if wanted := TIMES_AIMS.get(one.name):
            times = median(
                round[ours.PASSED_ON].per_second / round[one.name].per_second for round in rounds
            )
            line += f"{times:9.1f}" + _aim(times >= wanted, f"{wanted:g}")
        print(line)


def _aim(met: bool, what: str) -> str:
    return f"   aim {what}: {'met' if met else 'MISSED'}"
