"""A process that is forked has its parent's locks and connections, and none of its threads."""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet

__all__ = ["begin_anew_in_child"]


class _Forked(Protocol):
    def after_fork(self) -> None: ...


_told: WeakSet[_Forked] = WeakSet()


def begin_anew_in_child(forked: _Forked) -> None:
    """Have its ``after_fork`` called in every child."""
    _told.add(forked)


def _in_child() -> None:
    for forked in list(_told):
        forked.after_fork()


if hasattr(os, "register_at_fork"):  # not where nothing forks
    os.register_at_fork(after_in_child=_in_child)
