"""Counting for one process: what is shared where nobody brings anything else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from attrs import field

from imagekit.basics.classes import define
from imagekit.basics.forks import tell_in_child
from imagekit.send.limits.health import Health
from imagekit.send.limits.ledger import Ledger
from imagekit.send.limits.rate import Rate
from imagekit.sharing import Claim, Full, Standing
from imagekit.values import Cost
from imagekit.values.budget import Budget

__all__ = ["InProcess"]


@define(eq=False)
class _Host:
    rate: Rate = field(factory=Rate)
    under_way: int = 0
    health: Health | None = None


class InProcess:
    """A `Shared` of everybody in this process who has this one: each client has its own, where it
    is given none. What it has counted ends with the process.

    Args:
        monotonic, now: the clocks, in seconds; handed in so that tests need not wait.
    """

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._monotonic, self._now = monotonic, now
        self._hosts: dict[str, _Host] = {}
        self._under_way: dict[str, _Host] = {}
        self._ledger = Ledger()
        self._lock = threading.Lock()
        tell_in_child(self)

    def after_fork(self) -> None:
        """What is under way is the parent's. What it has spent counts here as well: of two who
        each count for themselves, both should know of it."""
        self._lock = threading.Lock()
        for call in [*self._under_way]:
            self.release(call, None)

    def claim(self, claim: Claim) -> Full | None:
        with self._lock:
            if claim.call in self._under_way:
                return None
            host = self._host(claim.host)
            full = self._ledger.beyond(claim, self._now()) or self._no_room(claim, host)
            if full is None:
                self._take(claim, host)
            return full

    def release(self, call: str, cost: Cost | None) -> None:
        with self._lock:
            host = self._under_way.pop(call, None)
            if host is not None:
                host.under_way -= 1
            self._ledger.settle(call, cost)

    def rest(self, host: str, seconds: float) -> None:
        with self._lock:
            own, until = self._host(host), self._monotonic() + seconds
            if own.health is None:
                own.health = Health(until)
            else:
                own.health.rest(until)

    def try_again(self, host: str) -> bool:
        with self._lock:
            health = self._host(host).health
            return health is None or health.try_again(self._monotonic())

    def is_well(self, host: str) -> None:
        with self._lock:
            self._host(host).health = None

    def standing(self, hosts: Sequence[str]) -> Mapping[str, Standing]:
        with self._lock:
            now = self._monotonic()
            return {name: _standing(self._host(name), now) for name in hosts}

    def spent(self, budgets: Mapping[str, Budget]) -> Mapping[str, Decimal]:
        with self._lock:
            now = self._now()
            return {name: self._ledger.spent(name, one, now) for name, one in budgets.items()}

    def _host(self, name: str) -> _Host:
        return self._hosts.setdefault(name, _Host())

    def _no_room(self, claim: Claim, host: _Host) -> Full | None:
        if claim.at_once is not None and host.under_way >= claim.at_once:
            return Full.of_at_once(claim)
        wait = host.rate.wait(claim.rpm, self._monotonic()) if claim.rpm is not None else 0.0
        return Full.of_rpm(claim, wait) if wait else None

    def _take(self, claim: Claim, host: _Host) -> None:
        if claim.rpm is not None:
            host.rate.take(claim.rpm, self._monotonic())
        host.under_way += 1
        self._under_way[claim.call] = host
        self._ledger.count(claim, self._now())


def _standing(host: _Host, now: float) -> Standing:
    health = host.health
    if health is None:
        return Standing(host.under_way)
    rests = health.rests(now)
    return Standing(host.under_way, rests, on_trial=not rests)
