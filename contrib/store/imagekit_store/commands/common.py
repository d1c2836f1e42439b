"""What the commands share: the store in use, requests by the beginning of an id, words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

import click
from sqlalchemy import select

from imagekit import Charged, ConfigurationError, UsageError, tools
from imagekit_store.opening.configured import opened
from imagekit_store.pictures import reason
from imagekit_store.schema.tables import REQUESTS
from imagekit_store.store import Store
from imagekit_store.values.entries import Attempt, Entry, StoredPicture

__all__ = [
    "CHARGED",
    "NOTHING",
    "PARTIAL",
    "SET_UP",
    "cost_of",
    "in_words",
    "moment",
    "money",
    "named",
    "pictures_of",
    "place_of",
    "store_in_use",
    "when",
    "where",
]

NOTHING = "nothing"
#: Exit codes, as everywhere: set-up that is wrong, pictures that are not here. See
#: docs/command-line.md.
SET_UP, PARTIAL = 3, 8
CHARGED = {
    Charged.NO: "not charged",
    Charged.MAYBE: "may have been charged",
    Charged.YES: "charged",
}
_ID = re.compile("[A-Za-z0-9][A-Za-z0-9_]*")


def store_in_use() -> Store:
    """The one that the configuration names.

    Raises:
        ConfigurationError: there is none, or it can't be opened.
    """
    return opened(tools.configuration())


@contextmanager
def in_words() -> Iterator[None]:
    """What a disk, a bucket or a database doesn't take is told as what it is: an error of
    set-up, and no bug.

    Raises:
        ConfigurationError: with its sentence.
    """
    try:
        yield
    except OSError as error:
        raise ConfigurationError(reason(error)) from None


def named(store: Store, beginning: str) -> Entry:
    """The request whose id begins so.

    Raises:
        NoSuchRequest: there is none.
        UsageError: several do.
    """
    id = REQUESTS.c.id
    some = select(id).where(id.startswith(beginning, autoescape=True)).order_by(id).limit(3)
    ids = store.read(lambda rows: rows.scalars(some).all()) if _ID.fullmatch(beginning) else []
    if beginning in ids or not ids:
        return store.request(beginning)
    if len(ids) > 1:
        raise UsageError(f"several requests begin with {beginning}: {', '.join(ids)}...")
    return store.request(ids[0])


def place_of(store: Store, picture: StoredPicture) -> str | None:
    """Where a picture is: a path, or the address of an object."""
    return store.keeping.where(picture.sha256) if picture.sha256 else None


def moment(text: str | None, name: str) -> datetime | None:
    """A time as it is typed: without a zone it is that of this machine.

    Raises:
        click.BadParameter: it is none.
    """
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        hint = f"{text!r} is no time such as 2026-11-29 or 2026-11-29T12:30"
        raise click.BadParameter(hint, param_hint=f"--{name}") from None


def when(at: datetime | None) -> str:
    """A time for people, by the clock of this machine."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if at else ""


def where(entry: Entry | Attempt) -> str:
    """Whom it is asked of; the host is not known before the request is planned."""
    return f"{entry.host}:{entry.model}" if entry.host else entry.model


def money(amount: Decimal) -> str:
    """All digits that count, and no exponent."""
    return f"{amount.normalize():f}"


def pictures_of(count: int, size: int) -> str:
    """So many pictures, which have so many bytes."""
    return f"{'1 picture' if count == 1 else f'{count:,} pictures'} of {size:,} bytes"


def cost_of(attempts: Iterable[Attempt]) -> str:
    """What they cost, by currency; what nobody knows is said to be unknown, and is not 0."""
    sums: dict[str, Decimal] = {}
    unknown = False
    for attempt in attempts:
        if attempt.cost == 0 and attempt.charged is Charged.NO:
            continue
        if attempt.cost is not None:
            currency = attempt.currency or "?"
            sums[currency] = sums.get(currency, Decimal(0)) + attempt.cost
        elif attempt.charged is not Charged.NO:
            unknown = True
    parts = [f"{money(amount)} {currency}" for currency, amount in sorted(sums.items())]
    return " + ".join([*parts, *(["unknown"] if unknown else [])]) or NOTHING
