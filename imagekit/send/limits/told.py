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
        poorly: hosts of which this process has heard that they rest, or are on trial; each with
            what tells this rest from those before and after it.
    """

    shared: Shared
    poorly: dict[str, object] = field(factory=dict)

    def release(self, call: str, cost: Cost | None) -> None:
        try:
            self.shared.release(call, cost)
        except Exception as error:
            log.warning("what %s has taken could not be given back: %s", call, error)

    def rest(self, host: str, seconds: float) -> None:
        self.poorly[host] = object()
        try:
            self.shared.rest(host, seconds)
        except Exception as error:
            log.warning("nobody could be told that %s is to be left alone: %s", host, error)

    def is_well(self, host: str, since: object) -> None:
        """Only where that is news, and by a call that was sent after the host's last rest began:
        what was under way before says nothing of it.

        Args:
            since: what `poorly` had of the host when the call was sent.
        """
        if since is None or self.poorly.get(host) is not since:
            return
        self.poorly.pop(host, None)
        try:
            self.shared.is_well(host)
        except Exception as error:
            log.warning("nobody could be told that %s is well again: %s", host, error)

    def are_poorly(self, hosts: Iterable[str]) -> None:
        for host in hosts:
            self.poorly.setdefault(host, object())
