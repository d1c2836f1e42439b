"""Ark's models, and which field is whose. Sources: as in `ark`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve, frozen

from imagekit_sandbox.serving.kit.order import Order
from imagekit_sandbox.serving.makers import seedream
from imagekit_sandbox.serving.makers.seedream import Seedream, order_of, wrong

__all__ = ["FIELDS", "MODELS", "Served", "order_from"]

_GROUPS = ("sequential_image_generation", "sequential_image_generation_options", "stream")
_LAYERS = ("background", "layer_decomposition")
#: Every field that one of the models has. A ``seed`` is taken by all, though listed for one.
FIELDS = (
    *seedream.FIELDS,
    *_LAYERS,
    "stream",
    "optimize_prompt_options",
    "guidance_scale",
    "tools",
)


@frozen
class Served:
    """A model.

    Attributes:
        seedream: its sizes.
        lacks: fields of other models, which are refused.
        modes: of ``optimize_prompt_options``.
        cuts: it makes a transparent background without a picture that has one, too.
    """

    seedream: Seedream
    lacks: tuple[str, ...]
    modes: tuple[str, ...] = ("standard",)
    cuts: bool = False


_COMPACT = Seedream(("1K", "1.5K", "2K"), 921_600, 4_624_220, formats=True, references=10)
_5_5 = evolve(_COMPACT, format="png")
_NO_COMPACT = (*_GROUPS, "guidance_scale", "tools")
_NO_V4 = (*_LAYERS, "guidance_scale", "tools", "output_format")
MODELS = {
    # As its resellers' pages of 2026-11-13 have it.
    "v5_5": Served(_5_5, _NO_COMPACT, cuts=True),
    "pro": Served(_COMPACT, _NO_COMPACT, ("standard", "fast")),
    "flash": Served(_COMPACT, _NO_COMPACT),
    "lite": Served(
        Seedream(("2K", "3K", "4K"), 3_686_400, 16_777_216, formats=True),
        (*_LAYERS, "guidance_scale"),
    ),
    "v4_5": Served(Seedream(("2K", "4K"), 3_686_400, 16_777_216), _NO_V4),
    "v4_0": Served(Seedream(("1K", "2K", "4K"), 921_600, 16_777_216), _NO_V4, ("standard", "fast")),
    "v3": Served(
        Seedream((), 512 * 512, 2048 * 2048, references=0, usual="1024x1024"),
        ("image", *_GROUPS, *_LAYERS, "output_format", "optimize_prompt_options", "tools"),
    ),
}


def order_from(body: Mapping[str, Any], id: str, served: Served) -> Order:
    """What a body asks of a model.

    Raises:
        Refusal: as the real API says it, as far as known.
    """
    for field in served.lacks:
        if field in body:
            why = f"the parameter `{field}` is not supported by the current model"
            raise wrong(field, why)
    _check_rest(body, served)
    order = order_of(body, id, served.seedream)
    if body.get("background") != "transparent":
        return order
    if served.cuts:
        return evolve(order, format="png")
    if len(order.references) != 1 or body.get("output_format", "png") != "png":
        raise wrong("background", "transparent takes one image with transparency, and png")
    return evolve(order, format="png")


def _backgrounds(served: Served) -> tuple[str, ...]:
    return ("opaque", "transparent", "auto") if served.cuts else ("opaque", "transparent")


def _check_rest(body: Mapping[str, Any], served: Served) -> None:
    """The fields that change nothing in a drawing."""
    options = body.get("optimize_prompt_options", {})
    if not isinstance(options, dict) or options.get("mode", "standard") not in served.modes:
        raise wrong("optimize_prompt_options.mode")
    scale = body.get("guidance_scale", 1)
    if isinstance(scale, bool) or not isinstance(scale, int | float) or not 1 <= scale <= 10:
        raise wrong("guidance_scale")
    if not isinstance(body.get("stream", False), bool):
        raise wrong("stream")
    if body.get("background", "opaque") not in _backgrounds(served):
        raise wrong("background")
    if body.get("layer_decomposition"):
        raise wrong("layer_decomposition", "sandbox: it draws no layers")
    tools = body.get("tools", [])
    if tools != [] and tools != [{"type": "web_search"}]:
        raise wrong("tools")
