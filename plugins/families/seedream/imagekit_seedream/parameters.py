"""The parameters of the Seedream models, one by one; which model has which is beside the models.

Sources: as in `imagekit_seedream.sizes`.
"""

from __future__ import annotations

from attrs import evolve

from imagekit import (
    Enum,
    Fact,
    Length,
    NotWhen,
    OnlyWhen,
    Parameter,
    Range,
    ReferenceLimits,
    SumAtMost,
    When,
)
from imagekit_seedream.sizes import ARK, BYTEPLUS, COMPACT, RELEASE_55

__all__ = [
    "ALPHA_RULES",
    "BACKGROUND",
    "BACKGROUND_55",
    "COMPACT_RULES",
    "FILES",
    "GROUP",
    "GROUP_RULES",
    "GUIDANCE",
    "LAYERS",
    "LAYERS_55",
    "OUTPUT_FORMAT",
    "OUTPUT_FORMAT_55",
    "PROMPT",
    "RESPONSE_FORMAT",
    "SEED",
    "WATERMARK",
    "image",
    "optimize",
]

REFERENCES = Fact(ARK.source, ARK.date, note="the model card of 4.0 says 10 references")

FILES = ReferenceLimits(
    formats=(
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/bmp",
        "image/tiff",
        "image/gif",
        "image/heic",
        "image/heif",
    ),
    max_bytes=30_000_000,
    min_side=15,
    min_pixels=196,
    max_pixels=36_000_000,
    min_ratio="1:16",
    max_ratio="16:1",
    fact=BYTEPLUS,
)

PROMPT = Parameter(
    "prompt",
    str,
    (
        Length(300, unit="Chinese characters", advice=True),
        Length(600, unit="words", advice=True),
    ),
    doc="What to draw, in Chinese or English; past the advised length details get lost.",
    fact=ARK,
)


def image(most: int, fact: Fact = REFERENCES) -> Parameter:
    return Parameter(
        "image",
        list,
        (Length(most, 1, unit="items"),),
        doc=f"Reference pictures, 1 to {most}.",
        fact=fact,
    )


RESPONSE_FORMAT = Parameter(
    "response_format",
    str,
    (Enum(("url", "b64_json")),),
    default="url",
    doc="How the picture travels: a link that lives 24 hours, or base64.",
    fact=ARK,
)
WATERMARK = Parameter(
    "watermark",
    bool,
    default=True,
    doc='Whether "AI generated" stands in the lower right corner.',
    fact=ARK,
)
GROUP = (
    Parameter(
        "sequential_image_generation",
        str,
        (Enum(("auto", "disabled")),),
        default="disabled",
        doc="auto lets the model decide whether to make a group, and of how many; "
        "ask for the number in the prompt as well.",
        fact=ARK,
    ),
    Parameter(
        "sequential_image_generation_options",
        dict,
        default={"max_images": 15},
        parts=(
            Parameter(
                "max_images",
                int,
                (Range(1, 15),),
                default=15,
                doc="Most pictures of a group.",
                fact=ARK,
            ),
        ),
        doc="Limits a group; only with sequential_image_generation=auto.",
        fact=ARK,
    ),
)


def optimize(*modes: str, fact: Fact = BYTEPLUS) -> Parameter:
    return Parameter(
        "optimize_prompt_options",
        dict,
        default={"mode": "standard"},
        parts=(
            Parameter(
                "mode",
                str,
                (Enum(modes),),
                default="standard",
                doc="How hard to try.",
                fact=fact,
            ),
        ),
        doc="How the prompt is improved before drawing.",
        fact=fact,
    )


OUTPUT_FORMAT = Parameter(
    "output_format",
    str,
    (Enum(("png", "jpeg")),),
    default="jpeg",
    doc="The file format of the picture.",
    fact=BYTEPLUS,
)
BACKGROUND = Parameter(
    "background",
    str,
    (Enum(("opaque", "transparent")),),
    default="opaque",
    doc="transparent keeps the transparency of the one reference picture; the file is a PNG.",
    fact=BYTEPLUS,
)
LAYERS = Parameter(
    "layer_decomposition",
    bool,
    default=False,
    doc="Takes one PNG or JPEG apart: a base picture and up to 16 PNG layers come, or none.",
    fact=BYTEPLUS,
)
OUTPUT_FORMAT_55 = evolve(OUTPUT_FORMAT, default="png", fact=RELEASE_55)
BACKGROUND_55 = Parameter(
    "background",
    str,
    (Enum(("auto", "transparent", "opaque")),),
    default="auto",
    doc="transparent draws on nothing, with references and without; the file is a PNG.",
    fact=RELEASE_55,
)
LAYERS_55 = evolve(
    LAYERS,
    doc="Takes one PNG or JPEG apart: a base picture and up to 99 PNG layers come, or none.",
    fact=RELEASE_55,
)
SEED = Parameter(
    "seed",
    int,
    (Range(-1, 2147483647),),
    default=-1,
    doc="The same seed gives similar pictures, not identical ones.",
    fact=ARK,
)
GUIDANCE = Parameter(
    "guidance_scale",
    float,
    (Range(1, 10),),
    default=2.5,
    doc="How closely the picture follows the prompt.",
    fact=ARK,
)

GROUP_RULES = (
    OnlyWhen("sequential_image_generation_options", "sequential_image_generation", "auto"),
    SumAtMost(("image", "sequential_image_generation_options.max_images"), 15),
)
ONE_PICTURE = Length(1, 1, unit="items")
_ALPHA = When("background", "transparent", "output_format", Enum(("png",)))
_LAYERED = (
    When("layer_decomposition", True, "image", ONE_PICTURE, needed=True),
    When("layer_decomposition", True, "size", Enum(COMPACT.tiers)),
)
COMPACT_RULES = (
    When("background", "transparent", "image", ONE_PICTURE, needed=True),
    _ALPHA,
    *_LAYERED,
)
#: Those of 5.5, which draws on nothing by itself; both errors are told by a reseller.
ALPHA_RULES = (_ALPHA, *_LAYERED, NotWhen("background", "layer_decomposition", True))
