"""Data of no form, as JSON and back: what hosts said, what callers gave, and bytes among it.

Most of it is JSON already, and stands for itself. What JSON has no word for becomes an object of
one mark: ``{"$decimal": "1.50"}``. An object that has such a name itself is ``{"$object": [[name,
value], ...]}``, so nothing that a host says is taken for a mark.
"""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from imagekit.basics.blob import Blob, BrokenBlob
from imagekit.basics.classes import evolve
from imagekit.values.reference import Reference, restored, without_bytes

__all__ = ["freeze", "thaw"]

#: Lists and objects in one another; many readers of JSON stop somewhat later.
DEEPEST = 100
#: Bits of a whole number; Python itself refuses to write longer ones.
LONGEST = 4_000

#: Finds bytes by their digest.
Find = Callable[[str], Blob | None]


def freeze(value: Any, depth: int = 0) -> Any:
    """``value`` as JSON has it. It never fails: what nobody has a word for is told in words, since
    the rest of it may be paid for. A tuple becomes a list.
    """
    if depth > DEEPEST:
        return "(nested too deeply)"
    match value:
        case None | bool():
            return value
        case str():
            return str.__str__(value)  # of a member of an enumeration its text alone
        case int():
            return value if value.bit_length() <= LONGEST else {"$int": hex(value)}
        case float():
            return value if math.isfinite(value) else {"$float": str(value)}
        case list() | tuple():
            return [freeze(item, depth + 1) for item in value]
        case Mapping():
            return _object(value, depth + 1)
    return _marked(value)


def _object(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    if all(isinstance(name, str) and not name.startswith("$") for name in value):
        return {name: freeze(item, depth) for name, item in value.items()}
    pairs = [[freeze(name, depth), freeze(item, depth)] for name, item in value.items()]
    return {"$object": pairs}


def _marked(value: Any) -> Any:
    match value:
        case Decimal():
            return {"$decimal": str(value)}
        case bytes() | bytearray():
            return {"$bytes": b64encode(value).decode()}
        case Blob():
            return {"$blob": [value.sha256, value.size]}
        case BrokenBlob():
            return {"$broken": value.reason}
        case Reference():
            record = without_bytes({"mask": value})["mask"]
            return record if isinstance(record, str) else {"$reference": record}
    return f"({type(value).__name__}, which JSON has no word for)"


def thaw(value: Any, find: Find) -> Any:
    """What `freeze` made it from. Of a reference that ``find`` has not, what there is to tell."""
    if isinstance(value, list):
        return [thaw(item, find) for item in value]
    if not isinstance(value, Mapping):
        return value
    mark = next(iter(value), "")
    if len(value) == 1 and str(mark).startswith("$"):
        return _unmarked(mark, value[mark], find)
    return {name: thaw(item, find) for name, item in value.items()}


def _unmarked(mark: str, told: Any, find: Find) -> Any:
    match mark, told:
        case "$object", list():
            return {thaw(name, find): thaw(item, find) for name, item in told}
        case "$int", str():
            return int(told, 16)
        case "$float", str():
            return float(told)
        case "$decimal", str():
            return _decimal(told)
        case "$bytes", str():
            return b64decode(told, validate=True)
        case "$blob", [str() as digest, int() as size]:
            return find(digest) or _missing(digest, size)
        case "$broken", str():
            return BrokenBlob(told)
        case "$reference", Mapping():
            return _reference(told, find)
    raise ValueError(
        f"has the mark {mark!r:.40}, which is none that is known, or is marked wrongly"
    )


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        raise ValueError("is no decimal number") from None


def _missing(digest: str, size: int) -> Blob:
    """Bytes that are not here: how many, and their digest; to read them is an error."""

    def get() -> Blob:
        raise LookupError(f"the bytes with the digest {digest} are not here")

    return Blob.of_object(get, size, digest)


def _reference(record: Mapping[str, Any], find: Find) -> Any:
    digest = record.get("sha256")
    blob = find(digest) if isinstance(digest, str) else None
    return evolve(restored(record), blob=blob) if blob else dict(record)
