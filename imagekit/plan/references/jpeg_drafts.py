"""JPEGs too large to be decoded whole, read at a fraction of their size.

libjpeg can scale by 1/2, 1/4 and 1/8 while it decodes, line by line: the memory it needs is
that of the smaller picture. Only where a single scan has all colours, though; of others,
such as progressive ones, it collects the whole picture first.

Layout: ITU-T T.81, B.2.2 (frame header) and B.2.3 (scan header).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

from imagekit.basics.jpeg import SCAN, segments
from imagekit.declare.reference_limits import DECODED_AT_MOST, DRAFTED_AT_MOST

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["may_be_drafted", "set_draft"]

_BASELINE, _EXTENDED = 0xC0, 0xC1


def may_be_drafted(file: BinaryIO, pixels: int) -> bool:
    """Whether a picture of so many pixels can be read at a fraction, in little memory."""
    if pixels > DRAFTED_AT_MOST:
        return False
    try:
        return _has_one_scan(file)
    except (struct.error, IndexError):
        return False


def set_draft(picture: Image.Image) -> None:
    """Have the picture decoded at the largest fraction of its size that is allowed."""
    width, height = picture.size
    for part in (2, 4, 8):
        if -(-width // part) * -(-height // part) <= DECODED_AT_MOST:
            picture.draft(None, (width // part, height // part))
            return


def _has_one_scan(file: BinaryIO) -> bool:
    """Sequential, and the first scan has as many components as the frame."""
    components = 0
    for marker, length in segments(file):
        if marker in (_BASELINE, _EXTENDED):
            components = file.read(length)[5]
        elif marker == SCAN:
            return components > 0 and file.read(1)[0] == components
    return False
