"""docs/mistakes.md: what the kit says to each of the mistakes that the tests make."""

from __future__ import annotations

import re
from collections.abc import Iterable

from attrs import frozen

from defects.mistake import AT_ONCE, ON_FILE, REPLIES, REQUESTS

HEAD = """# Mistakes that are found

Each row is a mistake that an author of a plugin makes easily. imagekit's own tests make it, in a
plugin that is all right otherwise, and see to it that the [conformance kit](conformance.md) finds
it. What they were told is what you are told. This page is generated: `make mistakes`.

{counts}
"""
TABLE = """
## {title}

| mistake | found by | what it says |
|---|---|---|
"""
FILES = {ON_FILE: "`facts.json`", REQUESTS: "`requests/*.json`", REPLIES: "`replies/*.json`"}
_LONGEST = 170


@frozen
class Found:
    """A mistake of a kind of plugin, the checks that found it, and what the one for it said."""

    kind: str
    title: str
    copy: str
    of: str
    checks: frozenset[str]
    best: str
    message: str

    @property
    def how(self) -> str:
        """Where it comes to light: as early as may be."""
        if AT_ONCE in self.checks:
            return "where they are declared"
        return "by checks derived from declarations" if self.checks - {*FILES} else "by files alone"

    @property
    def row(self) -> str:
        by = {AT_ONCE: "declaring it", **FILES}.get(self.best, f"`{self.best}`")
        return f"| {self.title} | {by} | {plain(self.message, self.copy, self.of)} |\n"


def plain(message: str, copy: str, of: str) -> str:
    """The same in every run, and no markup."""
    text = re.sub(r"^(failed on setup with \")?([\w.]*(Error|Answer)\b: )?", "", message)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1", text.replace(copy, of))
    text = re.sub(r"0x[0-9a-f]+", "0x0", text)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return f"`{text.replace('`', '').replace('|', '/')}`"


def page(found: Iterable[Found]) -> str:
    rows = list(found)
    ways = ("where they are declared", "by checks derived from declarations", "by files alone")
    told = [f"{sum(one.how == way for one in rows)} {way}" for way in ways]
    text = HEAD.format(counts=f"{len(rows)} mistakes are found: {', '.join(told)}.")
    for kind in dict.fromkeys(one.kind for one in rows):
        text += TABLE.format(title=kind) + "".join(one.row for one in rows if one.kind == kind)
    return text
