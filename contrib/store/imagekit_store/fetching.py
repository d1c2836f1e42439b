"""Pictures that are known and not kept: fetched by their links, before those expire."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from imagekit import Client, DownloadError, Image, ImagekitError, Pending, from_plain
from imagekit_store.pictures import Kept
from imagekit_store.rows import trouble_row
from imagekit_store.store import Store
from imagekit_store.tables import PICTURES

__all__ = ["fetch"]

P = PICTURES.c

#: Seconds until a link is tried again, how much longer each time, and how often in all.
PAUSE, GROWTH, TRIES = 30.0, 2.0, 8


def fetch(store: Store, client: Client, row: Row[Any]) -> None:
    """Bring what can be brought of an attempt; its job is asked for new links where old ones are
    dead."""
    missing = store.read(lambda connection: _missing(connection, row.id))
    kept: list[tuple[int, Kept]] = []
    dead: list[tuple[int, ImagekitError]] = []
    for picture in missing:
        try:
            image = client.fetch(Image(picture.place, picture.url, host=row.host))
            kept.append((picture.place, store.keeping.keep(image.blob)))
        except DownloadError as error:
            dead.append((picture.place, error))
    if dead and row.pending and not kept:
        client.look(from_plain(row.pending, Pending))  # which tells the journal what it brings
        return
    store.write(lambda connection: _told(store, connection, row, kept, dead))


def _missing(connection: Connection, attempt: str) -> list[Row[Any]]:
    wanted = (P.attempt == attempt, P.sha256.is_(None), P.url.is_not(None))
    return [*connection.execute(select(PICTURES).where(*wanted))]


def _told(
    store: Store,
    connection: Connection,
    row: Row[Any],
    kept: list[tuple[int, Kept]],
    dead: list[tuple[int, ImagekitError]],
) -> None:
    """What has come of it: all of it is here, or the rest is tried again, or given up."""
    ledger = store.ledger
    for place, one in kept:
        ledger.keep(connection, row.request, place, one)
    for place, error in dead:
        ledger.dead(connection, row.request, place, trouble_row(error))
    if dead and row.tries < TRIES:
        due = ledger.now() + PAUSE * GROWTH**row.tries
        ledger.release(connection, row.id, due, tried=1)
    else:
        ledger.brought(connection, row.id, trouble_row(dead[0][1]) if dead else None)
