"""``imagekit history show``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click

from imagekit import Charged, Receipt, from_plain, tools
from imagekit_store.commands.common import (
    CHARGED,
    cost_of,
    money,
    named,
    place_of,
    store_in_use,
    when,
    where,
)
from imagekit_store.commands.history.plain import entry_as_json
from imagekit_store.ledger.ledger import request_of
from imagekit_store.store import Store
from imagekit_store.values.entries import Attempt, Entry, StoredPicture

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit history show 4f1c
  imagekit history show 4f1c --json
"""


@click.command("show", epilog=EXAMPLES)
@click.argument("id")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(id: str, as_json: bool) -> None:
    """Show all that is known of the request ID: what was asked, its calls, what they cost, its
    pictures and where they are. ID may be that of one of its calls."""
    store = store_in_use()
    entry = named(store, request_of(id))
    if as_json:
        plain = entry_as_json(entry)
        for told, picture in zip(plain["pictures"], entry.pictures, strict=True):
            told["path"] = place_of(store, picture)
        tools.json_answer(plain)
        return
    for line in _lines(store, entry):
        # Indented, so that no line of a prompt's or a host's looks like one of ours.
        tools.answer(line.replace("\n", "\n    "))


def _lines(store: Store, entry: Entry) -> Iterator[str]:
    yield f"id: {entry.id}"
    if entry.key:
        yield f"key: {entry.key}"
    yield f"state: {entry.state}"
    yield f"asked: {when(entry.created)}, of {where(entry)}"
    if entry.forgotten:
        yield f"forgotten: {when(entry.forgotten)}"
    for name, value in (entry.asked or {}).items():
        if name != "model":
            yield f"{name}: {_text(value)}"
    for attempt in entry.attempts:
        yield from _of_attempt(attempt)
    for picture in entry.pictures:
        yield _of_picture(store, entry, picture)


def _of_attempt(attempt: Attempt) -> Iterator[str]:
    yield f"call {attempt.id}: {attempt.state}, {CHARGED[attempt.charged]}"
    told = {
        "sent": when(attempt.began),
        "ended": when(attempt.ended),
        "of": where(attempt),
        "cost": _cost(attempt),
        "usage": _text(_counted(attempt.usage)),
        "its name there": attempt.name,
        "the host's id": attempt.host_request,
        "the host's record": attempt.record,
        "error": _error(attempt.error),
        "evidence": _text(attempt.evidence),
    }
    for name, text in told.items():
        if text:
            yield f"  {name}: {text}"
    for text in attempt.notes:
        yield f"  note: {text}"
    yield from _receipt(attempt.receipt)


def _counted(usage: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What the host counted, without what it did not."""
    counted = {name: value for name, value in (usage or {}).items() if value is not None}
    return counted or None


def _cost(attempt: Attempt) -> str:
    """What it cost, who says so, and what it should have cost."""
    if attempt.state == "queued" or (attempt.charged is Charged.NO and attempt.cost is None):
        return ""
    by = f", says the {attempt.priced}" if attempt.cost is not None and attempt.priced else ""
    expected, currency = attempt.expected, attempt.expected_currency
    meant = ""
    if expected is not None and (expected, currency) != (attempt.cost, attempt.currency):
        meant = f" (expected: {money(expected)} {currency or '?'})"
    return f"{cost_of([attempt])}{by}{meant}"


def _receipt(plain: Mapping[str, Any] | None) -> Iterator[str]:
    """As ``generate --explain`` prints it."""
    if plain:
        yield "  receipt:"
        yield from (f"  {row}" for row in tools.receipt_rows(from_plain(plain, Receipt)))


def _of_picture(store: Store, entry: Entry, picture: StoredPicture) -> str:
    number = f"picture {picture.place + 1}"
    if picture.is_kept:
        size = f"{picture.width}x{picture.height} " if picture.width else ""
        kind = (picture.media_type or "no known kind").removeprefix("image/").upper()
        return f"{number}: {place_of(store, picture)}: {size}{kind}, {picture.bytes:,} bytes"
    return f"{number}: {_why(entry, picture)}" + (
        f"; its link: {picture.url}" if picture.url else ""
    )


def _why(entry: Entry, picture: StoredPicture) -> str:
    """Why it is not here."""
    if picture.error or entry.forgotten:
        return _error(picture.error) or "forgotten"
    return "not here yet" if entry.keep else "passed on, not kept"


def _error(error: Mapping[str, Any] | None) -> str:
    return f"{error.get('type', 'error')}: {error.get('message', '')}" if error else ""


def _text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, default=str)
