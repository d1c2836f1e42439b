"""Journals: one of the program's own, and the file journal."""

from collections.abc import Iterable
from pathlib import Path
from typing import assert_type

from imagekit import (
    Charged,
    Client,
    FileJournal,
    Journal,
    Left,
    Pending,
    Provenance,
    Purchase,
    Recovers,
    Result,
    hookimpl,
)
from imagekit.errors import ImagekitError, JournalError


class Table:
    """Needs no base class; what its methods give back is nobody's business."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}

    def sending(self, purchase: Purchase) -> bool:
        self.rows[purchase.id] = f"{purchase.host}:{purchase.model}"
        assert_type(purchase.places, tuple[int, ...])
        assert_type(purchase.provenance, Provenance | None)
        return True

    def accepted(self, purchase: Purchase, pending: Pending) -> None:
        self.rows[purchase.id] = pending.task or "accepted"

    def answered(self, purchase: Purchase, result: Result, more: bool) -> None:
        self.rows[purchase.id] = "partly here" if more else "here"

    def kept(self, purchase: Purchase, result: Result) -> str | None:
        return self.rows.pop(purchase.id, None)

    def left(self, purchase: Purchase, pending: Pending | None) -> None:
        pass

    def ended(self, purchase: Purchase, error: ImagekitError) -> None:
        self.rows[purchase.id] = "free" if error.charged is Charged.NO else "maybe paid"


class Shelf(Table):
    """And knows what was left open in it."""

    def left_open(self) -> list[Left]:
        return [Left(Purchase(id, "lily-1", "garden"), 0.0) for id in self.rows]

    def recover(self, id: str, client: Client, deadline: float | None = None) -> Result | None:
        (left,) = self.left_open()
        return client.resume(left.asks, deadline=deadline) if left.asks else None


TABLE: Journal = Table()
SHELF: Recovers = Shelf()
CLIENTS = [Client(journal=Table()), Client(journal=FileJournal(Path("journal")))]
FILES: Journal = FileJournal("journal", about={"program": "mine"})


@hookimpl
def imagekit_journal() -> Journal:
    return Table()


def tell(journals: Iterable[Journal], purchase: Purchase) -> None:
    for journal in journals:
        assert_type(journal.sending(purchase), object)
        if isinstance(journal, FileJournal):
            assert_type(journal.directory, Path)


def safe(error: JournalError) -> Result | None:
    assert_type(error.result, Result | None)
    return error.result
