"""What an upstream keeps for each key: its jobs or records, and the names they were given."""

from __future__ import annotations

import threading
from typing import Any

__all__ = ["Records"]


class Records:
    """By upstream and key: nobody sees what is another's. Thread-safe."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], dict[str, Any]] = {}
        self._names: dict[tuple[str, str], dict[str, str]] = {}
        self._lock = threading.Lock()

    def of(self, host: str, key: str) -> dict[str, Any]:
        """Id -> what is kept, the oldest first."""
        with self._lock:
            return self._records.setdefault((host, key), {})

    def names(self, host: str, key: str) -> dict[str, str]:
        """The caller's own name -> the id."""
        with self._lock:
            return self._names.setdefault((host, key), {})

    def clear(self) -> None:
        with self._lock:
            self._records.clear()
            self._names.clear()
