"""The last run as it is recorded, and as the page of clients shows it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import asdict

from tests.clients.every import CALLS, CLIENTS
from tests.clients.runs import OK, Run

__all__ = ["PAGE", "RECORDED", "page", "record", "recorded"]

RECORDED = Path(__file__).with_name("recorded.json")
PAGE = Path(__file__).parents[2] / "docs" / "clients.md"
#: What stands between them is written by `make clients`.
BEGIN, END = "<!-- begin: make clients -->\n", "<!-- end: make clients -->\n"


def recorded() -> dict[str, Run]:
    """Client -> its last run."""
    every = json.loads(RECORDED.read_text(encoding="utf-8"))
    return {name: Run(**one) for name, one in every.items()}


def record(runs: Mapping[str, Run]) -> None:
    """Writes down these runs beside those of other clients, and the page anew."""
    known = {**(recorded() if RECORDED.exists() else {}), **runs}
    every = {one.name: asdict(known[one.name]) for one in CLIENTS if one.name in known}
    RECORDED.write_text(json.dumps(every, indent=2) + "\n", encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """The page, with the table of what is recorded."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + "\n".join(_table(recorded())) + "\n" + END + rest.partition(END)[2]


def _table(runs: Mapping[str, Run]) -> Iterable[str]:
    yield _line(("client", "version", *CALLS.values()))
    yield "|---" * (len(CALLS) + 2) + "|"
    for name, run in runs.items():
        yield _line((name, run.version, *(_cell(run.calls.get(call)) for call in CALLS)))


def _cell(told: str | None) -> str:
    return "-" if told is None else "yes" if told == OK else "no"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
