"""What a folder and a bucket have to be able to do for pictures; all else is `Pictures`."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import BinaryIO, Protocol

from attrs import frozen

from imagekit import Blob

__all__ = ["Area", "Gone", "Place", "Stored", "reason"]


class Gone(LookupError):
    """A picture is not where it was kept: forgotten, swept, or never there."""


class Area(StrEnum):
    """The parts of a place, each with names of its own."""

    #: ``<sha256>``: the pictures themselves.
    PICTURES = "pictures"
    #: ``<attempt>.<place>.<sha256>``, empty: pictures that no row may know of yet.
    INCOMING = "incoming"
    #: ``<random>``: lists of digests that are being removed at this moment.
    LEAVING = "leaving"
    #: ``<sha256>.<longest>.webp``: small ones, made when first asked for.
    THUMBNAILS = "thumbnails"


@frozen
class Stored:
    """Something in an area: its length in bytes, and when it was written, in Unix seconds."""

    name: str
    size: int
    modified: float


class Place(Protocol):
    """Where bytes are kept under a name. All of it may be called by several threads and
    processes at once, and raises `OSError` with words when the place says no.
    """

    @property
    def url(self) -> str:
        """Where it is, for people: a path, or the address of a bucket."""

    def put(self, area: Area, name: str, blob: Blob, media_type: str | None) -> None:
        """Durable when it returns, and whole or not there. What is there already with the same
        length is left as it is: the name says what it is.
        """

    def stat(self, area: Area, name: str) -> Stored | None:
        """None when it is not there."""

    def open(self, area: Area, name: str) -> BinaryIO:
        """A seekable file. Raises `Gone`."""

    def blob(self, area: Area, name: str, sha256: str) -> Blob:
        """The same as a `Blob`, without a copy in memory. Raises `Gone`."""

    def where(self, area: Area, name: str) -> str:
        """Where it is or would be, for people: a path, or the address of an object."""

    def remove(self, area: Area, names: list[str]) -> None:
        """Those that are there; the others are gone already."""

    def listed(self, area: Area) -> Iterator[Stored]:
        """All of an area, in any order, while it may change."""

    def free(self) -> int | None:
        """Bytes that still fit; None where nobody knows, as in a bucket."""

    def tidy(self, before: float) -> int:
        """Remove what processes that were killed left half written before then; how many."""


def reason(error: OSError) -> str:
    """Why a place says no, for people: where that was, and without its number."""
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"
