"""What a call may say: its keywords and their types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imagekit.plan.references.reading import Source

from imagekit.plan.policies import OnUnsupported

__all__ = ["Parameters"]

# What an editor offers while one types. Every other text is taken, too: what is right is for
# the model and its host to say.
Ratio = Literal["1:1", "4:3", "3:4", "3:2", "2:3", "5:4", "4:5", "16:9", "9:16", "21:9"] | str
Tier = Literal["512", "1K", "1.5K", "2K", "3K", "4K", "8K"] | str
Size = Literal["auto", "1K", "2K", "4K", "1024x1024", "2048x2048"] | str
Quality = Literal["auto", "low", "medium", "high", "standard", "hd"] | str
Travels = Literal["url", "b64_json"] | str
FileKind = Literal["png", "jpeg", "webp"] | str
Group = Literal["auto", "disabled"] | str


class Parameters(TypedDict, total=False):
    """Everything a call may say besides prompt and model. What is None is not said.

    Attributes:
        image: a reference picture, or a list of them in order: each a path, a URL, bytes,
            a file open for reading bytes, a ``PIL.Image.Image``, or a generated `Image`; see
            `read_reference`.
        mask: a mask for the first reference, given in the same ways.
        n: how many pictures.
        size: ``2048x2048``, a tier (``2K``), or ``auto``.
        ratio: ``16:9``, alone or with ``resolution``.
        resolution: the tier: 512, 1K, 1.5K, 2K, 3K, 4K or 8K.
        quality: as the host has it.
        response_format: ``url`` or ``b64_json``: how the picture travels.
        output_format: ``png``, ``jpeg``, ...: what the picture is.
        seed: for hosts that take one; the same seed gives similar pictures.
        watermark: whether the host stamps the picture.
        negative_prompt: what not to draw.
        sequential_image_generation: ``auto`` lets the model make a group of pictures.
        sequential_image_generation_options: ``{"max_images": 4}``.
        user: an opaque id of your end user, for the host's abuse checks.
        options: parameters that belong to one model family.
        native: fields sent verbatim in the body, unchecked.
        on_unsupported: what to do with what the host can't do: ``error`` (default),
            ``adapt`` to the nearest it can do, or ``drop`` it. The receipt tells.
    """

    image: Source | Sequence[Source] | None
    mask: Source | None
    n: int | None
    size: Size | None
    ratio: Ratio | None
    resolution: Tier | None
    quality: Quality | None
    response_format: Travels | None
    output_format: FileKind | None
    seed: int | None
    watermark: bool | None
    negative_prompt: str | None
    sequential_image_generation: Group | None
    sequential_image_generation_options: Mapping[str, Any] | None
    user: str | None
    options: Mapping[str, Any] | None
    native: Mapping[str, Any] | None
    on_unsupported: OnUnsupported
