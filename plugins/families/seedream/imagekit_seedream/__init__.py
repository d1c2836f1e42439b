"""The Seedream models by ByteDance: what each accepts, as its maker documents it.

Sources: the Volcengine page "图片生成 API" (docs 82379/1541523) as public copies have it,
of 2025-12 for 4.5 and of 2026 for 5.0 lite, and a third party's audit of the BytePlus
ModelArk documentation, revision 265, of 2026-10-08; for 5.5 the release notes of BytePlus'
own nodes for ComfyUI, of 2026-11-12, and a reseller's page. A field that a model's page lacks is
an error there and not ignored (recorded), so each model has only its own. A seed is
documented for Seedream 3.0 only; hosts that offer one for later models say so in their
offers. SeedEdit 3.0 is not here: it has been shut down (BytePlus, by 2026-10).
"""

from __future__ import annotations

from collections.abc import Iterable

from imagekit import Family, Model, hookimpl
from imagekit_seedream.parameters import (
    ALPHA_RULES,
    BACKGROUND,
    BACKGROUND_55,
    COMPACT_RULES,
    FILES,
    GROUP,
    GROUP_RULES,
    GUIDANCE,
    LAYERS,
    LAYERS_55,
    OUTPUT_FORMAT,
    OUTPUT_FORMAT_55,
    PROMPT,
    RESPONSE_FORMAT,
    SEED,
    WATERMARK,
    image,
    optimize,
)
from imagekit_seedream.sizes import ARK, BYTEPLUS, COMPACT, RELEASE_55, SIZES_55, V3, sizes

COMMON = (PROMPT, image(14), RESPONSE_FORMAT, WATERMARK, *GROUP)
COMPACT_COMMON = (
    PROMPT,
    image(10, BYTEPLUS),
    RESPONSE_FORMAT,
    WATERMARK,
    OUTPUT_FORMAT,
    BACKGROUND,
    LAYERS,
)

IN_WORDS = {
    "negative_prompt": "say in the prompt what to leave out",
    "mask": "say in the prompt which part to change",
}
INSTEAD = {
    "n": "the model decides how many a group has: say it in the prompt, and limit it with "
    "sequential_image_generation_options={'max_images': 4}",
    **IN_WORDS,
}
NO_GROUP = {"sequential_image_generation": "it makes one picture a call; n makes several calls"}


def _aliases(dashed: str, date: str) -> tuple[str, ...]:
    """The dated ids of both of the vendor's clouds, and the undated one."""
    return (dashed, f"{dashed}-{date}", f"doubao-{dashed}-{date}")


SEEDREAM = Family(
    name="seedream",
    title="Seedream",
    doc="ByteDance's picture models: text and up to 14 references in, one picture or a group out.",
    models=(
        Model(
            name="seedream-5.5",
            title="Seedream 5.5",
            aliases=("seedream-5-5", "seedream-5-5-261028", "dola-seedream-5-5-261028"),
            parameters=(
                PROMPT,
                image(10, RELEASE_55),
                RESPONSE_FORMAT,
                WATERMARK,
                OUTPUT_FORMAT_55,
                BACKGROUND_55,
                LAYERS_55,
                optimize("standard", fact=RELEASE_55),
            ),
            sizes=SIZES_55,
            references=FILES,
            rules=ALPHA_RULES,
            instead=IN_WORDS | NO_GROUP,
            fact=RELEASE_55,
        ),
        Model(
            name="seedream-5.0-pro",
            title="Seedream 5.0 Pro",
            aliases=(
                "seedream-5-0-pro",
                "dola-seedream-5-0-pro-260628",
                "doubao-seedream-5-0-pro-260628",
            ),
            parameters=(*COMPACT_COMMON, optimize("standard", "fast")),
            sizes=COMPACT,
            references=FILES,
            rules=COMPACT_RULES,
            instead=IN_WORDS | NO_GROUP,
            fact=BYTEPLUS,
        ),
        Model(
            name="seedream-5.0-flash",
            title="Seedream 5.0 Flash",
            aliases=("seedream-5-0-flash", "dola-seedream-5-0-flash-260915"),
            parameters=(*COMPACT_COMMON, optimize("standard")),
            sizes=COMPACT,
            references=FILES,
            rules=COMPACT_RULES,
            instead=IN_WORDS | NO_GROUP,
            fact=BYTEPLUS,
        ),
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
            parameters=(*COMMON, OUTPUT_FORMAT, optimize("standard")),
            sizes=sizes("2K", "3K", "4K", min_pixels=3_686_400),
            references=FILES,
            rules=GROUP_RULES,
            instead=INSTEAD,
            fact=BYTEPLUS,
        ),
        Model(
            name="seedream-4.5",
            title="Seedream 4.5",
            aliases=_aliases("seedream-4-5", "251128"),
            parameters=(*COMMON, optimize("standard")),
            sizes=sizes("2K", "4K", min_pixels=3_686_400),
            references=FILES,
            rules=GROUP_RULES,
            instead=INSTEAD,
            fact=ARK,
        ),
        Model(
            name="seedream-4.0",
            title="Seedream 4.0",
            aliases=_aliases("seedream-4-0", "250828"),
            parameters=(*COMMON, optimize("standard", "fast")),
            sizes=sizes("1K", "2K", "4K", min_pixels=921_600),
            references=FILES,
            rules=GROUP_RULES,
            instead=INSTEAD,
            fact=ARK,
        ),
        Model(
            name="seedream-3.0",
            title="Seedream 3.0",
            aliases=("seedream-3-0", *_aliases("seedream-3-0-t2i", "250415")),
            parameters=(PROMPT, RESPONSE_FORMAT, WATERMARK, SEED, GUIDANCE),
            sizes=V3,
            instead={
                "image": "it takes no reference pictures; 4.0 and later do",
                "negative_prompt": IN_WORDS["negative_prompt"],
                **NO_GROUP,
            },
            doc="Text to picture; its maker is retiring it.",
            fact=ARK,
        ),
    ),
)


@hookimpl
def imagekit_families() -> Iterable[Family]:
    return [SEEDREAM]
