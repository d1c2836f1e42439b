"""What sizes the Seedream models take: the recommended pixels, and the limits of any others.

Sources: the Volcengine page "图片生成 API" (docs 82379/1541523) as public copies of 2025-12
and 2026 have it, and a third party's audit of the BytePlus ModelArk documentation, revision
265, of 2026-10-08, for 5.0 pro and flash.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from imagekit import Fact, Sizes, State

__all__ = ["COMPACT", "SIZES_55", "V3", "sizes"]

ARK = Fact("https://www.volcengine.com/docs/82379/1541523", "2026-10-08")
BYTEPLUS = Fact("https://ai.byteplus.com/ark (documentation, revision 265)", "2026-10-08")
#: BytePlus' own nodes for ComfyUI name the id of 5.5, and what it takes.
RELEASE_55 = Fact(
    "https://github.com/byteplus-sa/ComfyUI-BytePlus-ModelArk/releases/tag/v0.8.0", "2026-11-12"
)
RESOLD_55 = Fact(
    "https://docs.laozhang.ai/en/api-capabilities/seedream-5-5",
    "2026-11-13",
    State.UNVERIFIED,
    "a reseller's page: 1K, 1.5K and 2K, up to about 2048x2048; the pixels of each ratio are "
    "taken to be those of 5.0 pro. Another reseller speaks of 3K as well",
)

Table = Mapping[str, Mapping[str, tuple[int, int]]]

TABLE: Table = {
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
#: 5.0 pro and flash have a table of their own, with other pixels at the same tiers.
COMPACT_TABLE: Table = {
    "1K": {
        "1:1": (1024, 1024),
        "4:3": (1152, 864),
        "3:4": (864, 1152),
        "16:9": (1424, 800),
        "9:16": (800, 1424),
        "3:2": (1248, 832),
        "2:3": (832, 1248),
        "21:9": (1568, 672),
    },
    "1.5K": {
        "1:1": (1536, 1536),
        "4:3": (1792, 1344),
        "3:4": (1344, 1792),
        "16:9": (2048, 1152),
        "9:16": (1152, 2048),
        "3:2": (1872, 1248),
        "2:3": (1248, 1872),
        "21:9": (2352, 1008),
    },
    "2K": {
        "1:1": (2048, 2048),
        "4:3": (2368, 1776),
        "3:4": (1776, 2368),
        "16:9": (2816, 1584),
        "9:16": (1584, 2816),
        "3:2": (2496, 1664),
        "2:3": (1664, 2496),
        "21:9": (3136, 1344),
    },
}


def sizes(*tiers: str, min_pixels: int) -> Sizes:
    """Those of 4.0, 4.5 and 5.0 lite, which differ in their tiers and their least."""
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


COMPACT = Sizes(
    tiers=tuple(COMPACT_TABLE),
    table=COMPACT_TABLE,
    min_pixels=921_600,
    max_pixels=4_624_220,
    min_ratio="1:16",
    max_ratio="16:1",
    default_tier="2K",
    fact=Fact(BYTEPLUS.source, BYTEPLUS.date, note="one page has 1024x1024 as the default"),
)

SIZES_55 = evolve(COMPACT, fact=RESOLD_55)

#: Recommended pixels, that tiers can't ask for; of the limits, nothing is said of the ratio.
#: The pages of 2026 swap 4:3 with 3:4 and 3:2 with 2:3; that of 2025-12 has them right.
V3 = Sizes(
    table={"1K": TABLE["1K"]},
    min_pixels=512 * 512,
    max_pixels=2048 * 2048,
    default_tier="1K",
    default_pixels=(1024, 1024),
    fact=ARK,
)
