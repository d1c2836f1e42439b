"""A worker in a process of its own, that says what it took.

``python -m tests.bench.store.working`` is asked by a line of JSON, the arguments of `work`, and
answers with one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, define, field, frozen
from imagekit_store import Entry, Store, Worker

from imagekit import Client, events

__all__ = ["Work", "work_elsewhere"]

ROOT = Path(__file__).parents[3]


@frozen
class Work:
    """What a worker has done, and what it took.

    Attributes:
        done: requests that came to their end with a picture.
        seconds: of them all.
        looks: how often it asked for jobs.
        threads: the most it had, with those of the store.
        idle: MiB of memory before it began.
        memory: how many were done -> MiB then.
    """

    done: int
    seconds: float
    looks: int
    threads: int
    idle: float
    memory: dict[str, float]


def work_elsewhere(
    url: str, pictures: str, config: Path, threads: int, marks: Sequence[int]
) -> Work:
    """Everything that waits in a store, in another process.

    Args:
        marks: how many are done when the memory is looked at.
    """
    asked = json.dumps([url, pictures, str(config), threads, list(marks)])
    command = [sys.executable, "-m", "tests.bench.store.working"]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return Work(**json.loads(done.stdout))


@define
class _Watch:
    """Counts, and looks at the memory now and then."""

    marks: Sequence[int]
    done: int = 0
    looks: int = 0
    threads: int = 0
    memory: dict[str, float] = field(factory=dict)
    _lock: threading.Lock = field(factory=threading.Lock)

    def told(self, entry: Entry) -> None:
        with self._lock:
            self.done += any(picture.is_kept for picture in entry.pictures)
            self.threads = max(self.threads, threading.active_count())
            if self.done in self.marks:
                self.memory[str(self.done)] = _memory()

    def saw(self, event: events.Event) -> None:
        if isinstance(event, events.Sending) and event.step == "poll":
            with self._lock:
                self.looks += 1


def work(url: str, pictures: str, config: str, threads: int, marks: Sequence[int]) -> Work:
    watch = _Watch(marks)
    with (
        Store(url, pictures=pictures) as store,
        Client(config=Path(config), journal=store, observers=[watch.saw]) as client,
    ):
        idle, began = _memory(), time.perf_counter()
        Worker(store, client, threads, told=watch.told).run(until_idle=True)
        seconds = time.perf_counter() - began
    return Work(watch.done, seconds, watch.looks, watch.threads, idle, watch.memory)


def _memory() -> float:
    """MiB that are resident now; Linux, where a line says so."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / (1 << 20)


if __name__ == "__main__":
    given: list[Any] = json.loads(sys.stdin.readline())
    print(json.dumps(asdict(work(*given))))
