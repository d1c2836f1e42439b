"""A mapping whose values are secrets, or may be: whoever prints it sees names only.

Traceback printers, error reporters and debuggers show the variables of every frame. What
passes through ours is held in one of these.
"""

from __future__ import annotations

from collections.abc import Iterator, KeysView, Mapping, ValuesView
from typing import TypeVar

__all__ = ["Hidden"]

T = TypeVar("T")


class Hidden(Mapping[str, T]):
    """The same mapping, shown by its size."""

    __slots__ = ("_inside",)

    def __init__(self, inside: Mapping[str, T]) -> None:
        self._inside: Mapping[str, T] = inside

    def __getitem__(self, name: str) -> T:
        return self._inside[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._inside)

    def keys(self) -> KeysView[str]:
        return self._inside.keys()

    def values(self) -> ValuesView[T]:
        return self._inside.values()

    def __len__(self) -> int:
        return len(self._inside)

    def __repr__(self) -> str:
        return f"<{len(self)} hidden values>"
