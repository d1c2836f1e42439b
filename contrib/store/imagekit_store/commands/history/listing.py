"""``imagekit history``: a page of requests."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from imagekit import tools
from imagekit_store.commands.common import (
    NOTHING,
    cost_of,
    moment,
    named,
    store_in_use,
    when,
    where,
)
from imagekit_store.commands.history.plain import entry_as_json
from imagekit_store.values.entries import Entry, Page

__all__ = ["listed"]

COLUMNS = ("ID", "ASKED", "STATE", "OF", "MADE", "COST", "PROMPT")
SHORTEST = 8  # of an id on a terminal
LEAST = 20  # of a prompt there


def listed(as_json: bool, limit: int, after: str | None, only: Mapping[str, Any]) -> None:
    """Show the requests, newest first."""
    store = store_in_use()
    times = {name: moment(only[name], name) for name in ("since", "until")}
    last = named(store, after).id if after else None
    page = store.requests(**{**only, **times}, after=last, limit=limit)
    if as_json:
        _as_json(page)
        return
    rows = [_row(entry) for entry in page]
    if not rows:
        tools.note("nothing is there" if after or any(only.values()) else "nothing was asked yet")
    elif sys.stdout.isatty():
        tools.table(COLUMNS, _fitted(rows))
    else:
        tools.table(COLUMNS, rows)
    if page.more:
        tools.note(f"there are older ones: --after {page.entries[-1].id}")


def _as_json(page: Page) -> None:
    found = [entry_as_json(entry) for entry in page]
    last = page.entries[-1].id if page.entries else None
    tools.json_answer({"requests": found, "more": page.more, "last": last})


def _row(entry: Entry) -> tuple[str, ...]:
    kept = sum(picture.is_kept for picture in entry.pictures)
    prompt = "(forgotten)" if entry.forgotten else entry.prompt
    return (
        entry.id,
        when(entry.created),
        str(entry.state),
        where(entry),
        f"{kept}/{len(entry.pictures)}" if entry.pictures else "",
        _spent(entry),
        prompt,
    )


def _spent(entry: Entry) -> str:
    cost = cost_of(entry.attempts)
    return "" if cost == NOTHING else cost


def _fitted(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The rows as wide as the terminal: ids as short as they can be told apart, prompts cut."""
    length = SHORTEST
    while len({row[0][:length] for row in rows}) < len(rows):
        length += 1
    short = [(row[0][:length], row[1][5:16], *row[2:-1], " ".join(row[-1].split())) for row in rows]
    columns = zip(*short, strict=True)
    widths = [
        max(map(len, (name, *cells))) for name, cells in zip(COLUMNS[:-1], columns, strict=False)
    ]
    left = shutil.get_terminal_size().columns - sum(widths) - 3 * len(COLUMNS)
    return [(*row[:-1], _cut(row[-1], max(left, LEAST))) for row in short]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."
