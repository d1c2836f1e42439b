"""Where a number comes from. A fact without a source is a rumour."""

from __future__ import annotations

from enum import StrEnum

from attrs import field

from imagekit.basics.classes import frozen
from imagekit.declare import checks

__all__ = ["Fact", "Retirement", "State", "a_fact"]


class State(StrEnum):
    """How sure a fact is."""

    DOCUMENTED = "documented"  # the vendor's own page says so
    RECORDED = "recorded"  # seen in real traffic
    UNVERIFIED = "unverified"  # inferred or third-hand; passed through with a note


@frozen
class Fact:
    """``source`` is a URL or the name of a page; ``date`` is ISO, when it was read."""

    source: str = field(validator=checks.text)
    date: str = field(validator=checks.day)
    state: State = field(default=State.DOCUMENTED, validator=checks.one(State))
    note: str = field(default="", validator=checks.text)

    @property
    def unverified(self) -> bool:
        return self.state is State.UNVERIFIED


#: The check of an attribute that is one, or None.
a_fact = checks.one(Fact, right="a Fact, which has a source and a date", empty=True)


@frozen
class Retirement:
    """The end of a model at its vendor. Whoever asks for it is told, and not refused: others
    may serve it still, and a date may have been moved.

    Attributes:
        date: ISO, the day it was shut down; empty while it is deprecated and no day is named.
        fact: who says so; unverified where a day was announced, and nobody has looked since.
        instead: what its vendor names in its place.
    """

    date: str = field(validator=checks.day)
    fact: Fact = field(validator=checks.one(Fact))
    instead: str = field(default="", validator=checks.text)

    def describe(self) -> str:
        """E.g. ``was shut down by its vendor on 2026-10-23; it names gpt-image-2 instead``."""
        if not self.date:
            said = "is deprecated by its vendor, which names no day"
        elif self.fact.unverified:
            said = f"may be shut down by its vendor: the day announced was {self.date}"
        else:
            said = f"was shut down by its vendor on {self.date}"
        return said + (f"; it names {self.instead} instead" if self.instead else "")

    @property
    def mark(self) -> str:
        """The same for a table."""
        if not self.date:
            return "deprecated"
        return f"shut down {self.date}" + ("?" if self.fact.unverified else "")
