"""Places and paces: how many calls a host is asked for at once, and how often in a minute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from attrs import define, field, frozen
from sqlalchemy import Connection, bindparam, delete, func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from imagekit import Claim, Full
from imagekit_store.schema.prepared import Prepared, in_words_of_each
from imagekit_store.schema.tables import HOSTS, PLACES

__all__ = ["LEASE", "Here", "Places", "free", "renew", "under_way"]

H, P = HOSTS.c, PLACES.c
MINUTE = 60_000_000  # microseconds
#: Seconds for which a process holds what it carries out, unless it renews that.
LEASE = 30.0
#: Seconds until somebody else may have left a place.
SOON = 0.25


@frozen
class Here:
    """This process, and when it is.

    Attributes:
        now, lease: in microseconds, by the clock of the database.
    """

    holder: str
    now: int
    lease: int


def _taken(insert: Any) -> Any:
    new = insert(PLACES)
    others = {name: new.excluded[name] for name in ("host", "holder", "until")}
    return new.on_conflict_do_update(index_elements=[P.call], set_=others)


def _paced(insert: Any) -> Any:
    new = insert(HOSTS)
    return new.on_conflict_do_update(index_elements=[H.name], set_={"next": new.excluded.next})


TAKE, PACE = in_words_of_each(_taken), in_words_of_each(_paced)
FREE = Prepared(delete(PLACES).where(P.call == bindparam("of"), P.holder == bindparam("me")))


def _live(here: Here) -> ColumnElement[bool]:
    """Whoever holds it lives. A lease far in the future is left from before a clock was set."""
    return P.until.between(here.now + 1, here.now + 10 * here.lease)


def under_way(connection: Connection, hosts: Collection[str], here: Here) -> dict[str, int]:
    """How many calls these hosts are asked for now; those that are asked for none are missing."""
    if not hosts:
        return {}
    many = select(P.host, func.count()).where(P.host.in_(hosts), _live(here)).group_by(P.host)
    return dict(map(tuple, connection.execute(many)))


def free(connection: Connection, calls: Collection[str], here: Here) -> None:
    FREE.many(connection, [{"of": call, "me": here.holder} for call in calls])


def renew(connection: Connection, calls: Collection[str], here: Here) -> None:
    """Hold the places of these calls for another lease; and clear away what nobody holds."""
    mine = update(PLACES).where(P.holder == here.holder, P.call.in_(calls))
    connection.execute(mine.values(until=here.now + here.lease))
    far = here.now + 10 * here.lease
    connection.execute(delete(PLACES).where(or_(P.until <= here.now, P.until > far)))


@define(eq=False)
class Places:
    """The places and paces of hosts, while nobody else changes them."""

    here: Here
    _holders: dict[str, str]
    _under_way: dict[str, int]
    _next: dict[str, int]
    _taken: dict[str, str] = field(factory=dict, init=False)
    _paced: set[str] = field(factory=set, init=False)

    @classmethod
    def read(cls, connection: Connection, claims: Collection[Claim], here: Here) -> Places:
        """Those that these claims are about."""
        calls = [one.call for one in claims]
        held = select(P.call, P.holder).where(P.call.in_(calls), _live(here))
        limited = {one.host for one in claims if one.at_once is not None}
        paced = {one.host for one in claims if one.rpm is not None}
        next = select(H.name, H.next).where(H.name.in_(paced))
        return cls(
            here,
            dict(map(tuple, connection.execute(held))),
            defaultdict(int, under_way(connection, limited, here)),
            dict(map(tuple, connection.execute(next))) if paced else {},
        )

    def holder(self, call: str) -> str | None:
        """Which process holds the place of a call."""
        return self._holders.get(call)

    def full(self, claim: Claim) -> Full | None:
        """Why a host has no place for a call now."""
        if claim.at_once is not None and self._under_way[claim.host] >= claim.at_once:
            return Full.of_at_once(claim, SOON)
        if claim.rpm is not None and (wait := self._due(claim, claim.rpm) - self.here.now) > 0:
            return Full.of_rpm(claim, wait / 1e6)
        return None

    def take(self, claim: Claim) -> None:
        self._holders[claim.call], self._taken[claim.call] = self.here.holder, claim.host
        self._under_way[claim.host] += 1
        if claim.rpm is not None:
            self._next[claim.host] = self._ahead(claim.host) + _step(claim.rpm)
            self._paced.add(claim.host)

    def write(self, connection: Connection) -> None:
        held = {"holder": self.here.holder, "until": self.here.now + self.here.lease}
        taken = [{"call": call, "host": host, **held} for call, host in self._taken.items()]
        TAKE.many(connection, taken)
        paced = [{"name": name, "next": self._next[name]} for name in sorted(self._paced)]
        PACE.many(connection, paced)

    def _ahead(self, host: str) -> int:
        """When a call is due at a steady pace. What is further ahead than a burst is left from
        before a clock was set back."""
        now, next = self.here.now, self._next.get(host, 0)
        return next if now < next <= now + 2 * MINUTE else now

    def _due(self, claim: Claim, rpm: int) -> int:
        """When this call may be sent: a minute's calls may come at once, after a rest."""
        step = _step(rpm)
        return self._ahead(claim.host) + step - step * rpm


def _step(rpm: int) -> int:
    """From one call to the next: rounded up, so that never more are sent than may be."""
    return -(-MINUTE // rpm)
