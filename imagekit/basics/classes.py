"""attrs' `define`, `frozen` and `evolve`, for classes that are quick to make and to call.

attrs writes and compiles a ``repr``, an ``==`` and a hash for each class, and makes a class with
slots twice: half of what importing imagekit took. Here all classes share theirs, which read what
attrs knows of the fields, and have no slots. Nothing else differs: ``repr=False``, ``eq=False``
and a method that a class writes itself mean what they mean to attrs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
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
    plain = vars(kind).get("_plain")  # its own: a class above it may have fewer fields
    if plain is None:
        plain = kind._plain = _plain_fields(kind)
    if changes and changes.keys() <= plain:
        made = kind.__new__(kind)
        made.__dict__.update(one.__dict__, **changes)
        return made
    fields = [field for field in kind.__attrs_attrs__ if field.init]
    return kind(**{field.alias: getattr(one, field.name) for field in fields} | changes)


def _plain_fields(kind: Any) -> frozenset[str]:
    """Those of which a copy may just have other values: nothing is made, checked or remembered
    of any field, and these are taken as they are given."""
    fields = kind.__attrs_attrs__
    made = hasattr(kind, "__attrs_post_init__") or not all(field.init for field in fields)
    inside = [vars(above) for above in kind.__mro__]
    slots = any(names.get("__slots__") for names in inside)
    remembers = any(isinstance(one, cached_property) for names in inside for one in names.values())
    if made or slots or remembers:
        return frozenset()
    return frozenset(
        field.name
        for field in fields
        if field.converter is None and field.validator is None and field.alias == field.name
    )


if TYPE_CHECKING:  # checkers know attrs' own
    from attrs import define, evolve, frozen
else:
    evolve = _evolve
    define, frozen = partial(_define, frozen=False), partial(_define, frozen=True)
