"""Pictures that were kept by a process which was killed before it could write their rows.

They came with an answer, so nobody could fetch them again: that is why each is announced before
it is kept; see `imagekit_store.pictures`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from imagekit_store.ledger.ledger import evidence
from imagekit_store.pictures import Gone, Kept
from imagekit_store.pictures.kept import measured
from imagekit_store.store import Store

__all__ = ["adopt"]

INCOMPLETE = {
    "type": "OutcomeUnknown",
    "message": "the process that kept these pictures is gone; others may have come with them",
    "charged": "yes",
}


def adopt(store: Store, row: Row[Any]) -> bool:
    """Write the rows of what is here of an attempt; whether there was anything."""
    found = dict(_announced(store, row))
    if not found:
        return False
    told = evidence("pictures", here=sorted(found))
    whole = set(row.places or ()) == set(found)

    def step(connection: Connection) -> None:
        for place, kept in found.items():
            store.ledger.adopted(connection, row.id, place, kept)
        store.ledger.proved(connection, row.id, told, charged="yes")
        store.ledger.brought(connection, row.id, None if whole else INCOMPLETE)

    store.write(step)
    for place, kept in found.items():
        store.keeping.withdraw(f"{row.id}.{place}", [kept.sha256])
    return True


def _announced(store: Store, row: Row[Any]) -> list[tuple[int, Kept]]:
    """(place, picture) of each that was announced, and that is here."""
    found = []
    for name, sha256 in store.keeping.announced():
        attempt, _, place = name.rpartition(".")
        if attempt == row.id and place.isdecimal():
            try:
                found.append((int(place), measured(store.keeping.blob(sha256))))
            except Gone:  # it was announced, and never kept
                continue
    return found
