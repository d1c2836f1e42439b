"""What a picture really is, read from its own first bytes: media type and pixels.

Layouts: PNG (W3C REC-png-3, 2025-06-24), JPEG (ITU-T T.81), GIF89a, WebP (RFC 9649,
2024-11), BMP. Formats without a size reader here still get their media type.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from imagekit.basics.classes import frozen
from imagekit.basics.jpeg import segments

__all__ = ["EXTENSIONS", "Measured", "measure"]

#: media type -> the extension a file of that type is given
EXTENSIONS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/tiff": ".tiff",
    "image/heic": ".heic",
    "image/avif": ".avif",
}


@frozen
class Measured:
    """``media_type`` such as ``image/png``; ``pixels`` as (width, height) or None."""

    media_type: str
    pixels: tuple[int, int] | None


def measure(file: BinaryIO) -> Measured | None:
    """Read the media type and pixels of a picture from a seekable file.

    Returns None when the bytes are no picture of a kind known here. Never raises
    for hostile input: a header that breaks off gives ``pixels=None``.
    """
    file.seek(0)
    head = file.read(32)
    media_type = _media_type(head)
    if media_type is None:
        return None
    reader = _SIZE_READERS.get(media_type)
    try:
        pixels = reader(file, head) if reader else None
    except (struct.error, IndexError):
        pixels = None
    return Measured(media_type, pixels)


def _media_type(head: bytes) -> str | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if head[:4] in (b"II*\x00", b"MM\x00*"):
        return "image/tiff"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12])
    if head[:2] == b"BM" and head[14:18] in _BMP_HEADERS:
        return "image/bmp"
    return None


#: The sizes that a bitmap's information header may have, as it states them.
_BMP_HEADERS = {struct.pack("<I", size) for size in (40, 52, 56, 64, 108, 124)}
_BRANDS = {b"avif": "image/avif", b"avis": "image/avif"} | dict.fromkeys(
    (b"heic", b"heix", b"hevc", b"mif1", b"msf1"), "image/heic"
)


def _png(file: BinaryIO, head: bytes) -> tuple[int, int]:
    return struct.unpack(">II", head[16:24])


def _gif(file: BinaryIO, head: bytes) -> tuple[int, int]:
    return struct.unpack("<HH", head[6:10])


def _bmp(file: BinaryIO, head: bytes) -> tuple[int, int]:
    width, height = struct.unpack("<ii", head[18:26])
    return width, abs(height)


def _webp(file: BinaryIO, head: bytes) -> tuple[int, int] | None:
    kind = head[12:16]
    if kind == b"VP8X" and len(head) >= 30:
        width, height = head[24:27], head[27:30]
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and len(head) >= 25:
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    return None


def _jpeg(file: BinaryIO, head: bytes) -> tuple[int, int] | None:
    """From the frame header; C2PA and EXIF may stand before it."""
    for marker, _ in segments(file):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            _, height, width = struct.unpack(">BHH", file.read(5))
            return width, height
    return None


_SIZE_READERS = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/webp": _webp,
    "image/gif": _gif,
    "image/bmp": _bmp,
}
