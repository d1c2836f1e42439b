"""A store with many requests that are over, written past it as fast as its database takes rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from typing import Any

from imagekit_store import Store
from imagekit_store.ledger.rows import searched
from imagekit_store.schema.tables import ATTEMPTS, METADATA, PICTURES, REQUESTS

__all__ = ["FIRST", "KEYS", "MODELS", "SECONDS", "fill", "id_of"]

KEYS = tuple(f"team{number}" for number in range(20))
MODELS = ("seedream-4.5", "seedream-4.0", "kling-v3", "nano-banana-2.1", "gpt-image-2")
#: One in so many has a model of its own, is unknown, and says a word of its own.
RARELY = 10_000
#: When the first was made, in Unix seconds, and how many later each next one.
FIRST, SECONDS = 1_767_225_600, 30
AT_ONCE = 10_000

_TEXT = "a heron at dusk over still water, reeds in front, fog behind, film grain, 85 mm"
_RECEIPT = json.dumps({"changes": [], "fields": [["size", "2048x2048", "sent"]]})
_USAGE = json.dumps({"generated_images": 1, "output_tokens": 16384, "total_tokens": 16384})


def id_of(number: int) -> str:
    """Of a request, as those are that a store makes: the time, and something random."""
    return f"{_created(number):014x}{_lot(number, 0) % 2**64:018x}"


def _lot(number: int, which: int) -> int:
    """A number that looks random, the same each time: 64 bits, as splitmix64 mixes them."""
    mixed = (number * 4 + which + 1) * 0x9E3779B97F4A7C15 % 2**64
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    return mixed ^ mixed >> 31


def fill(store: Store, count: int) -> None:
    """So many requests, with a paid call and a picture each."""
    with closing(store.ledger.database.writing.raw_connection()) as connection:
        numbers = iter(range(count))
        while some := list(islice(numbers, AT_ONCE)):
            _begin(connection)
            for table, row in ((REQUESTS, _request), (ATTEMPTS, _attempt), (PICTURES, _picture)):
                _insert(connection, table.name, map(row, some))
            connection.commit()
        _analyze(connection, store.ledger.database.is_sqlite)


def _insert(connection: Any, table: str, rows: Iterator[Mapping[str, Any]]) -> None:
    first = next(rows)
    columns = ", ".join(f'"{name}"' for name in first)
    values = (tuple(row.values()) for row in _with(first, rows))
    with closing(connection.cursor()) as cursor:
        if hasattr(cursor, "copy"):  # PostgreSQL
            with cursor.copy(f"copy {table} ({columns}) from stdin") as copying:
                for one in values:
                    copying.write_row(one)
        else:
            marks = ", ".join("?" * len(first))
            cursor.executemany(f"insert into {table} ({columns}) values ({marks})", values)


def _begin(connection: Any) -> None:
    """The store's connections to SQLite begin nothing by themselves."""
    with closing(connection.cursor()) as cursor:
        cursor.execute("begin")


def _with(first: Mapping[str, Any], rest: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    yield first
    yield from rest


def _analyze(connection: Any, is_sqlite: bool) -> None:
    """PostgreSQL does that by itself after a minute; SQLite does not."""
    if not is_sqlite:
        with closing(connection.cursor()) as cursor:
            for table in METADATA.tables:
                cursor.execute(f"analyze {table}")
        connection.commit()


def _request(number: int) -> dict[str, Any]:
    rare = number % RARELY == RARELY // 2
    prompt = f"{number}: {_TEXT}{', Kranich' if rare else ''}"
    model = "glm-image" if rare else MODELS[_lot(number, 1) % len(MODELS)]
    at = _created(number)
    return {
        "id": id_of(number),
        "key": KEYS[_lot(number, 2) % len(KEYS)],
        "state": "unknown" if rare else "failed" if _lot(number, 3) % 40 == 0 else "done",
        "operation": "generate",
        "model": model,
        "host": "powertokens",
        "asked": json.dumps({"prompt": prompt, "model": model, "size": "2048x2048"}),
        "keep": True,
        "created": at,
        "finished": at + 8_000_000,
        **searched(prompt),
    }


def _attempt(number: int) -> dict[str, Any]:
    at = _created(number)
    return {
        "id": id_of(number),
        "request": id_of(number),
        "number": 1,
        "host": "powertokens",
        "model": MODELS[_lot(number, 1) % len(MODELS)],
        "state": "stored",
        "body": f"{number:064x}",
        "tries": 0,
        "charged": "yes",
        "cost": 38_000_000,
        "currency": "USD",
        "priced": "list",
        "usage": _USAGE,
        "receipt": _RECEIPT,
        "began": at,
        "ended": at + 8_000_000,
    }


def _picture(number: int) -> dict[str, Any]:
    return {
        "request": id_of(number),
        "place": 0,
        "attempt": id_of(number),
        "sha256": f"{number:064x}",
        "media_type": "image/png",
        "bytes": 3_000_000,
        "width": 2048,
        "height": 2048,
    }


def _created(number: int) -> int:
    """Microseconds since 1970."""
    return (FIRST + number * SECONDS) * 1_000_000
