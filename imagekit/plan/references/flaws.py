"""Why a picture that begins well is still none that a model takes: cut off, or animated.

Told from the structure alone; nothing is decoded. Layouts: as in `imagekit.basics.media`, the
animation chunk of PNG (W3C REC-png-3), and the boxes of HEIC and AVIF (ISO/IEC 14496-12).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from typing import BinaryIO

from imagekit.basics.jpeg import SCAN, segments

__all__ = ["ANIMATED", "TRUNCATED", "find_flaw"]

TRUNCATED = "is cut off: its end is missing"
ANIMATED = "is animated; give a single picture, such as its first frame"

_CHUNK = 1 << 16


def find_flaw(file: BinaryIO, size: int, media_type: str) -> str | None:
    """`TRUNCATED`, `ANIMATED`, or None for a picture of ``size`` bytes that is whole.

    Of formats without a reader here nothing is known, so nothing is found. Never raises
    for hostile input.
    """
    reader = _READERS.get(media_type)
    try:
        return reader(file, size) if reader else None
    except (struct.error, IndexError):  # the file ended where there had to be more
        return TRUNCATED


def _png(file: BinaryIO, size: int) -> str | None:
    at = 8
    while True:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"acTL" and struct.unpack(">I", file.read(4)) > (1,):
            return ANIMATED
        at += 12 + length
        if at > size:
            return TRUNCATED
        if kind == b"IEND":
            return None


def _jpeg(file: BinaryIO, size: int) -> str | None:
    """Whole when the end marker follows the scan. Inside a scan 0xFF is never followed by
    0xD9; what cameras append after the end is no concern.
    """
    scan = 0
    for marker, length in segments(file):
        scan = file.tell() + length if marker == SCAN else 0
    if not scan:
        return TRUNCATED
    file.seek(scan)
    last = b""
    while piece := file.read(_CHUNK):
        if b"\xff\xd9" in last + piece:
            return None
        last = piece[-1:]
    return TRUNCATED


def _gif(file: BinaryIO, size: int) -> str | None:
    file.seek(10)
    flags = file.read(1)[0]
    file.seek(13 + _colours(flags))
    frames = 0
    while True:
        kind = file.read(1)
        if kind == b"!":
            file.seek(1, os.SEEK_CUR)
        elif kind == b",":
            frames += 1
            if frames > 1:
                return ANIMATED
            flags = file.read(9)[8]
            file.seek(_colours(flags) + 1, os.SEEK_CUR)
        else:  # the trailer, or none: some writers forget it
            return None if frames else TRUNCATED
        while length := file.read(1)[0]:
            file.seek(length, os.SEEK_CUR)


def _colours(flags: int) -> int:
    """Bytes of the colour table that these flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _webp(file: BinaryIO, size: int) -> str | None:
    file.seek(4)
    (length,) = struct.unpack("<I", file.read(4))
    file.seek(12)
    if file.read(4) == b"VP8X":
        file.seek(20)
        if file.read(1)[0] & 0x02:
            return ANIMATED
    return TRUNCATED if length + 8 > size else None


def _bmp(file: BinaryIO, size: int) -> str | None:
    file.seek(2)
    (length,) = struct.unpack("<I", file.read(4))
    return TRUNCATED if length > size else None


def _boxes(file: BinaryIO, size: int) -> str | None:
    file.seek(8)
    if file.read(4) in (b"avis", b"msf1", b"hevc"):
        return ANIMATED
    at = 0
    while at < size:
        file.seek(at)
        length, _ = struct.unpack(">I4s", file.read(8))
        if length == 1:
            (length,) = struct.unpack(">Q", file.read(8))
        if length == 0:  # it reaches to the end
            return None
        at += max(length, 8)
    return TRUNCATED if at > size else None


_READERS: dict[str, Callable[[BinaryIO, int], str | None]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _webp,
    "image/bmp": _bmp,
    "image/heic": _boxes,
    "image/avif": _boxes,
}
