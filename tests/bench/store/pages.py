"""How long a page of a store takes that has many requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from statistics import median
from typing import Any

from attrs import frozen
from imagekit_store import Page, Store

from tests.bench.store.filling import FIRST, KEYS, MODELS, SECONDS, id_of

__all__ = ["LIMIT", "Question", "Timed", "measured", "questions"]

LIMIT = 100


@frozen
class Question:
    """What is asked of `Store.requests`.

    Attributes:
        aimed: it has an index, so that how many requests there are makes no difference.
    """

    name: str
    given: dict[str, Any]
    aimed: bool = True


@frozen
class Timed:
    """Seconds of a page.

    Attributes:
        p50, p95: the median, and what 95 of 100 stay below.
        cpu: the median of what the processor was busy for, here, and not at a server.
        entries: how many were on it.
    """

    p50: float
    p95: float
    cpu: float
    entries: int


def questions(count: int) -> Iterator[Question]:
    """Of a store with so many requests, as `filling` makes them."""
    middle = id_of(count // 2)
    day = {"since": _date(count // 2), "until": _date(count // 2 + 86_400 // SECONDS)}
    month = {"since": _date(count // 2), "until": _date(count // 2 + 30 * 86_400 // SECONDS)}
    key, model = KEYS[3], MODELS[2]
    yield Question("the newest", {})
    yield Question("in the middle", {"after": middle})
    yield Question("of a day", day)
    yield Question("of a key", {"key": key})
    yield Question("of a key, in a month", {"key": key, **month})
    yield Question("of a model", {"model": model})
    yield Question("of a model that is rare", {"model": "glm-image"})
    yield Question("of a model and a key", {"model": model, "key": key})
    yield Question("of a rare model and a key", {"model": "glm-image", "key": key})
    yield Question("of a host that has none", {"host": "klingai"})
    yield Question("that failed", {"state": "failed"})
    yield Question("that are unknown", {"state": "unknown"})
    yield Question("that failed, of a key", {"state": "failed", "key": key})
    yield Question("that are unknown, of a key", {"state": "unknown", "key": key})
    yield Question("with a word, of a key in a month", {"prompt": "HERON", "key": key, **month})
    yield Question("with a rare word, likewise", {"prompt": "kranich", "key": key, **month})
    yield Question("with a rare word, of a day", {"prompt": "kranich", **day})
    yield Question("with a rare word, of all", {"prompt": "kranich"}, aimed=False)


def measured(store: Store, question: Question, rounds: int) -> Timed:
    """Asked so often, after once that does not count."""
    ask = partial(store.requests, limit=LIMIT, **question.given)
    entries = len(ask())
    timed = [_timed(ask) for _ in range(rounds)]
    walls = sorted(wall for wall, _ in timed)
    cpu = median(cpu for _, cpu in timed)
    return Timed(median(walls), walls[int(0.95 * (rounds - 1))], cpu, entries)


def _timed(ask: Callable[[], Page]) -> tuple[float, float]:
    """Seconds, and those of the processor."""
    began, busy = time.perf_counter(), time.thread_time()
    ask()
    return time.perf_counter() - began, time.thread_time() - busy


def _date(number: int) -> datetime:
    return datetime.fromtimestamp(FIRST + number * SECONDS, UTC)
