"""How often the same was asked for: without a seed, each time is another picture."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from imagekit_sandbox.drawing.scene import digest_of

__all__ = ["Turns"]


class Turns:
    """Thread-safe; the same orders in the same order get the same turns in every program."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, what: list[Any]) -> int:
        """Which time this is, from 1."""
        digest = digest_of(what)
        with self._lock:
            self._taken[digest] += 1
            return self._taken[digest]

    def clear(self) -> None:
        with self._lock:
            self._taken.clear()
