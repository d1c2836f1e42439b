"""Nano Banana, Google's Gemini image models: what each accepts, as its maker documents it.

Sources: the vendor's image generation page as of 2026-09-05, the python-genai SDK 2.19.0
(2026-08-21), its changelog and its page of deprecations, and for what 2.1 takes a third
party's notes of its model card (2026-11-09). The pixel tables are the page's;
recorded answers have been seen to differ from them (1408x768 where nothing was asked), so
what comes back is measured, and a difference noted. Nobody documents the pixels of 2 Lite
and 2.1: those have ratios at tiers, and no table. How many bytes a reference may have
depends on how it travels, so that is for hosts to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from imagekit import (
    Fact,
    Family,
    Length,
    Model,
    Parameter,
    Range,
    ReferenceLimits,
    Retirement,
    Sizes,
    State,
    Wire,
    hookimpl,
)
from imagekit_nano_banana.wire import GeminiContent

PAGE = Fact("https://ai.google.dev/gemini-api/docs/image-generation", "2026-09-05")
SDK = Fact("https://github.com/googleapis/python-genai (2.19.0)", "2026-08-21")
CHANGELOG = Fact("https://ai.google.dev/gemini-api/docs/changelog", "2026-11-28")
CARD = Fact(
    "https://github.com/yeahhe365/AMC-WebUI/releases/tag/v1.24.0",
    "2026-11-09",
    State.UNVERIFIED,
    "a third party's notes of the vendor's model card",
)
ENDING = Fact(
    "https://ai.google.dev/gemini-api/docs/deprecations",
    "2026-11-28",
    State.UNVERIFIED,
    "the earliest day; one gateway gave it up on 2026-09-30, the vendor's SDK still has it",
)

# --- sizes --------------------------------------------------------------------------------------

Row = Mapping[str, tuple[int, int]]

FLASH_25: Row = {
    "1:1": (1024, 1024),
    "2:3": (832, 1248),
    "3:2": (1248, 832),
    "3:4": (864, 1184),
    "4:3": (1184, 864),
    "4:5": (896, 1152),
    "5:4": (1152, 896),
    "9:16": (768, 1344),
    "16:9": (1344, 768),
    "21:9": (1536, 672),
}
GEMINI_3: Row = {
    "1:1": (1024, 1024),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
}
LONG: Row = {
    "1:4": (512, 2048),
    "4:1": (2048, 512),
    "1:8": (384, 3072),
    "8:1": (3072, 384),
}
#: The page prints 792x168 for 21:9, which is no 21:9; that cell is left out.
SMALL: Row = {
    "1:1": (512, 512),
    "1:4": (256, 1024),
    "4:1": (1024, 256),
    "1:8": (192, 1536),
    "8:1": (1536, 192),
    "2:3": (424, 632),
    "3:2": (632, 424),
    "3:4": (448, 600),
    "4:3": (600, 448),
    "4:5": (464, 576),
    "5:4": (576, 464),
    "9:16": (384, 688),
    "16:9": (688, 384),
}


def _scaled(row: Row, factor: int) -> Row:
    return {ratio: (width * factor, height * factor) for ratio, (width, height) in row.items()}


def _sizes(fact: Fact, **table: Row) -> Sizes:
    """A table by tier; the tier 512 can't be a keyword, so it is written ``t512``."""
    tiers = {tier.removeprefix("t").upper(): row for tier, row in table.items()}
    return Sizes(tuple(tiers), tiers, custom=False, default_tier="1K", fact=fact)


def _three(row: Row) -> dict[str, Row]:
    return {"t1k": row, "t2k": _scaled(row, 2), "t4k": _scaled(row, 4)}


def _untabled(fact: Fact, *tiers: str, ratios: Iterable[str]) -> Sizes:
    """Ratios at tiers of which nobody says how many pixels they are."""
    return Sizes(tiers, custom=False, default_tier="1K", named_ratios=tuple(ratios), fact=fact)


# --- parameters -------------------------------------------------------------------------------

PROMPT = Parameter("prompt", str, doc="What to draw.", fact=PAGE)
SEED = Parameter(
    "seed",
    int,
    (Range(-2147483648, 2147483647),),
    doc="Accepted; the same seed is not promised to give the same picture.",
    fact=SDK,
)


def _images(count: int, fact: Fact = PAGE, advice: bool = False) -> Parameter:
    rule = Length(count, 1, unit="items", advice=advice)
    return Parameter("image", list, (rule,), doc="Reference pictures.", fact=fact)


FILES = ReferenceLimits(
    formats=("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"), fact=PAGE
)

INSTEAD = {
    "negative_prompt": "say in the prompt what to leave out",
    "mask": "say in the prompt which part to change",
    "watermark": "every picture carries an invisible SynthID mark; it can't be switched off",
    "output_format": "the model decides; what came is measured",
}

NANO_BANANA = Family(
    name="nano-banana",
    title="Nano Banana",
    doc="Google's Gemini image models: ratios at tiers, references, one picture per call.",
    models=(
        Model(
            name="nano-banana",
            title="Nano Banana",
            aliases=("gemini-2.5-flash-image",),
            parameters=(PROMPT, _images(3, advice=True), SEED),
            sizes=_sizes(PAGE, t1k=FLASH_25),
            references=FILES,
            instead=INSTEAD,
            fact=PAGE,
            retired=Retirement("2026-10-02", ENDING),
        ),
        Model(
            name="nano-banana-pro",
            title="Nano Banana Pro",
            aliases=("gemini-3-pro-image", "gemini-3-pro-image-preview"),
            parameters=(PROMPT, _images(14), SEED),
            sizes=_sizes(PAGE, **_three(GEMINI_3)),
            references=FILES,
            instead=INSTEAD,
            fact=PAGE,
        ),
        Model(
            name="nano-banana-2",
            title="Nano Banana 2",
            aliases=("gemini-3.1-flash-image", "gemini-3.1-flash-image-preview"),
            parameters=(PROMPT, _images(14), SEED),
            sizes=_sizes(PAGE, t512=SMALL, **_three({**GEMINI_3, **LONG})),
            references=FILES,
            instead=INSTEAD,
            fact=PAGE,
            retired=Retirement("", CHANGELOG, instead="gemini-nano-banana-2.1"),
        ),
        Model(
            name="nano-banana-2-lite",
            title="Nano Banana 2 Lite",
            aliases=("gemini-3.1-flash-lite-image",),
            parameters=(PROMPT, _images(14), SEED),
            sizes=_untabled(PAGE, "1K", ratios=GEMINI_3),
            references=FILES,
            instead=INSTEAD,
            fact=PAGE,
        ),
        Model(
            name="nano-banana-2.1",
            title="Nano Banana 2.1",
            aliases=("gemini-nano-banana-2.1",),
            parameters=(PROMPT, _images(14, CARD), SEED),
            sizes=_untabled(CARD, "1K", "2K", "4K", ratios=[*GEMINI_3, *LONG]),
            references=FILES,
            instead=INSTEAD | {"mask": "announced, but nobody says how it is sent"},
            fact=CHANGELOG,
        ),
    ),
)


@hookimpl
def imagekit_families() -> Iterable[Family]:
    return [NANO_BANANA]


@hookimpl
def imagekit_wires() -> Iterable[Wire]:
    return [GeminiContent()]
