"""Small pictures of large ones, made by Pillow: for lists and pages."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from imagekit import Blob, Image, UsageError

if TYPE_CHECKING:
    from PIL import Image as Pillow

__all__ = [
    "LONGEST",
    "MEDIA_TYPE",
    "NoThumbnail",
    "checked_longest",
    "thumbnail_name",
    "thumbnail_of",
]

#: Pixels that the longer side may have: few, since each is kept.
LONGEST = (128, 256, 512, 1024)
MEDIA_TYPE = "image/webp"
#: A picture that says it has more is not decoded: 8192x8192, some 270 MB in memory.
MOST_PIXELS = 1 << 26
#: Decoders that are let loose on the bytes of strangers, by what the first bytes say.
_DECODERS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF")


class NoThumbnail(Exception):
    """There is no small picture of this one, and why."""


def checked_longest(longest: int) -> int:
    """
    Raises:
        UsageError: thumbnails don't have this size.
    """
    if longest not in LONGEST:
        sizes = ", ".join(map(str, LONGEST))
        raise UsageError(f"a thumbnail has {sizes} pixels on its longer side, not {longest}")
    return longest


def thumbnail_name(sha256: str, longest: int) -> str:
    """What it is called where it is kept."""
    return f"{sha256}.{longest}.webp"


def thumbnail_of(image: Image, longest: int) -> Blob:
    """A WebP of at most ``longest`` pixels on its longer side, upright, with nothing of what the
    file says beside its pixels. Of several frames, the first.

    Raises:
        NoThumbnail: it is no picture, broken, or far too large.
        ModuleNotFoundError: Pillow is not installed.
    """
    kind = (image.media_type or "").removeprefix("image/").upper()
    if kind not in _DECODERS:
        raise NoThumbnail(f"there is no thumbnail of {image.media_type or 'what is no picture'}")
    _refuse_bombs(*(image.pixels or (0, 0)))
    _have_pillow()
    try:
        return _made(image, kind, longest)
    except NoThumbnail:
        raise
    except Exception as error:  # decoders raise whatever they stumble over
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the disk or the bucket, and not of the picture
        raise NoThumbnail(f"its bytes can't be decoded as {kind}") from error


def _have_pillow() -> None:
    try:
        import PIL  # noqa: F401
    except ModuleNotFoundError:
        why = "thumbnails need Pillow: pip install 'imagekit-store[thumbnails]'"
        raise ModuleNotFoundError(why) from None


def _made(image: Image, kind: str, longest: int) -> Blob:
    from PIL import Image as Pillow, ImageOps

    with image.open() as file, Pillow.open(file, formats=[kind]) as picture:
        _refuse_bombs(*picture.size)  # no pixel is read yet
        picture.draft("RGB", (longest * 2, longest * 2))  # a large JPEG is decoded smaller
        mode = "RGBA" if picture.has_transparency_data else "RGB"
        small = picture.convert(mode)
        small.thumbnail((longest, longest))
        small = ImageOps.exif_transpose(small)
    written = io.BytesIO()
    _without_words(small).save(written, "webp", quality=80)
    return Blob.of(written.getvalue())


def _refuse_bombs(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise NoThumbnail(f"it says it has {width}x{height} pixels, which is too many to decode")


def _without_words(picture: Pillow.Image) -> Pillow.Image:
    """Pillow would write Exif, profiles and comments again."""
    picture.info.clear()
    return picture
