"""What a process must not share with the one that it was forked from: connections and locks.

A child gets a copy of every open socket. Were both to use one, each might read the other's
answer. It also gets every lock as it was, perhaps held by a thread that it has not got.
"""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet

__all__ = ["Forked", "tell_in_child"]


class Forked(Protocol):
    """Whatever has to begin anew in a child."""

    def after_fork(self) -> None: ...


_told: WeakSet[Forked] = WeakSet()


def tell_in_child(forked: Forked) -> None:
    """Have its ``after_fork`` called in every child, before anything else runs there."""
    _told.add(forked)


def _in_child() -> None:
    for forked in list(_told):
        forked.after_fork()


if hasattr(os, "register_at_fork"):  # not where nothing forks
    os.register_at_fork(after_in_child=_in_child)
