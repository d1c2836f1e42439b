"""The luck of a scenario: which of its rules apply to a request, and how long pictures take."""

from __future__ import annotations

import threading
from collections import Counter
from random import Random

from imagekit_sandbox.serving.faults.faults import Faults, read_faults
from imagekit_sandbox.serving.faults.latency import read_latency
from imagekit_sandbox.serving.faults.rules import Rule, Scenario

__all__ = ["Chooser"]


class Chooser:
    """Decides which rules apply. The n-th request that a rule matches always fares alike."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._latency = read_latency(scenario.latency)
        self._matched: Counter[int] = Counter()
        self._struck: Counter[int] = Counter()
        self._made = 0
        self._lock = threading.Lock()

    def faults(self, host: str, model: str | None, operation: str) -> list[Faults]:
        """Those of every rule that applies, in their order."""
        with self._lock:
            return [
                read_faults(rule.fault)
                for place, rule in enumerate(self._scenario.rules)
                if rule.matches(host, model, operation) and self._strikes(place, rule)
            ]

    def latency(self) -> float:
        """Seconds that the next picture takes."""
        with self._lock:
            self._made += 1
            return self._latency.seconds(self._lot("latency", self._made))

    def _strikes(self, place: int, rule: Rule) -> bool:
        self._matched[place] += 1
        spared = self._matched[place] <= rule.after
        used_up = rule.times is not None and self._struck[place] >= rule.times
        lot = self._lot(place, self._matched[place]).random()
        if spared or used_up or lot >= rule.probability:
            return False
        self._struck[place] += 1
        return True

    def _lot(self, *what: object) -> Random:
        return Random(repr((self._scenario.seed, *what)))
