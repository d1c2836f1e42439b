"""What a request asks for, once its upstream has understood it."""

from __future__ import annotations

from typing import Any

from attrs import frozen

__all__ = ["Order"]


@frozen
class Order:
    """The pictures a request asks for, once its upstream has accepted it.

    Attributes:
        identity: what the drawing depends on.
        seed: with one, the same order gives the same pictures; without, each time others.
        carried: ``url`` or ``b64_json``.
        format: ``png``, ``jpeg`` or ``webp``.
        references: pictures as data URLs, or links.
    """

    model: str
    prompt: str
    pixels: tuple[int, int]
    identity: Any
    seed: int | None = None
    count: int = 1
    carried: str = "url"
    format: str = "jpeg"
    watermark: bool = True
    references: tuple[str, ...] = ()
