"""All that the upstreams of one server keep, side by side."""

from __future__ import annotations

from collections.abc import Callable

from imagekit_sandbox.drawing.turns import Turns
from imagekit_sandbox.serving.books.journal import Journal
from imagekit_sandbox.serving.books.ledger import Ledger
from imagekit_sandbox.serving.books.links import Links
from imagekit_sandbox.serving.books.records import Records
from imagekit_sandbox.serving.faults.chooser import Chooser
from imagekit_sandbox.serving.faults.rules import Scenario

__all__ = ["Books"]


class Books:
    """Each is thread-safe.

    Attributes:
        ledger: what has been billed.
        journal: what was received.
        links: the pictures that can be fetched.
        records: jobs, records and names, for each key its own.
        turns: what has been drawn without a seed.
        chooser: what goes wrong next.
    """

    def __init__(self, scenario: Scenario, now: Callable[[], float]) -> None:
        self.scenario = scenario
        self.ledger = Ledger()
        self.journal = Journal()
        self.links = Links(scenario.link_lifetime, now)
        self.records = Records()
        self.turns = Turns()
        self.chooser = Chooser(scenario)

    def reset(self) -> None:
        """As it was at the start: nothing billed, nothing kept, the same luck again."""
        for book in (self.ledger, self.journal, self.links, self.records, self.turns):
            book.clear()
        self.chooser = Chooser(self.scenario)
