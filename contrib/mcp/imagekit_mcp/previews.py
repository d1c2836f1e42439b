"""A picture small enough to be part of an answer; none without Pillow."""

from __future__ import annotations

import base64
import io
import logging

from mcp.types import ImageContent

from imagekit import Image
from imagekit_mcp.words import clean

__all__ = ["preview"]

log = logging.getLogger("imagekit.mcp")

#: Bytes of a preview, before base64.
LARGEST = 20_000
#: The longer side, in pixels, and the quality: the first that gives few enough bytes.
TRIED = ((384, 75), (320, 60), (256, 50), (160, 40), (96, 30))
#: A picture that says it has more is not decoded: some 270 MB in memory.
MOST_PIXELS = 1 << 26
KINDS = ("PNG", "JPEG", "WEBP")


def preview(image: Image) -> ImageContent | None:
    """It small; None where that can't be had, which is logged, for the picture itself is there."""
    try:
        small = _small(image)
    except Exception as error:  # decoders raise whatever they stumble over
        log.info("no preview of %s: %s", image.name, clean(str(error)))
        return None
    if small is None:
        return None
    return ImageContent(data=base64.b64encode(small).decode("ascii"), mime_type="image/webp")


def _small(image: Image) -> bytes | None:
    width, height = image.pixels or (0, 0)
    if width * height > MOST_PIXELS:
        return None
    from PIL import Image as Pillow

    with image.open() as file, Pillow.open(file, formats=KINDS) as picture:
        picture.draft("RGB", (TRIED[0][0] * 2, TRIED[0][0] * 2))
        whole = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    whole.info.clear()  # or Exif and comments would be written again
    for side, quality in TRIED:
        whole.thumbnail((side, side))
        written = io.BytesIO()
        whole.save(written, "webp", quality=quality)
        if written.tell() <= LARGEST:
            return written.getvalue()
    return None
