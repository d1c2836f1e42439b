"""Settings from plain data: secrets are referred to, and never stand there themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from imagekit.basics.closest import closest
from imagekit.documents.reading import read
from imagekit.settings.config import AnyOf, CredentialReferences, HeaderValue, Setting
from imagekit.settings.secret_reference import WAYS, SecretReference
from imagekit.values import Cost
from imagekit.values.budget import Budget, price_of_one
from imagekit.values.plain.convert import converter
from imagekit.values.plain.strict import must_be

__all__ = ["from_plain", "settings_from"]

T = TypeVar("T")

_converter = converter()

_to_reference = _converter.get_structure_hook(SecretReference)


def settings_from(data: Any, kind: type[T]) -> T:
    """Settings of this kind from what a configuration has, e.g. a `Config`.

    Raises:
        cattrs.BaseValidationError: ``data`` is not of this kind; `mistakes` tells all that is
            wrong with it.
    """
    return _converter.structure(data, kind)


def from_plain(data: Any, kind: type[T]) -> T:
    """The value of this kind that `imagekit.to_plain` made ``data`` from, e.g. a stored `Pending`;
    or settings as a configuration has them, e.g. a `Config`. An unknown key is a mistake.

    Raises:
        InvalidConfiguration: ``data`` is not of this kind: with every problem.
    """
    return read(settings_from, data, kind)


def _reference(value: Any, _: Any) -> SecretReference:
    if isinstance(value, str):
        raise ValueError(
            'a secret does not belong here; say where it is: {env = "NAME"}, {file = "PATH"} '
            'or {command = ["PROGRAM", "ARGUMENT"]}; a key may also be kept with: imagekit keys set'
        )
    must_be(value, dict, Mapping)
    return _to_reference(value, SecretReference)  # type: ignore[no-any-return]


def _credential(value: Any, _: Any) -> Any:
    """One reference, or a table of them by field."""
    if value is None:
        return None
    if not isinstance(value, Mapping) or not value or any(way in value for way in WAYS):
        return _reference(value, SecretReference)
    for key, part in value.items():
        near = closest(key, WAYS)
        if near and not isinstance(part, Mapping):
            raise ValueError(f"no such key {key}; did you mean {near[0]}?")
    return _converter.structure(value, Mapping[str, SecretReference])  # type: ignore[type-abstract]


def _header(value: Any, _: Any) -> str | SecretReference:
    return value if isinstance(value, str) else _reference(value, SecretReference)


def _setting(value: Any, _: Any) -> Setting:
    if isinstance(value, Mapping):
        return _reference(value, SecretReference)
    if isinstance(value, str | int | float):  # a bool is an int
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    hint = "a text, a number, true or false, a list of texts, or say where a secret is"
    raise ValueError(f"must be {hint}")


def _budget(value: Any, _: Any) -> Budget:
    """As people write it, or as `imagekit.to_plain` does."""
    return Budget(**value) if isinstance(value, Mapping) else Budget.parse(value)


def _unknown_price(value: Any, _: Any) -> Cost | None:
    """Likewise."""
    if isinstance(value, Mapping):
        return _converter.structure(value, Cost)
    return None if value is None else price_of_one(value)


def _model(value: Any, _: Any) -> str | AnyOf:
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping):
        hint = 'or {any = ["a-model", "another"], where = {...}}'
        raise ValueError(f"must be the name of a model, {hint}")
    return _converter.structure(value, AnyOf)


_converter.register_structure_hook(str | AnyOf, _model)
_converter.register_structure_hook(Budget, _budget)
_converter.register_structure_hook(Cost | None, _unknown_price)
_converter.register_structure_hook(SecretReference, _reference)
_converter.register_structure_hook(CredentialReferences, _credential)
_converter.register_structure_hook(HeaderValue, _header)
_converter.register_structure_hook(Setting, _setting)
