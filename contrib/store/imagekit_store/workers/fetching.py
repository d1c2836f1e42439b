"""Pictures that are known and not kept: fetched by their links, before those expire."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from imagekit import Client, Image, ImagekitError, Pending, from_plain
from imagekit_store.ledger.rows import trouble_row
from imagekit_store.pictures import Kept
from imagekit_store.schema.tables import PICTURES, REQUESTS
from imagekit_store.store import Store

__all__ = ["fetch"]

P, R = PICTURES.c, REQUESTS.c

#: Seconds for one picture.
DEADLINE = 120.0
#: Seconds until a link is tried again, how much longer each time and at most, and how often in
#: all: for a day, which is as long as hosts keep pictures.
PAUSE, GROWTH, LONGEST, TRIES = 30.0, 2.0, 3600.0, 30


def fetch(store: Store, client: Client, row: Row[Any]) -> None:
    """Bring what can be brought of an attempt that this process holds. Where links are dead, its
    job or its record is asked for new ones. Of a request whose pictures are not kept, that is
    nothing: links are all that its caller wants."""
    kept: list[tuple[int, Kept]] = []
    dead: list[tuple[int, ImagekitError]] = []
    for picture in store.read(lambda connection: _missing(connection, row)):
        try:
            image = client.fetch(_image(client, row, picture), deadline=DEADLINE)
            name = f"{row.id}.{picture.place}"
            kept.append((picture.place, store.keeping.keep_for(name, image.blob)))
        except ImagekitError as error:
            dead.append((picture.place, error))
    if dead and row.pending and not kept:
        try:
            client.look(from_plain(row.pending, Pending))  # which tells the journal what it brings
            return
        except ImagekitError as error:  # of which the journal was told as well
            dead = [(place, error) for place, _ in dead]
    store.write(lambda connection: _told(store, connection, row, kept, dead))
    for place, one in kept:
        store.keeping.withdraw(f"{row.id}.{place}", [one.sha256])


def _missing(connection: Connection, row: Row[Any]) -> list[Row[Any]]:
    ours = (P.request == row.request, P.attempt == row.id, R.keep)
    wanted = select(PICTURES).join(REQUESTS).where(*ours, P.sha256.is_(None))
    if row.record is None:
        wanted = wanted.where(P.url.is_not(None))
    return [*connection.execute(wanted)]


def _image(client: Client, row: Row[Any], picture: Row[Any]) -> Image:
    if row.record is not None:
        return client.records(row.host).content(row.record)
    return Image(picture.place, picture.url, host=row.host)


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
        due = ledger.now() + min(LONGEST, PAUSE * GROWTH**row.tries)
        ledger.again(connection, row.id, due, row.tries + 1)
    else:
        ledger.brought(connection, row.id, trouble_row(dead[0][1]) if dead else None)
