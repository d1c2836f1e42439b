"""Removing pictures that nobody needs, while others keep the very same ones.

The danger: a sweep finds that no row knows a picture; somebody keeps the same picture, finds that
it is there already, writes a row; the sweep removes it. Two flags prevent that, each written
before the other is looked at::

    who keeps                        who removes
    1 announce                       1 write down what is leaving
    2 wait while it is leaving       2 leave alone what is announced
    3 keep, write the row            3 leave alone what a row needs
    4 withdraw                       4 remove, and take the list away

Whichever is first, one sees the other, and a row written before step 2 is seen in step 3. No
clock is compared with another machine's. Who removes stops after `HURRY` seconds, and a list
that stands longer than `PATIENCE` was left behind by somebody who was killed.

Pictures that were written without being announced are safe from a sweep for ``grace`` seconds;
but one that was there already is as old as it was, so whoever keeps for a row announces.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from attrs import frozen

from imagekit_store.pictures.pictures import Pictures
from imagekit_store.pictures.place import Area

__all__ = ["GRACE", "Needed", "Swept", "remove", "sweep", "unneeded"]

#: Seconds that a picture is left alone by a sweep after it was written, and a part of one.
GRACE = 3600.0
#: Pictures that are asked about and removed at once.
_AT_ONCE = 500

_T = TypeVar("_T")
#: Asked with digests; gives those that a row needs, by what is committed at that moment.
Needed = Callable[[Collection[str]], Collection[str]]


@frozen
class Swept:
    """What a sweep has removed: pictures, their bytes, and parts that were left behind."""

    pictures: int = 0
    bytes: int = 0
    parts: int = 0


def remove(pictures: Pictures, digests: Iterable[str], needed: Needed) -> set[str]:
    """Remove those that nobody needs or is about to keep, at once; gives those that were removed
    or not there. For rows that have just been forgotten.
    """
    removed: set[str] = set()
    for some in _batches(dict.fromkeys(digests)):
        with pictures.leaving(some) as there_is_time:
            free = set(some) - {sha256 for _, sha256 in pictures.announced()}
            free -= set(needed(free)) if free else set()
            if free and there_is_time():
                pictures.remove(free)
                removed |= free
    return removed


def sweep(
    pictures: Pictures,
    needed: Needed,
    *,
    grace: float = GRACE,
    clock: Callable[[], float] = time.time,
) -> Swept:
    """Remove every picture that nobody needs, and what was left half written.

    Args:
        needed: see `Needed`; asked about some hundred at a time.
        grace: seconds; what was written later than that ago is left alone. Parts of pictures are
            left alone for an hour at least: they may be growing.
    """
    before, long_ago = clock() - grace, clock() - max(grace, GRACE)
    parts = pictures.tidy(long_ago) + _remove_thumbnails(pictures, needed, long_ago)
    count = total = 0
    for sizes in unneeded(pictures, needed, before):
        removed = remove(pictures, sizes, needed)
        count += len(removed)
        total += sum(sizes[sha256] for sha256 in removed)
    return Swept(count, total, parts)


def unneeded(pictures: Pictures, needed: Needed, before: float) -> Iterator[dict[str, int]]:
    """Digests -> bytes of the pictures that were written before then, and that nobody needs or
    has announced; some hundred at a time.
    """
    old = ((sha256, size) for sha256, size, when in pictures.every() if when < before)
    for some in _batches(old):
        sizes = dict(some)
        free = set(sizes) - set(needed(sizes))
        free -= {sha256 for _, sha256 in pictures.announced()} if free else set()
        if free:
            yield {sha256: sizes[sha256] for sha256 in free}


def _remove_thumbnails(pictures: Pictures, needed: Needed, before: float) -> int:
    """Those of pictures that nobody needs, left by who was killed while making one."""
    place, count = pictures.place, 0
    old = (small.name for small in place.listed(Area.THUMBNAILS) if small.modified < before)
    for names in _batches(old):
        digests = {name: name.partition(".")[0] for name in names}
        known = set(needed(set(digests.values())))
        free = [name for name in names if digests[name] not in known]
        place.remove(Area.THUMBNAILS, free)
        count += len(free)
    return count


def _batches(things: Iterable[_T]) -> Iterator[list[_T]]:
    left = iter(things)
    while some := list(islice(left, _AT_ONCE)):
        yield some
