"""What was received and how it was answered, with every secret taken out."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

from attrs import asdict, frozen

from imagekit_sandbox.serving.messages import Asked

__all__ = ["Journal", "Line", "fingerprint", "told_body", "told_headers"]

KEPT = 1000
_LONGEST = 2000  # characters of one text in a body
_SECRET = {"authorization", "proxy-authorization", "cookie", "api-key", "x-api-key"} | {
    "x-goog-api-key"
}


@frozen
class Line:
    """One request.

    Attributes:
        request: its number.
        key: a fingerprint of the key; None when there was none.
        body: the JSON, pictures cut short; None when there was none.
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
    """The last thousand requests to upstreams. Thread-safe."""

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


def fingerprint(key: str) -> str:
    """What stands for a key where it is shown: enough to tell two apart."""
    return "key-" + hashlib.sha256(key.encode()).hexdigest()[:8]


def told_headers(asked: Asked, key: str | None) -> dict[str, str]:
    """The headers; of those that carry secrets, only that they were there."""
    return {
        name: "***" if name in _SECRET else _without(value, key)
        for name, value in asked.headers.items()
    }


def told_body(asked: Asked, key: str | None) -> Any:
    """The body as JSON, with long texts cut short; what is no JSON, by its length."""
    if not asked.body:
        return None
    try:
        return _shortened(json.loads(asked.body), key)
    except (ValueError, RecursionError):
        return f"({len(asked.body)} bytes that are not JSON)"


def _shortened(value: Any, key: str | None) -> Any:
    if isinstance(value, dict):
        return {name: _shortened(part, key) for name, part in value.items()}
    if isinstance(value, list):
        return [_shortened(part, key) for part in value]
    if not isinstance(value, str):
        return value
    if len(value) <= _LONGEST:
        return _without(value, key)
    digest = hashlib.sha256(value.encode()).hexdigest()[:8]
    return f"{_without(value[:40], key)}... ({len(value)} characters, sha256 {digest})"


def _without(text: str, key: str | None) -> str:
    return text.replace(key, "***") if key else text
