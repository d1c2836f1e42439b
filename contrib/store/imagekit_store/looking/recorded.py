"""Recorded against declared: what the last calls cost and made, and what they should have."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from attrs import field, frozen
from sqlalchemy import Connection, select

from imagekit import Check
from imagekit_store.schema.states import State
from imagekit_store.schema.tables import ATTEMPTS, PICTURES

__all__ = ["recorded"]

A, P = ATTEMPTS.c, PICTURES.c
#: So many of the last stored calls are looked at.
LAST = 1000
#: Parts of a price by which a host's word may differ from it: tokens are reckoned beforehand.
TOLERANCE = Decimal("0.05")
_PIXELS = re.compile(r"(\d+)x(\d+)")
#: As the core notes a tier that came otherwise.
_OFF_TIER = re.compile(r"asked for (\S+), got (\d+x\d+)")
MEND = "a newer plugin may declare it: pip install --upgrade; else tell the plugin's author"


@frozen
class _Call:
    """A stored call and its pictures' (width, height)."""

    row: Any
    pictures: list[tuple[int, int]] = field(factory=list)


def recorded(connection: Connection) -> Iterator[Check]:
    """By host and model: costs that the host itself named against its price list, and sizes."""
    groups: dict[str, list[_Call]] = defaultdict(list)
    calls = _last(connection)
    for call in calls:
        groups[f"{call.row.host}:{call.row.model}"].append(call)
    contradicted = [
        check
        for name, some in sorted(groups.items())
        for check in (*_costs(name, some), *_sizes(name, some))
    ]
    yield from contradicted
    if calls and not contradicted:
        why = f"the last {len(calls):,} stored calls contradict nothing that is declared"
        yield Check("facts", "store", "ok", why)


def _last(connection: Connection) -> list[_Call]:
    columns = (A.id, A.request, A.host, A.model, A.places, A.cost, A.currency, A.priced)
    told = (A.expected, A.expected_currency, A.receipt, A.notes)
    stored = select(*columns, *told).where(A.state == State.STORED)
    rows = connection.execute(stored.order_by(A.began.desc()).limit(LAST)).all()
    calls = {row.id: _Call(row) for row in rows}
    last = select(A.id).where(A.state == State.STORED).order_by(A.began.desc()).limit(LAST)
    ids = last.subquery()
    made = select(P.attempt, P.width, P.height).where(P.width.is_not(None))
    whose = made.join(ATTEMPTS, (A.request == P.request) & (A.id == P.attempt))
    for attempt, width, height in connection.execute(whose.where(A.id.in_(select(ids.c.id)))):
        if attempt in calls:  # else it was stored since
            calls[attempt].pictures.append((width, height))
    return list(calls.values())


def _costs(name: str, calls: Iterable[_Call]) -> Iterator[Check]:
    """In each currency. A call that made fewer pictures than it was asked for costs less."""
    named: dict[str, list[Any]] = defaultdict(list)
    for call in calls:
        row = call.row
        is_known = row.priced == "host" and None not in (row.cost, row.expected, row.currency)
        if is_known and row.currency == row.expected_currency and _is_whole(call):
            named[row.currency].append(row)
    for currency, rows in sorted(named.items()):
        other = [row for row in rows if abs(row.cost - row.expected) > TOLERANCE * row.expected]
        if other:
            cost, expected = _sum(row.cost for row in other), _sum(row.expected for row in other)
            why = (
                f"{len(other):,} of {len(rows):,} calls cost {cost} {currency} in all by the "
                f"host's own word, and {expected} {currency} by the price list"
            )
            yield Check("facts", name, "warning", why, MEND)


def _sizes(name: str, calls: Iterable[_Call]) -> Iterator[Check]:
    calls = list(calls)
    other = [example for call in calls if (example := _other_size(call))]
    if other:
        why = (
            f"{len(other):,} of {len(calls):,} calls made other sizes than they were asked for, "
            f"the last {other[0][1]} for {other[0][0]}"
        )
        yield Check("facts", name, "warning", why, MEND)


def _other_size(call: _Call) -> tuple[str, str] | None:
    """What it was asked for, and what came instead, of one of its pictures."""
    for note in call.row.notes or ():
        if found := _OFF_TIER.search(note):
            return found[1], found[2]
    asked = _asked(call.row.receipt)
    other = [size for size in call.pictures if asked and size != asked]
    return (_written(asked), _written(other[0])) if asked and other else None


def _asked(receipt: Any) -> tuple[int, int] | None:
    """The size in pixels that was sent as it was given."""
    for line in (receipt or {}).get("lines", ()):
        if line["parameter"] == "size" and line["action"] in ("sent", "mapped"):
            found = _PIXELS.fullmatch(str(line["value"]))
            return (int(found[1]), int(found[2])) if found else None
    return None


def _is_whole(call: _Call) -> bool:
    return not call.row.places or len(call.row.places) == len(call.pictures)


def _sum(amounts: Iterable[Decimal]) -> str:
    return f"{sum(amounts, Decimal(0)).normalize():f}"


def _written(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
