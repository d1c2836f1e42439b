"""What a model takes as a reference picture or a mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from imagekit.limits.fact import Fact

__all__ = ["References"]


@frozen
class References:
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
