"""Whether bytes are a picture, by how they begin: what an upstream sees before it decodes them."""

from __future__ import annotations

import base64

__all__ = ["decoded", "is_picture", "kind_of"]

_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"BM": "bmp",
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
}
_HEIF = (b"heic", b"heix", b"heif", b"mif1", b"msf1", b"avif")


def kind_of(content: bytes) -> str | None:
    """``png``, ``jpeg``, ``webp``...; None for what is no picture."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF:
        return "heif"
    return next((kind for start, kind in _BEGINNINGS.items() if content.startswith(start)), None)


def is_picture(reference: str) -> bool:
    """Whether a data URL holds one; of a link nobody knows, and it passes."""
    if not reference.startswith("data:"):
        return True
    return kind_of(decoded(reference.partition(";base64,")[2][:32])) is not None


def decoded(text: str) -> bytes:
    """What base64 says; nothing if it is none."""
    try:
        return base64.b64decode(text)
    except ValueError:
        return b""
