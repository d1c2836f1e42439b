"""What a model takes as a reference picture or a mask."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from typing import TYPE_CHECKING, Any

from attrs import fields

from imagekit.basics.classes import frozen
from imagekit.declare.sizes import as_size, parse_ratio
from imagekit.values import Problem

if TYPE_CHECKING:
    from imagekit.declare.fact import Fact
    from imagekit.values.reference import Reference

__all__ = ["ADAPTABLE", "DECODED_AT_MOST", "DRAFTED_AT_MOST", "WRITTEN", "ReferenceLimits"]

#: A picture that says it has more pixels is never decoded: a few bytes can claim any number,
#: and each costs up to four bytes of memory.
DECODED_AT_MOST = 36_000_000
#: The same of a JPEG, which can be read at a fraction of its size; Pillow warns of more.
DRAFTED_AT_MOST = 89_000_000
#: What adapting can read, as Pillow names it, and which of these it writes.
ADAPTABLE = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
}
WRITTEN = ("image/png", "image/jpeg", "image/webp")


@frozen
class ReferenceLimits:
    """Limits on each reference picture; the count is a rule of the parameter ``image``.

    Attributes:
        formats: media types taken; empty when nothing is documented.
        max_bytes: most bytes of the file.
        min_side, max_side: pixels of each side; both allowed.
        min_pixels, max_pixels: width x height; both allowed.
        min_ratio, max_ratio: width : height, e.g. ``"1:16"``; both allowed.
    """

    formats: tuple[str, ...] = ()
    max_bytes: int = 1 << 40
    min_side: int = 1
    max_side: int = 1 << 20
    min_pixels: int = 1
    max_pixels: int = 1 << 40
    min_ratio: str = "1:9999"
    max_ratio: str = "9999:1"
    fact: Fact | None = None

    @property
    def bounds(self) -> dict[str, Any]:
        """Every limit by its name; None where nothing is documented."""
        limits = [limit for limit in fields(ReferenceLimits) if limit.name != "fact"]
        return {
            limit.name: None if (value := getattr(self, limit.name)) == limit.default else value
            for limit in limits
        }

    def describe(self) -> str:
        """The limits in words."""
        told = self.bounds
        kinds = [kind.removeprefix("image/") for kind in self.formats]
        ends = [(told[f"min_{of}"], told[f"max_{of}"]) for of in ("side", "pixels", "ratio")]
        parts = [
            ", ".join(kinds),
            f"at most {self.max_bytes:,} bytes" if told["max_bytes"] else "",
            _span(*ends[0], " pixels a side"),
            _span(*ends[1], " pixels in all"),
            _span(*ends[2], " in width : height"),
        ]
        return "; ".join(filter(None, parts)) or "nothing documented"

    def check(
        self, field: str, name: str, picture: Reference, adaptable: bool = True
    ) -> Iterator[Problem]:
        """Everything these limits have against a picture whose bytes are here.

        Args:
            field: the parameter; ``name``: what messages call the picture.
            adaptable: whether to say what ``on_unsupported="adapt"`` would do.
        """
        adaptable = adaptable and picture.media_type in ADAPTABLE
        if picture.pixels is not None:
            width, height = picture.pixels  # larger JPEGs may do, but that is no promise
            adaptable = adaptable and width * height <= DECODED_AT_MOST
        for value, what, bound, remedy in self._broken(picture):
            hint = f"; on_unsupported='adapt' would {remedy}" if adaptable and remedy else ""
            yield Problem(field, f"{name} {what}{hint}", value, bound)
        if picture.pixels is None:
            what = f"{name} is {picture.media_type}, whose sides are not measured here"
            yield Problem(field, f"{what}; they are the host's to check", advice=True)

    def shrunk(self, width: int, height: int) -> tuple[int, int]:
        """The same ratio, scaled down as far as the largest side and area allow."""
        scale = min(
            1.0, self.max_side / max(width, height), sqrt(self.max_pixels / (width * height))
        )
        return max(1, int(width * scale)), max(1, int(height * scale))

    def _broken(self, picture: Reference) -> Iterator[tuple[object, str, object, str]]:
        """(value, what is wrong, bound, what adapting would do) of every limit broken."""
        if self.formats and picture.media_type not in self.formats:
            kinds = [kind for kind in WRITTEN if kind in self.formats]
            remedy = f"convert it to {' or '.join(kinds)}" if kinds else ""
            what = f"is {picture.media_type}; taken are {', '.join(self.formats)}"
            yield picture.media_type, what, (kinds or self.formats)[0], remedy
        size = picture.size or 0
        if size > self.max_bytes:
            what = f"has {size:,} bytes; at most {self.max_bytes:,} are taken"
            yield size, what, self.max_bytes, "make it smaller"
        if picture.pixels is not None:
            yield from self._misshapen(*picture.pixels)

    def _misshapen(self, width: int, height: int) -> Iterator[tuple[object, str, object, str]]:
        size = f"is {as_size((width, height))}"
        if min(width, height) < self.min_side:
            what = f"{size}; each side must have at least {self.min_side} pixels"
            yield min(width, height), what, self.min_side, ""
        if width * height < self.min_pixels:
            what = f"{size}; it must have at least {self.min_pixels:,} pixels"
            yield width * height, what, self.min_pixels, ""
        if max(width, height) > self.max_side or width * height > self.max_pixels:
            fitting = as_size(self.shrunk(width, height))
            value, bound, what = width * height, self.max_pixels, "pixels are taken"
            if max(width, height) > self.max_side:
                value, bound, what = max(width, height), self.max_side, "pixels a side are taken"
            what = f"{size}, {value:,} pixels; at most {bound:,} {what}: {fitting} would be"
            yield value, what, bound, f"scale it down to {fitting}"
        for ratio, sign in ((self.min_ratio, -1), (self.max_ratio, 1)):
            across, down = parse_ratio(ratio) or (1, 1)
            if (width * down - height * across) * sign > 0:
                what = f"{size}; width : height must be from {self.min_ratio} to {self.max_ratio}"
                yield f"{width}:{height}", what, ratio, ""


def _span(least: int | str | None, most: int | str | None, unit: str) -> str:
    """``15 to 6,000 pixels a side``, with either end open."""
    low, high = (f"{end:,}" if isinstance(end, int) else end for end in (least, most))
    if low and high:
        return f"{low} to {high}{unit}"
    if low or high:
        return f"{f'at least {low}' if low else f'at most {high}'}{unit}"
    return ""
