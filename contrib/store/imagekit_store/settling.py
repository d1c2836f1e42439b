"""What is unknown is settled by evidence alone, which stands on the row afterwards.

A paid request is never repeated to find out. What nothing tells of is left to a person.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from imagekit import Client, Pending, from_plain
from imagekit_store.store import Store

__all__ = ["settle"]


def settle(store: Store, client: Client, row: Row[Any]) -> None:
    """Look for evidence of what became of an attempt."""
    if row.lookup:
        client.look(from_plain(row.lookup, Pending))
        return
    store.write(lambda connection: store.ledger.release(connection, row.id, None))
