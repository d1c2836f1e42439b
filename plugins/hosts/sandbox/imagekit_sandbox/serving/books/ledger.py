"""What was billed: every picture that was made, whether or not anybody got it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from attrs import asdict, evolve, frozen

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
        name: what the caller calls this request, or itself: an ``Idempotency-Key``, an
            ``X-Client-Request-Id``, an ``external_task_id``, a ``user``; None without one.
        prompt: its beginning; a longer one is told apart by its digest.
        links: the paths of the links that its answer has.
        id: of the job or the record that was made.
        answered_at: when the last byte of the answer was written out (of a job: of the answer
            that accepts it); None as long as it wasn't, and for one that was lost on demand.
        pictures_at: when each picture of a stream was written out.
    """

    request: int
    at: float
    host: str
    key: str
    model: str
    pictures: int
    amount: Decimal | None
    name: str | None = None
    prompt: str = ""
    links: tuple[str, ...] = ()
    id: str | None = None
    answered_at: float | None = None
    pictures_at: tuple[float, ...] = ()


class Ledger:
    """All entries since the start or the last reset. Thread-safe."""

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}
        self._lock = threading.Lock()

    def add(self, entry: Entry) -> None:
        with self._lock:
            self._entries[entry.request] = entry

    def made(self, request: int, links: Iterable[str], id: str | None) -> None:
        """What came of a request."""
        self._change(request, lambda entry: evolve(entry, links=tuple(links), id=id))

    def picture_written(self, request: int, at: float) -> None:
        """The next picture of a stream is out."""
        self._change(request, lambda entry: evolve(entry, pictures_at=(*entry.pictures_at, at)))

    def answered(self, request: int, at: float) -> None:
        """The whole answer is out."""
        self._change(request, lambda entry: evolve(entry, answered_at=at))

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def _change(self, request: int, change: Callable[[Entry], Entry]) -> None:
        with self._lock:
            if request in self._entries:  # else it wasn't billed, or has been forgotten since
                self._entries[request] = change(self._entries[request])

    @property
    def entries(self) -> tuple[Entry, ...]:
        with self._lock:
            return tuple(self._entries.values())

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
