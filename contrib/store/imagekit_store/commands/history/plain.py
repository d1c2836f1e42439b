"""A request as JSON."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import fields

from imagekit_store.commands.common import money
from imagekit_store.values.entries import Attempt, Entry, StoredPicture

__all__ = ["entry_as_json"]


def entry_as_json(entry: Entry) -> dict[str, Any]:
    """All that is known of it; money as text, so that no digit is lost, and times in UTC."""
    return {
        **_plain(entry),
        "attempts": [_plain(attempt) for attempt in entry.attempts],
        "pictures": [_plain(picture) for picture in entry.pictures],
    }


def _plain(value: Entry | Attempt | StoredPicture) -> dict[str, Any]:
    return {one.name: _leaf(getattr(value, one.name)) for one in fields(type(value))}


def _leaf(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return money(value)
    return value if value is None or isinstance(value, (int, dict, list, tuple)) else str(value)
