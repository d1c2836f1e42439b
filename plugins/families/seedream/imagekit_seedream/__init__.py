"""The Seedream models by ByteDance: what each accepts, as its maker documents it.

Sources: the Volcengine page "图片生成 API" (docs 82379/1541523) as public copies have it,
of 2025-12 for 4.5 and of 2026 for 5.0 lite, and a third party's audit of the BytePlus
ModelArk documentation, revision 265, of 2026-10-08. A seed is documented for Seedream
3.0 only, so it is not declared here; hosts that offer one for later models say so in
their offers.
"""

from __future__ import annotations

from collections.abc import Iterable

from imagekit import (
    Enum,
    Fact,
    Family,
    Length,
    Model,
    OnlyWhen,
    Parameter,
    Range,
    References,
    Sizes,
    SumAtMost,
    hookimpl,
)

ARK = Fact("https://www.volcengine.com/docs/82379/1541523", "2026-10-08")
BYTEPLUS = Fact("https://ai.byteplus.com/ark (documentation, revision 265)", "2026-10-08")
REFERENCES = Fact(ARK.source, ARK.date, note="the model card of 4.0 says 10 references")

FILES = References(
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

# --- sizes: the recommended pixels, and the limits of any others -------------------------

TABLE = {
    "1K": {
        "1:1": (1024, 1024),
        "4:3": (1152, 864),
        "3:4": (864, 1152),
        "16:9": (1280, 720),
        "9:16": (720, 1280),
        "3:2": (1248, 832),
        "2:3": (832, 1248),
        "21:9": (1512, 648),
    },
    "2K": {
        "1:1": (2048, 2048),
        "4:3": (2304, 1728),
        "3:4": (1728, 2304),
        "16:9": (2848, 1600),
        "9:16": (1600, 2848),
        "3:2": (2496, 1664),
        "2:3": (1664, 2496),
        "21:9": (3136, 1344),
    },
    "3K": {
        "1:1": (3072, 3072),
        "4:3": (3456, 2592),
        "3:4": (2592, 3456),
        "16:9": (4096, 2304),
        "9:16": (2304, 4096),
        "3:2": (3744, 2496),
        "2:3": (2496, 3744),
        "21:9": (4704, 2016),
    },
    "4K": {
        "1:1": (4096, 4096),
        "4:3": (4704, 3520),
        "3:4": (3520, 4704),
        "16:9": (5504, 3040),
        "9:16": (3040, 5504),
        "3:2": (4992, 3328),
        "2:3": (3328, 4992),
        "21:9": (6240, 2656),
    },
}


def _sizes(*tiers: str, min_pixels: int) -> Sizes:
    return Sizes(
        tiers=tiers,
        table={tier: TABLE[tier] for tier in tiers},
        min_pixels=min_pixels,
        max_pixels=16_777_216,
        min_ratio="1:16",
        max_ratio="16:1",
        default_tier="2K",
        fact=ARK,
    )


# --- parameters ----------------------------------------------------------------------------

COMMON = (
    Parameter(
        "prompt",
        str,
        (
            Length(300, unit="Chinese characters", advice=True),
            Length(600, unit="words", advice=True),
        ),
        doc="What to draw, in Chinese or English; past the advised length details get lost.",
        fact=ARK,
    ),
    Parameter(
        "image",
        list,
        (Length(14, 1, unit="items"),),
        doc="Reference pictures, 1 to 14.",
        fact=REFERENCES,
    ),
    Parameter(
        "response_format",
        str,
        (Enum(("url", "b64_json")),),
        default="url",
        doc="How the picture travels: a link that lives 24 hours, or base64.",
        fact=ARK,
    ),
    Parameter(
        "watermark",
        bool,
        default=True,
        doc='Whether "AI generated" stands in the lower right corner.',
        fact=ARK,
    ),
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


def _optimize(*modes: str) -> Parameter:
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
                fact=BYTEPLUS,
            ),
        ),
        doc="How the prompt is improved before drawing.",
        fact=BYTEPLUS,
    )


OUTPUT_FORMAT = Parameter(
    "output_format",
    str,
    (Enum(("png", "jpeg")),),
    default="jpeg",
    doc="The file format of the picture.",
    fact=BYTEPLUS,
)

RULES = (
    OnlyWhen("sequential_image_generation_options", "sequential_image_generation", "auto"),
    SumAtMost(("image", "sequential_image_generation_options.max_images"), 15),
)

INSTEAD = {
    "n": "the model decides how many a group has: say it in the prompt, and limit it with "
    "sequential_image_generation_options={'max_images': 4}",
    "negative_prompt": "say in the prompt what to leave out",
    "mask": "say in the prompt which part to change",
}

# --- models ----------------------------------------------------------------------------------


def _aliases(dashed: str, date: str) -> tuple[str, ...]:
    """The dated ids of both of the vendor's clouds, and the undated one."""
    return (dashed, f"{dashed}-{date}", f"doubao-{dashed}-{date}")


SEEDREAM = Family(
    name="seedream",
    title="Seedream",
    doc="ByteDance's picture models: text and up to 14 references in, one picture or a group out.",
    models=(
        Model(
            name="seedream-5.0-lite",
            title="Seedream 5.0 Lite",
            aliases=(
                "seedream-5.0",
                "dola-seedream-5.0-lite",
                "doubao-seedream-5.0-lite",
                *_aliases("seedream-5-0", "260128"),
                *_aliases("seedream-5-0-lite", "260128"),
            ),
            parameters=(*COMMON, OUTPUT_FORMAT, _optimize("standard")),
            sizes=_sizes("2K", "3K", "4K", min_pixels=3_686_400),
            references=FILES,
            rules=RULES,
            instead=INSTEAD,
            fact=BYTEPLUS,
        ),
        Model(
            name="seedream-4.5",
            title="Seedream 4.5",
            aliases=_aliases("seedream-4-5", "251128"),
            parameters=(*COMMON, _optimize("standard")),
            sizes=_sizes("2K", "4K", min_pixels=3_686_400),
            references=FILES,
            rules=RULES,
            instead=INSTEAD,
            fact=ARK,
        ),
        Model(
            name="seedream-4.0",
            title="Seedream 4.0",
            aliases=_aliases("seedream-4-0", "250828"),
            parameters=(*COMMON, _optimize("standard", "fast")),
            sizes=_sizes("1K", "2K", "4K", min_pixels=921_600),
            references=FILES,
            rules=RULES,
            instead=INSTEAD,
            fact=ARK,
        ),
    ),
)


@hookimpl
def imagekit_families() -> Iterable[Family]:
    return [SEEDREAM]
