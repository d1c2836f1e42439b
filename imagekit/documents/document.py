"""A value as a JSON document, and back.

::

    {"imagekit": 1, "kind": "Usage", "total_tokens": 4175}

``imagekit`` is the number of the form. It grows only when what is written has to be read otherwise
than before: what is at its default is left out, so that a new attribute changes nothing for those
who don't use it. `imagekit.to_plain` has no such head: it makes parts of other documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, overload

import cattrs

from imagekit.documents.pictures import Pictures, find, image_hooks, looking_in
from imagekit.documents.reading import read
from imagekit.documents.troubles import error_hooks
from imagekit.errors import ImagekitError, InvalidConfiguration, UsageError
from imagekit.values import (
    Cost,
    Failure,
    Image,
    Pending,
    Provenance,
    Purchase,
    Receipt,
    Result,
    Trouble,
    Usage,
)
from imagekit.values.plain.convert import converter
from imagekit.values.plain.free import freeze, thaw
from imagekit.values.plain.strict import must_be

__all__ = ["from_json", "to_json"]

T = TypeVar("T")

FORM = 1
_ALL = (
    *(Result, Image, Failure, Pending, Purchase, Receipt, Provenance, Usage, Cost, Trouble),
    ImagekitError,
)
KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in _ALL}


def to_json(value: Any) -> dict[str, Any]:
    """A value as a JSON document, for `from_json`: a `Result`, `Image`, `Failure`, `Pending`,
    `Purchase`, `Receipt`, `Provenance`, `Usage`, `Cost`, `Trouble`, or any `ImagekitError`.

    The bytes of pictures are not in it: their digest stands for them, and nothing is fetched.
    What JSON has no word for is told with a mark, such as ``{"$decimal": "1.50"}``.

    Raises:
        UsageError: it is none of these.
    """
    kind = ImagekitError if isinstance(value, ImagekitError) else type(value)
    if KINDS.get(kind.__name__) is not kind:
        raise UsageError(f"documents are of {', '.join(KINDS)}, and this is a {kind.__name__}")
    return {"imagekit": FORM, "kind": kind.__name__, **_converter.unstructure(value)}


@overload
def from_json(data: Mapping[str, Any], *, pictures: Pictures | None = None) -> Any: ...
@overload
def from_json(data: Mapping[str, Any], kind: type[T], *, pictures: Pictures | None = None) -> T: ...
def from_json(data: Any, kind: type[Any] = object, *, pictures: Pictures | None = None) -> Any:
    """The value that `to_json` made ``data`` from, here or in an earlier version.

    A picture has its bytes where ``pictures`` finds them; else it is what one is that was left
    alone (``fetch=False``), and a reference is told by its digest.

    Args:
        data: what ``json.loads`` gives.
        kind: what it has to be, e.g. `Result`; any of them when not given.
        pictures: gives the bytes with this digest (sha256, as hex), best as a `Blob.of_file` or
            `Blob.of_object`; or None. What it raises, the caller gets.

    Raises:
        InvalidConfiguration: it is of another kind, or none; of a form that only a newer version
            reads; or not what its kind has: with every problem.
    """
    named = _kind_in(data)
    plain = {name: part for name, part in data.items() if name not in ("imagekit", "kind")}
    with looking_in(pictures):
        value = read(_converter.structure, plain, named)
    if not isinstance(value, kind):
        raise InvalidConfiguration(f"this is of {type(value).__name__}, not of {kind.__name__}")
    return value


def _kind_in(data: Any) -> type[Any]:
    form = data.get("imagekit") if isinstance(data, Mapping) else None
    if type(form) is not int or form < 1:
        raise InvalidConfiguration("this is no document of imagekit's: it does not say its form")
    if form > FORM:
        raise InvalidConfiguration(
            f"a newer imagekit has written this, in form {form}; this one reads form {FORM}"
        )
    kind = KINDS.get(str(data.get("kind")))
    if kind is None:
        raise InvalidConfiguration(
            f"there is no kind {data.get('kind')!r:.60} of documents; known are {', '.join(KINDS)}"
        )
    return kind


def _is_free(kind: Any) -> bool:
    return kind is Any or kind == Mapping[str, Any]


def _thawed(plain: Any, kind: Any) -> Any:
    value = thaw(plain, find)
    if kind == Mapping[str, Any]:
        must_be(value, dict)
    return value


def _bytes(plain: Any, _: Any) -> bytes:
    value = thaw(plain, find)
    if not isinstance(value, bytes):
        raise ValueError("must be bytes, with their mark")
    return value


def _made() -> cattrs.Converter:
    made = converter(omit_if_default=True)
    made.register_unstructure_hook_func(_is_free, freeze)
    made.register_structure_hook_func(_is_free, _thawed)
    made.register_unstructure_hook(bytes, freeze)
    made.register_structure_hook(bytes, _bytes)
    image_hooks(made)
    error_hooks(made)
    return made


_converter = _made()
