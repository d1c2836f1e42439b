"""A picture in a document: its facts and its digest; and whoever has the bytes, when it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import cattrs
from attrs import field

from imagekit.basics.blob import Blob
from imagekit.basics.classes import define, frozen
from imagekit.basics.media import Measured
from imagekit.values import Image, Trouble

__all__ = ["Pictures", "find", "image_hooks", "looking_in"]

#: Finds a picture by the digest of its bytes; None where nobody has it.
Pictures = Callable[[str], Blob | None]

_DIGEST = re.compile(r"[0-9a-f]{64}")


@define
class _Shelf:
    """Where bytes are looked for, and why that failed."""

    pictures: Pictures | None = None
    failure: Exception | None = None


_shelf: ContextVar[_Shelf] = ContextVar("shelf")


@contextmanager
def looking_in(pictures: Pictures | None) -> Iterator[None]:
    """Bytes are looked for there while a document is read; what that raises is raised here, as it
    is no mistake in the document."""
    shelf = _Shelf(pictures)
    token = _shelf.set(shelf)
    try:
        yield
    finally:
        _shelf.reset(token)
        if shelf.failure is not None:
            raise shelf.failure


def find(digest: str) -> Blob | None:
    """The bytes with this digest, where whoever reads the document has them. They are not asked
    for anything else: they may make the name of a file of it, and the document be a stranger's.
    """
    shelf = _shelf.get()
    if shelf.pictures is None or shelf.failure is not None or not _DIGEST.fullmatch(digest):
        return None
    try:
        return shelf.pictures(digest)
    except Exception as error:
        shelf.failure = error
        return None


@frozen
class _Picture:
    """An `Image` as it is written."""

    index: int
    url: str | None = None
    declared_size: str | None = None
    metadata: Mapping[str, Any] = field(factory=dict)
    expected: tuple[int, int] | None = None
    expected_type: str | None = None
    host: str = ""
    error: Trouble | None = None
    media_type: str | None = None
    pixels: tuple[int, int] | None = None
    bytes: int | None = None
    sha256: str | None = None


#: What is on an `Image` by the same name.
_SAID = ("index", "url", "declared_size", "metadata", "expected", "expected_type", "host", "error")


def image_hooks(made: cattrs.Converter) -> None:
    """Have a converter write pictures, and read them."""

    def write(image: Image) -> Any:
        said = {name: getattr(image, name) for name in _SAID}
        return made.unstructure(_Picture(**said, **_measured(image)))

    def read(plain: Any, _: Any) -> Image:
        told = made.structure(plain, _Picture)
        blob = find(told.sha256) if told.sha256 else None
        image = Image(**{name: getattr(told, name) for name in _SAID}, blob=blob)
        if told.media_type is not None:
            image._measured = Measured(told.media_type, told.pixels)
        return image

    made.register_unstructure_hook(Image, write)
    made.register_structure_hook(Image, read)


def _measured(image: Image) -> dict[str, Any]:
    """What its bytes say; of one whose bytes are not here nothing, since none are fetched."""
    if not image.is_here:
        return {}
    blob = image.blob
    facts = {"media_type": image.media_type, "pixels": image.pixels}
    return {**facts, "bytes": blob.size, "sha256": blob.sha256}
