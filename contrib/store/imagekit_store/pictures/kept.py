"""A picture that was kept, measured from its bytes; and the names that things are kept under."""

from __future__ import annotations

import re

from attrs import frozen

from imagekit import Blob, Image

__all__ = ["Kept", "checked_digest", "checked_name", "is_digest", "measured", "seen"]

_DIGEST = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")

#: Of a side: PNG has no more, and databases count no further.
MOST_PIXELS = 2**31 - 1


@frozen
class Kept:
    """What is to be noted of a picture.

    Attributes:
        sha256: its digest as hex, under which it is found again.
        media_type: such as ``image/png``; None when the bytes are no kind of picture.
        bytes: how many.
        width, height: pixels; None when the bytes don't say.
    """

    sha256: str
    media_type: str | None
    bytes: int
    width: int | None
    height: int | None


def measured(blob: Blob) -> Kept:
    """What the bytes themselves say; nothing is taken from whoever sent them."""
    return Kept(blob.sha256, *seen(Image(0, blob=blob)))


def seen(image: Image) -> tuple[str | None, int, int | None, int | None]:
    """The kind, bytes, width and height of a picture whose bytes are here, as `Kept` has them."""
    return image.media_type, image.blob.size, *_sides(image)


def _sides(image: Image) -> tuple[int, int] | tuple[None, None]:
    """Width and height, where they can be those of a picture."""
    if image.pixels and all(0 < side <= MOST_PIXELS for side in image.pixels):
        return image.pixels
    return None, None


def is_digest(text: str) -> bool:
    """Whether it is 64 hex digits in lower case: strangers' files may lie about."""
    return _DIGEST.fullmatch(text) is not None


def checked_digest(sha256: str) -> str:
    """A digest, and never a path.

    Raises:
        ValueError: it is not 64 hex digits in lower case.
    """
    if not is_digest(sha256):
        raise ValueError(f"{sha256[:80]!r} is no digest of a picture: 64 digits of 0-9 and a-f")
    return sha256


def checked_name(name: str) -> str:
    """The name of a picture that is coming in.

    Raises:
        ValueError: it has other characters than letters, digits, ``_``, ``-`` and ``.``.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name[:80]!r} is no name for a picture: letters, digits, _, - and . are")
    return name
