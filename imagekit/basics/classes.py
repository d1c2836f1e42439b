"""attrs' `define`, `frozen` and `evolve`, for classes that are quick to make and to call.

attrs writes and compiles a ``repr``, an ``==`` and a hash for each class, and makes a class with
slots twice: half of what importing imagekit took. Here all classes share theirs, which read what
attrs knows of the fields, and have no slots. Nothing else differs: ``repr=False``, ``eq=False``
and a method that a class writes itself mean what they mean to attrs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

import attrs

__all__ = ["define", "evolve", "frozen"]


def _values(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in self.__attrs_attrs__ if field.eq]


def _equal(self: Any, other: object) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return _values(self) == _values(other)


def _hash(self: Any) -> int:
    return hash((self.__class__, *_values(self)))


@recursive_repr()
def _repr(self: Any) -> str:
    said = (
        f"{field.name}={(repr if field.repr is True else field.repr)(getattr(self, field.name))}"
        for field in self.__attrs_attrs__
        if field.repr
    )
    return f"{self.__class__.__qualname__.rpartition('.')[2]}({', '.join(said)})"


def _define(cls: type | None = None, *, frozen: bool, eq: bool = True, repr: bool = True) -> Any:
    if cls is None:
        return partial(_define, frozen=frozen, eq=eq, repr=repr)
    shared: dict[str, Callable[..., Any] | None] = {"__repr__": _repr} if repr else {}
    if eq:
        shared |= {"__eq__": _equal, "__hash__": _hash if frozen else None}
    for name, method in shared.items():
        if name not in vars(cls):
            setattr(cls, name, method)
    return attrs.define(cls, frozen=frozen, eq=False, repr=False, slots=False)


def _evolve(one: Any, **changes: Any) -> Any:
    kind = one.__class__
    names = vars(kind).get("_evolved")  # its own: a class above it may have fewer fields
    if names is None:
        names = tuple((field.name, field.alias) for field in kind.__attrs_attrs__ if field.init)
        kind._evolved = names
    return kind(**{alias: getattr(one, name) for name, alias in names} | changes)


if TYPE_CHECKING:  # checkers know attrs' own
    from attrs import define, evolve, frozen
else:
    evolve = _evolve
    define, frozen = partial(_define, frozen=False), partial(_define, frozen=True)
