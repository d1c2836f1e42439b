"""How pictures show themselves in a notebook, and become Pillow's: for whoever asks.

What a notebook is given is kept in its file, so every picture there is small: it is as it is
when its bytes are few, else scaled down with Pillow, else told in words. Nothing is fetched.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from imagekit.basics.blob import Blob
from imagekit.basics.classes import frozen
from imagekit.basics.media import measure

if TYPE_CHECKING:
    from PIL import Image as Pillow

__all__ = ["MOST_BYTES", "MOST_PICTURES", "bundle", "decoded", "page"]

MOST_BYTES = 1 << 19  # of a picture in a notebook
MOST_PICTURES = 16  # of a result; 3 MB in all as thumbnails usually are
ACROSS = 512  # pixels of the longer side
ACROSS_OF_SEVERAL = 256
#: A picture that says it has more is neither decoded here nor by the browser.
MOST_PIXELS = 36_000_000
#: What browsers show.
_SHOWN = ("image/png", "image/jpeg", "image/webp", "image/gif")


@frozen
class _Small:
    """A picture that may stand in a notebook."""

    media_type: str
    data: bytes
    width: int
    height: int

    @property
    def base64(self) -> str:
        return base64.b64encode(self.data).decode("ascii")

    def html(self, alt: str) -> str:
        source = f"data:{self.media_type};base64,{self.base64}"
        return f'<img alt="{alt}" width="{self.width}" height="{self.height}" src="{source}">'


def bundle(words: str, blob: Blob | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """What Jupyter asks a picture for: data by media type, and the size to show it in."""
    data: dict[str, Any] = {"text/plain": words}
    small = _small(blob, ACROSS) if blob else None
    if small is None:
        return data, {}
    data[small.media_type] = small.base64
    return data, {small.media_type: {"width": small.width, "height": small.height}}


def page(
    lines: Iterable[str], pictures: Sequence[tuple[str, Blob | None]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same of several, each with its name, above what there is to say of them."""
    across = ACROSS if len(pictures) == 1 else ACROSS_OF_SEVERAL
    html = [
        small.html(name)
        for name, blob in pictures[:MOST_PICTURES]
        if blob and (small := _small(blob, across))
    ]
    data = {"text/plain": "\n".join(map(_printable, lines))}
    if html:
        data["text/html"] = "".join([*html, f"<pre>{escape(data['text/plain'])}</pre>"])
    return data, {}


def decoded(blob: Blob, media_type: str | None, name: str) -> Pillow.Image:
    """A picture decoded by Pillow; see `Image.pil`."""
    try:
        picture = _opened(blob, media_type or "")
        picture.load()
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("this needs Pillow: pip install 'imagekit[pillow]'") from error
    except Exception as error:  # decoders raise whatever they stumble over
        raise OSError(f"{name} can't be decoded: {error}") from error
    return picture


def _printable(text: str) -> str:
    """What a host wrote, without what would steer a terminal."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _small(blob: Blob, across: int) -> _Small | None:
    """A picture as it may stand in a notebook; None when there is no way."""
    measured = measure(blob.open())
    width, height = (measured and measured.pixels) or (0, 0)
    if measured is None or width * height > MOST_PIXELS:
        return None
    if blob.size <= MOST_BYTES and measured.media_type in _SHOWN and width and height:
        scale = min(1.0, across / max(width, height))
        sides = max(1, round(width * scale)), max(1, round(height * scale))
        return _Small(measured.media_type, blob.read(), *sides)
    try:
        return _thumbnail(blob, measured.media_type, across)
    except Exception:  # no Pillow, or whatever its decoders stumble over: it is told in words
        return None


def _thumbnail(blob: Blob, media_type: str, across: int) -> _Small | None:
    with _opened(blob, media_type) as picture:
        if picture.width * picture.height > MOST_PIXELS:  # not every format was measured
            return None
        picture.draft("RGB", (across, across))
        alpha = picture.has_transparency_data
        plain = picture.convert("RGBA" if alpha else "RGB")
    kind = "png" if alpha else "jpeg"
    for side in (across, across // 2):  # half of it always has few enough bytes
        plain.thumbnail((side, side))
        written = io.BytesIO()
        plain.save(written, kind)
        if written.tell() <= MOST_BYTES:
            break
    return _Small(f"image/{kind}", written.getvalue(), *plain.size)


def _opened(blob: Blob, media_type: str) -> Pillow.Image:
    """By the one decoder that its first bytes call for."""
    from PIL import Image as Pillow

    return Pillow.open(blob.open(), formats=[media_type.removeprefix("image/").upper()])
