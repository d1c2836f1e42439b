"""Forgetting and sweeping: first the rows, then the bytes that no row needs any more.

Whoever is killed in between leaves bytes without a row, which the next sweep removes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import islice

from attrs import frozen
from sqlalchemy import Connection

from imagekit import UsageError
from imagekit_store.ledger.journal import Journaling
from imagekit_store.ledger.ledger import microseconds
from imagekit_store.limits.sharing.budgets import clear
from imagekit_store.pictures import GRACE, Needed, reason, remove, sweep as sweep_pictures, unneeded
from imagekit_store.upkeep import forgetting
from imagekit_store.upkeep.forgetting import Freed

__all__ = ["Removed", "ended_before", "forget", "sweep", "sweepable"]

DAY = 86_400_000_000  # microseconds
#: Requests that are forgotten in one transaction: nobody who writes waits long for it.
AT_ONCE = 20
#: For how long it is known what each call counts against a budget: longer than a month, which is
#: the longest period that ends.
COUNTED = 40 * DAY
#: Requests, or names, that are looked up at once.
LOOKED_UP = 500


@frozen
class Removed:
    """What was removed, or would be.

    Attributes:
        requests: those that were forgotten.
        pictures, bytes: of what was removed, references that were kept for requests too. What
            other requests need stays.
        parts: whatever processes that were killed had left behind, such as half a picture.
        remains: where what was forgotten may still be read, and what ends that: sentences.
    """

    requests: int = 0
    pictures: int = 0
    bytes: int = 0
    parts: int = 0
    remains: tuple[str, ...] = ()


def forget(store: Journaling, id: str) -> Removed:
    """See `Store.forget`."""
    freed = store.write(partial(forgetting.forget, store.ledger, id=id))
    remains = store.ledger.database.overwrite()
    try:
        pictures, size = _remove(store, freed)
    except OSError as error:
        why = f"its pictures could not be removed, which imagekit store sweep does: {reason(error)}"
        return Removed(1, remains=(*remains, why))
    return Removed(1, pictures, size, remains=remains)


def sweep(store: Journaling, grace: float = GRACE, rewrite: bool = False) -> Removed:
    """See `Store.sweep`.

    Args:
        grace: seconds; pictures that no row needs are left alone for so long.
    """
    requests = pictures = size = 0
    for ids in _due(store, ended_before(store)):
        freed = store.write(partial(_forget, store, ids=ids))
        more = [_remove(store, one) for one in freed]
        requests += len(more)
        pictures += sum(count for count, _ in more)
        size += sum(bytes for _, bytes in more)
    _withdraw_needless(store)
    while store.write(partial(clear, before=microseconds() - COUNTED, most=LOOKED_UP)):
        pass
    swept = sweep_pictures(store.keeping, _needed(store), grace=grace)
    return Removed(
        requests,
        pictures + swept.pictures,
        size + swept.bytes,
        swept.parts,
        store.ledger.database.overwrite(rewrite),
    )


def sweepable(store: Journaling) -> Removed:
    """What a sweep would forget and remove now, but for what processes have left behind."""
    before = ended_before(store)
    requests = sum(len(ids) for ids in _due(store, before))
    pictures = size = 0
    for sizes in unneeded(store.keeping, _needed(store, before), time.time() - GRACE):
        pictures += len(sizes)
        size += sum(sizes.values())
    return Removed(requests, pictures, size)


def ended_before(store: Journaling) -> int | None:
    """What ended before that moment is older than the store keeps it; None: it keeps all."""
    return None if store.keep_days is None else microseconds() - int(store.keep_days * DAY)


def _due(store: Journaling, before: int | None) -> Iterator[list[str]]:
    """Requests that are to be forgotten, some at a time. Nobody waits while they are looked for."""
    last = (-1, "")
    while found := store.read(
        partial(forgetting.next_due, before=before, after=last, most=LOOKED_UP)
    ):
        last = found[-1]
        ids = (id for _, id in found)
        while some := list(islice(ids, AT_ONCE)):
            yield some


def _forget(store: Journaling, connection: Connection, ids: list[str]) -> list[Freed]:
    freed = []
    for id in ids:
        with suppress(UsageError):  # more has come to it since it was found
            freed.append(forgetting.forget(store.ledger, connection, id))
    return freed


def _needed(store: Journaling, before: int | None = None) -> Needed:
    return lambda digests: store.read(partial(forgetting.needed, digests=digests, before=before))


def _remove(store: Journaling, freed: Freed) -> tuple[int, int]:
    """The bytes of a forgotten request that nobody else needs: how many pictures, how long."""
    keeping = store.keeping
    ours = [one for one in keeping.announced() if _call(one[0]) in freed.attempts]
    for name, sha256 in ours:
        keeping.withdraw(name, [sha256])
    gone = {sha256 for _, sha256 in ours}
    removed = remove(keeping, {*freed.digests, *gone}, _needed(store))
    sizes = [size for sha256, size in freed.digests.items() if sha256 in removed]
    return len(sizes), sum(sizes)


def _withdraw_needless(store: Journaling) -> None:
    """What was announced long ago by somebody who was killed, and needs it no more."""
    old = store.keeping.announced(before=time.time() - GRACE)
    while some := list(islice(old, LOOKED_UP)):
        for name, sha256 in store.read(partial(forgetting.needless, announced=some)):
            store.keeping.withdraw(name, [sha256])


def _call(name: str) -> str:
    return name.rpartition(".")[0]
