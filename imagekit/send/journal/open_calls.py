"""What is left of a paid call, as the lines of a journal have it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import asdict

from imagekit.values.left import Left, Unkept

__all__ = ["plain", "steps"]


def steps(entry: Left) -> Iterator[tuple[str, dict[str, Any]]]:
    """The lines that say all that is known of a call."""
    from imagekit.values.plain.convert import to_plain

    purchase = to_plain(entry.purchase)
    yield "sending", {"at": entry.at, "purchase": purchase, "about": dict(entry.about)}
    if entry.pending is not None:
        yield "accepted", {"pending": to_plain(entry.pending)}
    if entry.pictures:
        pictures = [plain(one) for one in entry.pictures.values()]
        yield "answered", {"pictures": pictures, "whole": entry.whole}


def plain(picture: Unkept) -> dict[str, Any]:
    return {name: value for name, value in asdict(picture).items() if value is not None}
