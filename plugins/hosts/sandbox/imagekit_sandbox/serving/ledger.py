"""What was billed: every picture that was made, whether or not anybody got it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from attrs import asdict, frozen

__all__ = ["Entry", "Ledger"]


@frozen
class Entry:
    """One request that is paid for.

    Attributes:
        request: its number, as in the journal.
        at: Unix seconds.
        host: the upstream.
        key: a fingerprint of who pays.
        model: the upstream's id for it.
        pictures: how many were made; only those cost.
        amount: what they cost in US dollars; None when nobody publishes a price.
    """

    request: int
    at: float
    host: str
    key: str
    model: str
    pictures: int
    amount: Decimal | None


class Ledger:
    """All entries since the start or the last reset. Thread-safe."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._lock = threading.Lock()

    def add(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    @property
    def entries(self) -> tuple[Entry, ...]:
        with self._lock:
            return tuple(self._entries)

    @property
    def pictures(self) -> int:
        """How many pictures were paid for."""
        return sum(entry.pictures for entry in self.entries)

    def summary(self) -> str:
        """The sum in one line."""
        entries = self.entries
        priced, unknown = _sum(entries)
        counts = f"{_number(len(entries), 'request')}, {_number(self.pictures, 'picture')}"
        more = f" and {_number(unknown, 'picture')} of unknown price" if unknown else ""
        return f"billed: {counts}, {priced} USD{more}"

    def document(self) -> dict[str, Any]:
        """Everything, for JSON: amounts as text, unknown ones as null."""
        entries = self.entries
        priced, unknown = _sum(entries)
        return {
            "entries": [
                {**asdict(entry), "amount": None if entry.amount is None else str(entry.amount)}
                for entry in entries
            ],
            "requests": len(entries),
            "pictures": self.pictures,
            "usd": str(priced),
            "pictures_of_unknown_price": unknown,
        }


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _sum(entries: Iterable[Entry]) -> tuple[Decimal, int]:
    """Dollars, and how many pictures nobody has a price for."""
    priced = sum((entry.amount for entry in entries if entry.amount is not None), Decimal(0))
    return priced, sum(entry.pictures for entry in entries if entry.amount is None)
