"""Where a number comes from. A fact without a source is a rumour."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

__all__ = ["Fact", "State"]


class State(StrEnum):
    """How sure a fact is."""

    DOCUMENTED = "documented"  # the vendor's own page says so
    RECORDED = "recorded"  # seen in real traffic
    UNVERIFIED = "unverified"  # inferred or third-hand; passed through with a note


@frozen
class Fact:
    """``source`` is a URL or the name of a page; ``date`` is ISO, when it was read."""

    source: str
    date: str
    state: State = State.DOCUMENTED
    note: str = ""

    @property
    def unverified(self) -> bool:
        return self.state is State.UNVERIFIED
