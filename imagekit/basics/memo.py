"""Remembering what was found under the names that callers give, of which there is no end."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeVar

__all__ = ["MOST", "remember"]

#: As many names as anybody means; a service that passes on those of its users sees more.
MOST = 1024

Name = TypeVar("Name", bound=Hashable)
Found = TypeVar("Found")


def remember(memo: dict[Name, Found], name: Name, found: Found) -> Found:
    """Keep ``found``, unless another thread was first; gives what is kept.

    A full memo starts over: looking up again is cheap, and whatever counts the uses of each
    entry would cost every call.
    """
    if len(memo) >= MOST:
        memo.clear()
    return memo.setdefault(name, found)
