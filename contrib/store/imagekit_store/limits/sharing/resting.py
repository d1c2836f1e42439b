"""Which hosts are left alone for a while, and who tries them again after that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, case, or_, select, update

from imagekit import Standing
from imagekit_store.limits.sharing.places import Here, under_way
from imagekit_store.schema.prepared import Prepared, in_words_of_each
from imagekit_store.schema.tables import HOSTS

__all__ = ["is_well", "rest", "rests", "standing", "try_again"]

H = HOSTS.c
#: Microseconds after which whoever tries a host, and is not heard of again, has tried.
TRIAL = 60_000_000
#: Nothing rests for longer: what would is left from before a clock was set back.
LONGEST = 24 * 60 * TRIAL

_now = bindparam("now", type_=BigInteger)
_OF = H.name == bindparam("of")


def _rested(insert: Any) -> Any:
    """Of two rests the longer counts."""
    new = insert(HOSTS)
    longer = case((H.rests > new.excluded.rests, H.rests), else_=new.excluded.rests)
    return new.on_conflict_do_update(index_elements=[H.name], set_={"rests": longer, "tried": None})


REST = in_words_of_each(_rested)
IS_WELL = Prepared(update(HOSTS).where(_OF).values(rests=None, tried=None))
RESTS = Prepared(select(H.rests).where(_OF, H.rests.is_not(None)))
TRY = Prepared(
    update(HOSTS)
    .where(
        _OF,
        or_(H.rests.is_(None), ~H.rests.between(_now + 1, _now + LONGEST)),
        # What is further ahead than two clocks may be apart is left from before one was set back.
        or_(H.tried.is_(None), ~H.tried.between(_now + 1, _now + 2 * TRIAL)),
    )
    .values(tried=case((H.rests.is_(None), None), else_=_now + TRIAL))
    .returning(H.name)
)


def rest(connection: Connection, host: str, seconds: float, here: Here) -> None:
    until = here.now + min(int(seconds * 1_000_000), LONGEST)
    REST.count(connection, {"name": host, "next": 0, "rests": until, "tried": None})


def rests(connection: Connection, host: str) -> bool:
    """Whether it rests, or nobody knows yet whether it is well again."""
    return RESTS.one(connection, {"of": host}) is not None


def try_again(connection: Connection, host: str, here: Here) -> bool:
    """Whether this process may ask a host that has rested: one at a time."""
    return TRY.one(connection, {"of": host, "now": here.now}) is not None


def is_well(connection: Connection, host: str) -> None:
    IS_WELL.count(connection, {"of": host})


def standing(connection: Connection, hosts: Sequence[str], here: Here) -> dict[str, Standing]:
    known = select(H.name, H.rests).where(H.name.in_(hosts), H.rests.is_not(None))
    until = dict(map(tuple, connection.execute(known)))
    asked = under_way(connection, hosts, here)
    return {host: _standing(asked.get(host, 0), until.get(host), here.now) for host in hosts}


def _standing(under_way: int, until: int | None, now: int) -> Standing:
    if until is None:
        return Standing(under_way)
    rests = until - now if now < until <= now + LONGEST else 0
    return Standing(under_way, rests / 1e6, on_trial=not rests)
