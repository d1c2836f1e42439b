"""Strict reading: nothing is taken for what it is not, and every mistake is found at once.

cattrs makes what it can of a value (``int("5")``, ``tuple("ab")``); for what people write,
that hides mistakes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from types import GenericAlias
from typing import Any

import attrs
import cattrs
from cattrs.cols import is_mapping, list_structure_factory, mapping_structure_factory
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from imagekit.basics.closest import closest
from imagekit.values.plain.places import Place

__all__ = ["make_strict", "mistakes", "must_be"]

Structure = Callable[[Any, Any], Any]

_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    dict: "a table",
    list: "a list",
}


def must_be(value: Any, kind: type, *also: type) -> None:
    """Raise a ValueError, which does not repeat the value, unless it is of that kind."""
    if isinstance(value, (kind, *also)) and (kind is bool or not isinstance(value, bool)):
        return
    given = next((name for known, name in _KINDS.items() if isinstance(value, known)), None)
    raise ValueError(f"must be {_KINDS[kind]}, not {given or type(value).__name__}")


def make_strict(converter: cattrs.Converter) -> None:
    """Make a converter refuse unknown keys and everything of a wrong type.

    Attributes whose metadata has ``read: False`` are no keys. They are written where they say
    something, so that it is not lost unseen; never, if their metadata has ``written: False``.
    """
    for kind, also in {bool: (), int: (), float: (int,), str: ()}.items():
        converter.register_structure_hook(kind, _exactly(kind, *also))
    converter.register_structure_hook(StrEnum, _member)
    converter.register_structure_hook_factory(_is_tuple, lambda kind: _tuple(kind, converter))
    converter.register_structure_hook_factory(is_mapping, lambda kind: _table(kind, converter))
    converter.register_structure_hook_factory(attrs.has, lambda kind: _value(kind, converter))
    converter.register_unstructure_hook_factory(_has_unread, lambda kind: _told(kind, converter))


def mistakes(error: BaseException, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Where the data was wrong, and why, from the error of a strict converter.

    Never the data itself: it may be a secret.
    """
    for note in reversed(getattr(error, "__notes__", ())):
        if isinstance(note, AttributeValidationNote):
            place = (*place, note.name)
        elif isinstance(note, IterableValidationNote):
            place = (*place, note.index)
    if isinstance(error, BaseValidationError):
        for inner in error.exceptions:
            yield from mistakes(inner, place)
    elif isinstance(error, ForbiddenExtraKeysError):
        known = [attribute.name for attribute in attrs.fields(error.cl) if _is_read(attribute)]
        for key in sorted(map(str, error.extra_fields)):
            near = closest(key, known)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            if key[:1].isdigit() and place and str(place[-1])[-1:].isdigit():
                hint = f'a name with a dot stands in quotes: "{place[-1]}.{key}"'
            yield (*place, key), f"no such key; {hint}"
    elif isinstance(error, KeyError):
        yield place, "is missing"
    else:
        yield place, str(error) if isinstance(error, ValueError) else "is not what belongs here"


def _is_read(attribute: attrs.Attribute[Any]) -> bool:
    return bool(attribute.metadata.get("read", True))


def _has_unread(kind: Any) -> bool:
    return attrs.has(kind) and not all(map(_is_read, attrs.fields(kind)))


def _exactly(kind: type, *also: type) -> Structure:
    def structure(value: Any, _: Any) -> Any:
        must_be(value, kind, *also)
        return value

    return structure


def _member(value: Any, kind: Any) -> Any:
    must_be(value, str)
    if value not in (known := [str(member) for member in kind]):
        raise ValueError(f"must be one of {', '.join(known)}")
    return kind(value)


def _is_tuple(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) is tuple


def _tuple(kind: Any, converter: cattrs.Converter) -> Structure:
    parts = kind.__args__
    each = list_structure_factory(GenericAlias(list, parts[:1]), converter)  # type: ignore[arg-type]
    count = None if parts[-1] is Ellipsis else len(parts)

    def structure(value: Any, _: Any) -> Any:
        must_be(value, list, tuple)
        if count is not None and len(value) != count:
            raise ValueError(f"must be a list of {count}, not of {len(value)}")
        if count is None or len(set(parts)) == 1:
            return tuple(each(value, kind))
        return tuple(map(converter.structure, value, parts))  # each place has its own kind

    return structure


def _table(kind: Any, converter: cattrs.Converter) -> Structure:
    return _of_table(mapping_structure_factory(kind, converter))


def _value(kind: Any, converter: cattrs.Converter) -> Structure:
    attrs.resolve_types(kind)
    unread = {a.name: override(omit=True) for a in attrs.fields(kind) if not _is_read(a)}
    return _of_table(
        make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True, **unread)  # type: ignore[arg-type]
    )


def _told(kind: Any, converter: cattrs.Converter) -> Callable[[Any], dict[str, Any]]:
    attrs.resolve_types(kind)
    unread = {
        a.name: override(omit_if_default=True, omit=not a.metadata.get("written", True) or None)
        for a in attrs.fields(kind)
        if not _is_read(a)
    }
    every = converter.omit_if_default
    return make_dict_unstructure_fn(kind, converter, _cattrs_omit_if_default=every, **unread)  # type: ignore[arg-type]


def _of_table(inner: Structure) -> Structure:
    def structure(value: Any, kind: Any) -> Any:
        must_be(value, dict, Mapping)
        return inner(value, kind)

    return structure
