"""What a drawing depends on; nothing else does it depend on."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from typing import Any

from attrs import astuple, evolve, frozen
from PIL import Image, ImageOps

__all__ = ["CAPTION", "Scene", "digest_of", "thumbnail", "thumbnail_of"]

CAPTION = 160  # characters of the prompt that fit under a picture
THUMBNAIL = 96  # longest side of a reference as it is kept
MOST_DECODED = 36_000_000  # pixels


@frozen
class Scene:
    """All that a picture depends on. ``digest`` is hex; ``format`` is png, jpeg or webp;
    ``references`` are thumbnails as base64, empty for pictures that can't be shown.
    """

    width: int
    height: int
    digest: str
    caption: str
    model: str
    watermark: bool
    references: tuple[str, ...]
    format: str

    def to_list(self) -> list[Any]:
        return list(astuple(self))

    @classmethod
    def from_list(cls, values: list[Any]) -> Scene:
        scene = cls(*values)
        return evolve(scene, references=tuple(scene.references))


def thumbnail(picture: bytes) -> str:
    """A small copy to stand in a `Scene`; empty when it is too large, or not decodable."""
    try:
        with Image.open(io.BytesIO(picture)) as opened:
            if opened.width * opened.height > MOST_DECODED:
                return ""
            opened.thumbnail((THUMBNAIL, THUMBNAIL))
            small = ImageOps.exif_transpose(opened).convert("RGB")
    except Exception:  # decoders raise whatever they stumble over
        return ""
    file = io.BytesIO()
    small.save(file, "JPEG", quality=70)
    return base64.b64encode(file.getvalue()).decode()


def thumbnail_of(reference: str) -> str:
    """The same of a data URL; empty for a link, which nobody follows."""
    head, comma, data = reference.partition(";base64,")
    return thumbnail(base64.b64decode(data)) if comma and head.startswith("data:") else ""


def digest_of(what: Any) -> str:
    """What a scene is drawn from."""
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()
