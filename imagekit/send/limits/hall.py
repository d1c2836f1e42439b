"""All hosts, as this process sees them: which of them to ask, and who has promised to."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from attrs import field

from imagekit.basics.classes import define
from imagekit.errors import ImagekitError
from imagekit.send.limits.asked import Asked
from imagekit.send.limits.door import Door
from imagekit.send.limits.order import ordered
from imagekit.send.limits.told import Told
from imagekit.settings.config import HostSettings
from imagekit.sharing import Full, Standing

__all__ = ["Chosen", "Hall"]

log = logging.getLogger("imagekit")


@define(eq=False)
class Chosen:
    """Whom to ask, and in which order.

    Attributes:
        hosts: their names; the first counts as asked, until it is `moved`.
    """

    hosts: tuple[str, ...]
    _hall: Hall
    _door: Door | None

    def moved(self, host: str | None) -> None:
        """Another host is asked now, instead; None: nobody any more."""
        self._door = self._hall.promise(self._door, host)

    def is_in(self, door: Door) -> bool:
        """The call that was promised has its place; others of the same request have none yet."""
        if self._door is not door:
            return False
        self._door = None
        return True


_chosen: ContextVar[Chosen | None] = ContextVar("imagekit_chosen", default=None)


@define(eq=False)
class Hall:
    """Shared by all threads of a client.

    Attributes:
        settings: of each host, by its name.
        monotonic: the clock.
        is_closed: nobody is let in any more.
    """

    settings: Mapping[str, HostSettings]
    asked: Asked
    told: Told
    monotonic: Callable[[], float]
    is_closed: bool = field(default=False, init=False)
    _doors: dict[str, Door] = field(factory=dict, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def after_fork(self) -> None:
        """Whoever waits, waits in the parent."""
        self._doors, self._lock = {}, threading.Lock()

    def close(self) -> None:
        """Nobody is let in any more."""
        self.is_closed = True
        for door in [*self._doors.values()]:
            door.line.wake_all()

    def door(self, host: str) -> Door:
        door = self._doors.get(host)
        if door is None:
            own = self.settings.get(host, HostSettings())
            door = self._doors.setdefault(host, Door(host, own.rpm, own.at_once))
        return door

    @contextmanager
    def chosen(self, hosts: Sequence[str], balance: str | None) -> Iterator[Chosen]:
        with self._lock:
            doors = self._ordered(hosts, balance)
            doors[0].promise(self.monotonic())
        chosen = Chosen(tuple(door.host for door in doors), self, doors[0])
        token = _chosen.set(chosen)
        try:
            yield chosen
        finally:
            _chosen.reset(token)
            chosen.moved(None)

    def promise(self, before: Door | None, host: str | None) -> Door | None:
        """What was promised to one host, if it still is, is now to another."""
        door = None if host is None else self.door(host)
        with self._lock:
            if before is not None:
                before.take_back()
            if door is not None:
                door.promise(self.monotonic())
        return door

    def let_in(self, door: Door) -> None:
        """A call of this context has its place."""
        chosen = _chosen.get()
        with self._lock:
            door.let_in(chosen is not None and chosen.is_in(door), self.monotonic())

    def refused(self, door: Door, full: Full) -> None:
        with self._lock:
            door.is_told(full, self.monotonic())

    def rests(self, host: str, elsewhere: Sequence[str]) -> float:
        """Seconds for which a host is rather left alone: it rests, and one of the others does not.
        Asked only of a host of which something was heard."""
        if host not in self.told.poorly or not elsewhere:
            return 0.0
        try:
            standing = self.asked.standing([host, *elsewhere])
        except ImagekitError as error:
            log.warning("nobody can say how hosts stand: %s", error)
            return 0.0
        if all(standing[name].rests for name in elsewhere):
            return 0.0
        return standing[host].rests

    def order(
        self, hosts: Sequence[str], balance: str | None, standing: Mapping[str, Standing]
    ) -> tuple[str, ...]:
        """In which order they would be asked now; nothing is promised to any of them."""
        doors = [self.door(name) for name in hosts]
        with self._lock:
            found = ordered(doors, standing, balance, self.monotonic(), lambda _: True)
        return tuple(door.host for door in found)

    def _ordered(self, hosts: Sequence[str], balance: str | None) -> list[Door]:
        doors = [self.door(name) for name in hosts]
        if len(doors) == 1:
            return doors
        try:
            standing = self.asked.standing(hosts)
            poorly = [name for name, one in standing.items() if one.rests or one.on_trial]
            self.told.are_poorly(poorly)
            return ordered(doors, standing, balance, self.monotonic(), self.asked.try_again)
        except Exception as error:  # whether anything may be bought is asked once more
            log.warning("nobody can say how hosts stand: %s", error)
            return doors
