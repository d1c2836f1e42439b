"""What those who share are told of a call that is over: said once, and lost rather than in the way
of what was paid for."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from attrs import field

from imagekit.basics.classes import define
from imagekit.sharing import Shared
from imagekit.values import Cost

__all__ = ["Told"]

log = logging.getLogger("imagekit")


@define(eq=False)
class Told:
    """Tells `Shared`.

    Attributes:
        poorly: hosts of which this process has heard that they rest, or are on trial.
    """

    shared: Shared
    poorly: set[str] = field(factory=set)

    def release(self, call: str, cost: Cost | None) -> None:
        try:
            self.shared.release(call, cost)
        except Exception as error:
            log.warning("what %s has taken could not be given back: %s", call, error)

    def rest(self, host: str, seconds: float) -> None:
        self.poorly.add(host)
        try:
            self.shared.rest(host, seconds)
        except Exception as error:
            log.warning("nobody could be told that %s is to be left alone: %s", host, error)

    def is_well(self, host: str) -> None:
        """Only where that is news."""
        if host not in self.poorly:
            return
        self.poorly.discard(host)
        try:
            self.shared.is_well(host)
        except Exception as error:
            log.warning("nobody could be told that %s is well again: %s", host, error)

    def are_poorly(self, hosts: Iterable[str]) -> None:
        self.poorly.update(hosts)
