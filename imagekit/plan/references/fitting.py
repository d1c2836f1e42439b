"""The references of a call: read, and made to fit where the caller allows it.

What a model does not take is turned, converted or scaled down with Pillow, which is
imported only then. Each step is kept with the reference, for the receipt. Bytes that fit
are never touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from imagekit.basics.blob import Blob, BlobWriter
from imagekit.basics.classes import evolve, frozen
from imagekit.declare.reference_limits import (
    ADAPTABLE,
    DECODED_AT_MOST,
    DRAFTED_AT_MOST,
    WRITTEN,
    ReferenceLimits,
)
from imagekit.declare.sizes import as_size
from imagekit.plan.references.jpeg_drafts import may_be_drafted, set_draft
from imagekit.plan.references.reading import Source, read_reference
from imagekit.values.reference import Reference

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["fitted", "gathered"]

ORIENTATION = 0x0112  # the EXIF tag
QUALITIES = (92, 84, 76)  # of JPEG and WebP, tried in turn before a picture is scaled down
#: What to convert to, the best first: by whether it is see-through, lossy, or neither.
WITH_ALPHA = ("image/png", "image/webp", "image/jpeg")
LOSSY = ("image/jpeg", "image/png", "image/webp")
LOSSLESS = ("image/png", "image/jpeg", "image/webp")

_TOO_LARGE = (
    f"adapting it could take too much memory: more than {DECODED_AT_MOST:,} pixels are not "
    f"decoded (of a JPEG that is not progressive {DRAFTED_AT_MOST:,}); scale it down yourself"
)


def gathered(name: str, value: Any, limits: ReferenceLimits | None, adapt: bool) -> Any:
    """The value of ``image`` or ``mask``, read: a list of references, or the one mask.

    A mask is never adapted, and with one the pictures are not, either: pixel by pixel,
    they belong together. The caller sees to that with ``adapt``.
    """
    sources = _several(value) if name == "image" else [value]
    references = [read_reference(source) for source in sources]
    if adapt:
        references = [fitted(reference, limits or ReferenceLimits()) for reference in references]
    return references if name == "image" else references[0]


def _several(value: Any) -> Sequence[Source]:
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview):
        return value
    return [value]


def fitted(reference: Reference, limits: ReferenceLimits) -> Reference:
    """The reference as these limits allow it, or as it was, where nothing can be done.

    Raises nothing: a ``defect`` says why a picture that does not fit can't be adapted.
    """
    if reference.blob is None or reference.defect or reference.media_type not in ADAPTABLE:
        return reference
    try:
        from PIL import Image
    except ImportError:
        return _as_it_was(
            reference, limits, "adapting it needs Pillow: pip install 'imagekit[pillow]'"
        )
    if _is_too_large(reference):
        return _as_it_was(reference, limits, _TOO_LARGE)
    kinds = [ADAPTABLE[reference.media_type]]
    try:
        with Image.open(reference.blob.open(), formats=kinds) as picture:
            return _adapted(reference, limits, picture)
    except Exception as error:  # decoders raise whatever they stumble over
        return _as_it_was(reference, limits, f"to adapt it, it can't be decoded: {error}")


def _is_too_large(reference: Reference) -> bool:
    width, height = reference.pixels or (1, 1)
    if width * height <= DECODED_AT_MOST:
        return False
    if reference.blob is None or reference.media_type != "image/jpeg":
        return True
    return not may_be_drafted(reference.blob.open(), width * height)


def _as_it_was(reference: Reference, limits: ReferenceLimits, why: str) -> Reference:
    """Unchanged if it fits as it is, else with what is wrong and why that stays so."""
    broken = _broken(reference, limits)
    return evolve(reference, defect=f"{broken[0]}; {why}") if broken else reference


def _broken(reference: Reference, limits: ReferenceLimits) -> list[str]:
    """What these limits have against it."""
    problems = limits.check("image", "", reference, adaptable=False)
    return [problem.message.strip() for problem in problems if not problem.advice]


def _adapted(reference: Reference, limits: ReferenceLimits, picture: Image.Image) -> Reference:
    """Upright, of a format that is taken, small and light enough; untouched if it is already."""
    reference = evolve(reference, pixels=picture.size)  # not every format was measured
    turn = picture.getexif().get(ORIENTATION, 1)
    turned = turn in range(2, 9)
    target = _target(reference.media_type or "", limits, picture.has_transparency_data)
    if target is None or not (turned or _broken(reference, limits)):
        return reference
    if _pages(picture) > 1:
        return _as_it_was(reference, limits, "to adapt it, it has several pages; give one of them")
    was = picture.size[::-1] if turn in range(5, 9) else picture.size
    if picture.width * picture.height > DECODED_AT_MOST:
        set_draft(picture)
    if picture.width * picture.height > DECODED_AT_MOST:  # not every format was measured
        return _as_it_was(reference, limits, _TOO_LARGE)
    made = _made(picture, target, limits, was)
    steps = [f"turned upright (EXIF orientation {turn})"] if turned else []
    steps += _steps(reference, made)
    return evolve(
        reference,
        blob=made.blob,
        size=made.blob.size,
        sha256=made.blob.sha256,
        media_type=made.media_type,
        pixels=made.pixels,
        original=reference.summary,
        steps=tuple(steps),
    )


def _pages(picture: Image.Image) -> int:
    return getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1


def _target(media_type: str, limits: ReferenceLimits, alpha: bool) -> str | None:
    """The format to write: its own where that is taken, else the nearest one."""
    taken = [kind for kind in WRITTEN if kind in (limits.formats or WRITTEN)]
    if media_type in taken:
        return media_type
    order = WITH_ALPHA if alpha else LOSSY if media_type == "image/webp" else LOSSLESS
    return next((kind for kind in order if kind in taken), None)


@frozen
class _Made:
    """What adapting made: a file, and what it took."""

    blob: Blob
    media_type: str
    pixels: tuple[int, int]
    was: tuple[int, int]
    flattened: bool


def _made(
    picture: Image.Image, target: str, limits: ReferenceLimits, was: tuple[int, int]
) -> _Made:
    """The best file that is within the limits, or the smallest that was tried.

    Args:
        was: the size before the picture was decoded, upright.
    """
    from PIL import Image, ImageOps

    profile = None if picture.mode == "CMYK" else picture.info.get("icc_profile")
    upright = _plain(ImageOps.exif_transpose(picture))
    full = limits.shrunk(*upright.size)
    alpha = upright.mode == "RGBA"
    jpeg_taken = "image/jpeg" in (limits.formats or WRITTEN)
    for media_type, quality, factor in _attempts(target, jpeg_taken and not alpha):
        size = max(1, int(full[0] * factor)), max(1, int(full[1] * factor))
        scaled = upright.resize(size, Image.Resampling.LANCZOS) if size != upright.size else upright
        blob = _written(scaled, media_type, quality, profile)
        made = _Made(blob, media_type, size, was, alpha and media_type == "image/jpeg")
        if blob.size <= limits.max_bytes:
            break
    return made


def _attempts(target: str, jpeg_too: bool) -> Iterator[tuple[str, int, float]]:
    """(format, quality, scale) to try, each lighter than the one before."""
    if target == "image/png":
        yield target, 0, 1.0
        if jpeg_too:
            target = "image/jpeg"
    for quality in QUALITIES if target != "image/png" else ():
        yield target, quality, 1.0
    for step in range(1, 20):
        yield target, QUALITIES[-1], 0.8**step


def _plain(picture: Image.Image) -> Image.Image:
    """In one of the modes that every format here can hold: L, RGB, RGBA."""
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode.startswith("I"):  # 16 bits of grey, which converting would clip
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def _written(picture: Image.Image, media_type: str, quality: int, profile: Any) -> Blob:
    from PIL import Image

    options: dict[str, Any] = {"icc_profile": profile} if profile else {}
    if media_type != "image/png":
        options["quality"] = quality
    if media_type == "image/jpeg" and picture.mode == "RGBA":
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture).convert("RGB")
    writer: Any = BlobWriter()
    picture.save(writer, ADAPTABLE[media_type], **options)
    blob: Blob = writer.finish()
    return blob


def _steps(reference: Reference, made: _Made) -> Iterator[str]:
    """What was done, in words for the receipt."""
    if made.media_type != reference.media_type:
        yield f"converted from {reference.media_type} to {made.media_type}"
    if made.flattened:
        yield "what was see-through is white now"
    if made.pixels != made.was:
        yield f"scaled down from {as_size(made.was)} to {as_size(made.pixels)}"
    if made.blob.size < (reference.size or 0):
        yield f"made {made.blob.size:,} bytes of {reference.size:,}"
