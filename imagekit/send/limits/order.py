"""In which order hosts are asked: who rests goes last, who has room goes before who has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from imagekit.send.limits.door import Door
from imagekit.settings.config import BALANCES
from imagekit.sharing import Standing

__all__ = ["ordered"]

_, LEAST_BUSY = BALANCES


def ordered(
    doors: Sequence[Door],
    standing: Mapping[str, Standing],
    balance: str | None,
    now: float,
    try_again: Callable[[str], bool],
) -> list[Door]:
    """
    Args:
        standing: how each host stands.
        balance: None: as they are given; ``order``: those that have room first; ``least-busy``:
            of those, the one first that is asked for least.
        try_again: whether this caller may try a host that has rested.
    """

    def rank(door: Door) -> tuple[object, ...]:
        stands = standing[door.host]
        crowd = door.lacks(stands.under_way, now) if balance else (0.0, 0.0)
        busy = stands.under_way + door.promised if balance == LEAST_BUSY else 0
        return bool(stands.rests), door.host in passed_over, any(crowd), crowd, busy

    passed_over: set[str] = set()
    while True:
        order = sorted(doors, key=rank)
        first = order[0].host
        tried = not standing[first].on_trial or first in passed_over or try_again(first)
        if tried:
            return order
        passed_over.add(first)
