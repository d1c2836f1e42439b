"""Pictures kept under their digests, in a folder or a bucket. No database in it.

A picture is kept in four steps, and whoever is killed between two of them loses nothing::

    announce(name, sha256)     durable: somebody is about to keep this one
    keep(blob)                 durable: its bytes
    ... its row is written     by the ledger
    withdraw(name, [sha256])   the row knows it now

What is still `announced` after a kill is adopted, or was never kept. Removing is the other way
round, so that a picture that is being kept anew is never lost; see `sweeping`.
"""

from __future__ import annotations

import hashlib
import math
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from attrs import define, field

from imagekit import Blob, Image
from imagekit_store.pictures.kept import (
    Kept,
    checked_digest,
    checked_name,
    is_digest,
    measured,
)
from imagekit_store.pictures.place import Area, Gone, Place
from imagekit_store.pictures.thumbnails import (
    LONGEST,
    MEDIA_TYPE,
    checked_longest,
    thumbnail_name,
    thumbnail_of,
)

__all__ = ["Pictures"]

_PIECE = 1 << 20
#: Seconds that one who removes may take from its list to the last picture on it.
HURRY = 30.0
#: Seconds after which one who keeps takes the list of one who removes for left behind.
PATIENCE = 90.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0


@define(eq=False)
class Pictures:
    """All pictures of a store. Threads and processes may share one place.

    Every method raises `OSError` with words when the place says no, and `ValueError` for a digest
    that is not 64 hex digits.
    """

    place: Place
    _sleep: Callable[[float], object] = field(default=time.sleep, kw_only=True, repr=False)

    # --- keeping ---------------------------------------------------------------------------

    def announce(self, name: str, sha256: str) -> None:
        """Say durably that this picture is about to be kept, before it is.

        Args:
            name: ``<attempt id>.<place>``, whose picture it is.
        """
        self.place.put(Area.INCOMING, _marker(name, sha256), Blob.of(b""), None)

    def announced(self, before: float = math.inf) -> Iterator[tuple[str, str]]:
        """(name, digest) of every picture that was announced and not withdrawn. It may not have
        been kept: see `has`.

        Args:
            before: only those that were announced before then, in Unix seconds.
        """
        for marker in self.place.listed(Area.INCOMING):
            name, _, sha256 = marker.name.rpartition(".")
            if name and is_digest(sha256) and marker.modified < before:
                yield name, sha256

    def withdraw(self, name: str, digests: Iterable[str]) -> None:
        """The rows are written, or will never be: the name protects these pictures no more."""
        self.place.remove(Area.INCOMING, [_marker(name, sha256) for sha256 in digests])

    def keep_for(self, name: str, blob: Blob) -> Kept:
        """`announce` a picture and `keep` it: nobody removes it until its name is withdrawn."""
        self.announce(name, blob.sha256)
        return self.keep(blob)

    def keep(self, blob: Blob) -> Kept:
        """Keep a picture; it is durable when this returns. Kept twice, it is written once."""
        kept = measured(blob)
        self._wait_for_removal_of(kept.sha256)
        self.place.put(Area.PICTURES, kept.sha256, blob, kept.media_type)
        return kept

    # --- finding ---------------------------------------------------------------------------

    def has(self, sha256: str) -> bool:
        """Whether it is there."""
        return self.place.stat(Area.PICTURES, checked_digest(sha256)) is not None

    def open(self, sha256: str) -> BinaryIO:
        """A seekable file over the bytes.

        Raises:
            Gone: it is not there.
        """
        return self.place.open(Area.PICTURES, checked_digest(sha256))

    def blob(self, sha256: str) -> Blob:
        """The bytes: in a folder the very file, from a bucket brought when first read.

        Raises:
            Gone: it is not there.
        """
        return self.place.blob(Area.PICTURES, checked_digest(sha256), sha256)

    def thumbnail(self, sha256: str, longest: int) -> Blob:
        """A small one as WebP, made when first asked for, and removed with the picture.

        Args:
            longest: pixels of the longer side: 128, 256, 512 or 1024.

        Raises:
            UsageError: thumbnails don't have this size.
            Gone: the picture is not there.
            NoThumbnail: it is no picture, broken, or far too large.
            ModuleNotFoundError: Pillow is not installed.
        """
        name = thumbnail_name(checked_digest(sha256), checked_longest(longest))
        with suppress(Gone), self.place.open(Area.THUMBNAILS, name) as file:
            return Blob.of(file.read())
        small = thumbnail_of(Image(0, blob=self.blob(sha256)), longest)
        self.place.put(Area.THUMBNAILS, name, small, MEDIA_TYPE)
        if not self.has(sha256):  # removed meanwhile, with the thumbnails there were then
            self.place.remove(Area.THUMBNAILS, [name])
        return small

    def where(self, sha256: str) -> str:
        """Where it is kept, for people: the path of a file, or the address of an object."""
        return self.place.where(Area.PICTURES, checked_digest(sha256))

    def every(self) -> Iterator[tuple[str, int, float]]:
        """(digest, bytes, Unix seconds of when it was written) of all, in any order."""
        for stored in self.place.listed(Area.PICTURES):
            if is_digest(stored.name):
                yield stored.name, stored.size, stored.modified

    def verify(self, sha256: str) -> bool:
        """Whether the bytes still are the ones that were kept; reads all of them.

        Raises:
            Gone: it is not there.
        """
        digest = hashlib.sha256()
        with self.open(sha256) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
        return digest.hexdigest() == sha256

    # --- removing --------------------------------------------------------------------------

    def forget(self, sha256: str) -> bool:
        """Remove a picture now, whoever needs it; whether it was there. See `sweeping.remove`
        for one that others may need.
        """
        there = self.has(sha256)
        self.remove([sha256])
        return there

    def remove(self, digests: Collection[str]) -> None:
        """The same of several."""
        names = [checked_digest(sha256) for sha256 in digests]
        small = [thumbnail_name(name, longest) for name in names for longest in LONGEST]
        self.place.remove(Area.THUMBNAILS, small)  # first: who is killed leaves none behind
        self.place.remove(Area.PICTURES, names)
        self.place.remove(Area.THUMBNAILS, small)  # and those that were made meanwhile

    def tidy(self, before: float) -> int:
        """Remove what processes that were killed before then have left behind: parts of
        pictures, and lists of what was leaving, for which others would wait. Gives how many.
        """
        lists = [left.name for left in self.place.listed(Area.LEAVING) if left.modified < before]
        self.place.remove(Area.LEAVING, lists)
        return len(lists) + self.place.tidy(before)

    @contextmanager
    def leaving(self, digests: Collection[str]) -> Iterator[Callable[[], bool]]:
        """While this lasts, nobody begins to keep one of these. Gives a question: whether there
        is time left to remove one.
        """
        began, name = time.monotonic(), secrets.token_hex(16)
        text = "\n".join(sorted(map(checked_digest, digests)))
        self.place.put(Area.LEAVING, name, Blob.of(text.encode()), None)
        try:
            yield lambda: time.monotonic() - began < HURRY
        finally:
            self.place.remove(Area.LEAVING, [name])

    def _wait_for_removal_of(self, sha256: str) -> None:
        """Until nobody removes this one any more: what is kept after that stays."""
        for marker in list(self.place.listed(Area.LEAVING)):
            waited, pause = 0.0, _FIRST_PAUSE
            while self._is_leaving(marker.name, sha256):
                if waited >= PATIENCE:  # whoever wrote that was killed
                    self.place.remove(Area.LEAVING, [marker.name])
                    break
                self._sleep(pause)
                waited, pause = waited + pause, min(2 * pause, _LONGEST_PAUSE)

    def _is_leaving(self, marker: str, sha256: str) -> bool:
        try:
            with self.place.open(Area.LEAVING, marker) as file:
                return sha256.encode() in file.read()
        except Gone:
            return False

    # --- the place -------------------------------------------------------------------------

    def check(self) -> int | None:
        """The bytes that still fit, None where nobody knows.

        Raises:
            OSError: nothing can be kept here, and why.
        """
        probe = secrets.token_hex(16)  # a list of nothing: nobody waits for it
        self.place.put(Area.LEAVING, probe, Blob.of(b""), None)
        self.place.remove(Area.LEAVING, [probe])
        return self.place.free()


def _marker(name: str, sha256: str) -> str:
    """What says that somebody is about to keep this picture."""
    return f"{checked_name(name)}.{checked_digest(sha256)}"
