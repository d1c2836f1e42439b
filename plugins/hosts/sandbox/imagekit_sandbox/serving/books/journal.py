"""What was received and how it was answered, with every secret taken out."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

from attrs import asdict, frozen

__all__ = ["Journal", "Line"]

KEPT = 10_000


@frozen
class Line:
    """One request.

    Attributes:
        request: its number.
        key: a fingerprint of the key; None when there was none.
        body: the JSON, pictures cut short, or the parts of a form; None when there was none.
        ignored: fields that this upstream does not read.
        faults: what went wrong on demand.
        status: of the answer; 0 when none was sent.
        pictures: how many were billed.
    """

    request: int
    at: float
    host: str
    operation: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    key: str | None
    body: Any
    ignored: tuple[str, ...]
    faults: str
    status: int
    pictures: int


class Journal:
    """The last ten thousand requests to upstreams. Thread-safe."""

    def __init__(self) -> None:
        self._lines: deque[Line] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def add(self, line: Line) -> None:
        with self._lock:
            self._lines.append(line)

    def clear(self) -> None:
        with self._lock:
            self._lines.clear()

    @property
    def entries(self) -> tuple[Line, ...]:
        with self._lock:
            return tuple(self._lines)

    def document(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {"entries": [asdict(line) for line in self.entries]}
