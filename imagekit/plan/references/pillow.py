"""Pictures of Pillow's as references: written without loss, and upright."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Protocol, TypeGuard

from imagekit.basics.blob import Blob, BlobWriter

__all__ = ["Drawn", "is_drawn", "name_of", "written"]

#: What a PNG holds; all else becomes RGB, or RGBA where it is see-through.
_KEPT = ("1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16")


class Drawn(Protocol):
    """A ``PIL.Image.Image``, for callers whose type checker has no Pillow."""

    @property
    def mode(self) -> str: ...

    @property
    def size(self) -> tuple[int, int]: ...

    def getexif(self) -> Any: ...


def is_drawn(value: object) -> TypeGuard[Drawn]:
    """Whether it is a picture of Pillow's, which nobody has who has not imported it."""
    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(value, pillow.Image)


def name_of(picture: Any) -> str:
    """The name of the file it was opened from, if any."""
    return Path(str(getattr(picture, "filename", None) or "picture")).name


def written(picture: Any) -> Blob:
    """The picture as a PNG; as the files of cameras say it lies, it is turned upright.

    Raises:
        Exception: whatever Pillow stumbles over.
    """
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(picture)
    if upright.mode not in _KEPT:
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    writer: Any = BlobWriter()
    upright.save(writer, "PNG")
    blob: Blob = writer.finish()
    return blob
