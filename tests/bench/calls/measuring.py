"""CPU seconds: the least of many rounds, in turns; whatever else the machine does only adds."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence

from tests.bench.calls.contestants import Call

__all__ = ["least", "least_of_starts", "verdict"]


def least(calls: Mapping[str, Call], rounds: int, times: int) -> dict[str, float]:
    """Each one's CPU seconds of one call, all its threads included."""
    best = dict.fromkeys(calls, float("inf"))
    for call in calls.values():
        call()
        call()
    for number in range(rounds):
        names = [*calls][number % len(calls) :] + [*calls][: number % len(calls)]
        for name in names:
            begun = time.process_time()
            for _ in range(times):
                calls[name]()
            best[name] = min(best[name], (time.process_time() - begun) / times)
    return best


def least_of_starts(
    commands: Mapping[str, Sequence[str]], environment: Mapping[str, str], rounds: int
) -> dict[str, float]:
    """Each one's CPU seconds from the process's start to its end."""
    best = dict.fromkeys(commands, float("inf"))
    for number in range(rounds + 1):
        for name, command in commands.items():
            took = _started(command, environment)
            if number:  # the first compiles
                best[name] = min(best[name], took)
    return best


def _started(command: Sequence[str], environment: Mapping[str, str]) -> float:
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(command[0], command, environment, file_actions=quiet)
    _, status, used = os.wait4(process, 0)
    if status:
        raise RuntimeError(f"{' '.join(command)} failed")
    return used.ru_utime + used.ru_stime


def verdict(value: float, most: float) -> str:
    return f"   aim {most:g} or less: {'met' if value <= most else 'MISSED'}"
