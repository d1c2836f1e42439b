"""THE converter between imagekit's values and plain JSON-able data.

Strict for what callers and configuration give: an unknown key is an error. (What hosts
answer is read leniently, field by field, by the wires.) cattrs costs 50 ms to import,
so this module is imported only where it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

import cattrs

from imagekit.blob import Blob
from imagekit.closest import closest
from imagekit.config import CredentialReferences, HeaderValue
from imagekit.config.secret import WAYS, SecretReference
from imagekit.config.strict import make_strict, must_be
from imagekit.errors import ImagekitError
from imagekit.values import Image

__all__ = ["from_plain", "to_plain"]

T = TypeVar("T")

_converter = cattrs.Converter(forbid_extra_keys=True)
make_strict(_converter)
_to_reference = _converter.get_structure_hook(SecretReference)


def to_plain(value: Any) -> Any:
    """Any value of imagekit's as dicts, lists, text, numbers and None.

    A picture becomes a summary of itself (it is measured, and downloaded for that if it
    must be); bytes inside an answer become their length and digest.
    """
    return _converter.unstructure(value)


def from_plain(data: Any, kind: type[T]) -> T:
    """The value of this kind that `to_plain` made ``data`` from, e.g. a stored `Pending`.

    Raises:
        cattrs.BaseValidationError: ``data`` is not of this kind; `imagekit.config.strict.mistakes`
            tells all that is wrong with it.
    """
    return _converter.structure(data, kind)


def _image(image: Image) -> dict[str, Any]:
    width, height = image.pixels or (None, None)
    return {
        "index": image.index,
        "url": image.url,
        "media_type": image.media_type,
        "width": width,
        "height": height,
        "bytes": image.blob.size,
        "sha256": image.blob.sha256,
        "metadata": _converter.unstructure(dict(image.metadata)),
    }


def _blob(blob: Blob) -> dict[str, Any]:
    return {"bytes": blob.size, "sha256": blob.sha256}


def _is_error(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, ImagekitError)


def _error(error: ImagekitError) -> dict[str, Any]:
    return {
        "type": type(error).__name__,
        "message": str(error),
        "retryable": error.retryable,
        "charged": str(error.charged),
        "pending": _converter.unstructure(error.pending),
    }


def _request_body(body: bytes | None) -> str | None:
    return None if body is None else body.decode("utf-8", "replace")


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


_converter.register_structure_hook(SecretReference, _reference)
_converter.register_structure_hook(CredentialReferences, _credential)
_converter.register_structure_hook(HeaderValue, _header)
_converter.register_unstructure_hook(Image, _image)
_converter.register_unstructure_hook(Blob, _blob)
_converter.register_unstructure_hook_func(_is_error, _error)
_converter.register_unstructure_hook(bytes, _request_body)
_converter.register_structure_hook(bytes, lambda text, _: text.encode())
_converter.register_unstructure_hook(Decimal, str)
_converter.register_unstructure_hook(type, lambda kind: kind.__name__)
