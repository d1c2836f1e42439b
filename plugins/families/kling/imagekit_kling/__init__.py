"""The Kling image models by Kuaishou: what each accepts, as its maker documents it.

Sources: the vendor's pages for omni-image, image generation and multi-image, and its
capability map of 2026-05-19, in copies read 2026-11-21. Kling names ratios and tiers and
never says how many pixels they are, so its sizes have no table.
"""

from __future__ import annotations

from collections.abc import Iterable

from imagekit import (
    Enum,
    Excludes,
    Fact,
    Family,
    Length,
    Model,
    NotWhen,
    Parameter,
    Range,
    References,
    Requires,
    Sizes,
    SumAtMost,
    hookimpl,
)

OMNI = Fact("https://kling.ai/document-api (omni-image)", "2026-11-21")
GENERATIONS = Fact("https://kling.ai/document-api (image generations)", "2026-11-21")
CAPABILITIES = Fact("https://klingai.com/document-api (capability map)", "2026-05-19")

RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9")

FILES = References(
    formats=("image/jpeg", "image/png"),
    max_bytes=10_000_000,
    min_side=300,
    min_ratio="2:5",
    max_ratio="5:2",
    fact=OMNI,
)

# --- parameters ------------------------------------------------------------------------------

PROMPT = Parameter(
    "prompt",
    str,
    (Length(2500),),
    doc="What to draw; <<<image_1>>> in it means the first reference picture.",
    fact=OMNI,
)
N = Parameter("n", int, (Range(1, 9),), default=1, doc="How many pictures.", fact=OMNI)
WATERMARK = Parameter(
    "watermark", bool, doc="Whether the answer links a watermarked copy as well.", fact=OMNI
)
ELEMENTS = Parameter(
    "element_list",
    list,
    (Length(10, unit="items"),),
    doc="Ids of subjects from the account's element library.",
    fact=OMNI,
)
TASK_ID = Parameter(
    "external_task_id", str, doc="An id of your own, unique within the account.", fact=OMNI
)


def _references(count: int, fact: Fact, doc: str) -> Parameter:
    return Parameter("image", list, (Length(count, 1, unit="items"),), doc=doc, fact=fact)


SERIES = (
    Parameter(
        "sequential_image_generation",
        str,
        (Enum(("auto", "disabled")),),
        default="disabled",
        doc="auto makes a series of pictures that belong together.",
        fact=CAPABILITIES,
    ),
    Parameter(
        "sequential_image_generation_options",
        dict,
        default={"max_images": 4},
        parts=(Parameter("max_images", int, (Range(2, 9),), 4, doc="Pictures of a series."),),
        doc="How long a series is.",
        fact=OMNI,
    ),
)


def _fidelity(name: str, default: float, what: str) -> Parameter:
    doc = f"How closely {what} of the reference picture is kept."
    return Parameter(name, float, (Range(0, 1),), default=default, doc=doc, fact=GENERATIONS)


GENERATE = (
    PROMPT,
    Parameter("negative_prompt", str, (Length(2500),), doc="What not to draw.", fact=GENERATIONS),
    _references(1, GENERATIONS, "One reference picture."),
    Parameter(
        "image_reference",
        str,
        (Enum(("subject", "face")),),
        doc="What the reference picture is for; face wants exactly one face in it.",
        fact=GENERATIONS,
    ),
    _fidelity("image_fidelity", 0.5, "the whole"),
    _fidelity("human_fidelity", 0.45, "the face"),
    N,
    WATERMARK,
    TASK_ID,
)

# --- sizes and rules ----------------------------------------------------------------------------


def _sizes(*tiers: str, auto: bool, fact: Fact) -> Sizes:
    return Sizes(
        tiers=tiers, named_ratios=RATIOS, custom=False, default_tier="1K", auto=auto, fact=fact
    )


OMNI_RULES = (SumAtMost(("image", "element_list"), 10),)
GENERATE_RULES = (
    Excludes("negative_prompt", "image"),
    Requires("image_reference", "image"),
)
INSTEAD = {
    "seed": "Kling has no seed; no call can be repeated exactly",
    "mask": "say in the prompt which part to change",
}

KLING = Family(
    name="kling",
    title="Kling",
    doc="Kuaishou's picture models: ratios and tiers instead of pixels, up to nine at a time.",
    models=(
        Model(
            name="kling-image-o1",
            title="Kling Image O1",
            aliases=("kling-o1",),
            parameters=(
                PROMPT,
                _references(10, OMNI, "Reference pictures, in the order the prompt numbers them."),
                ELEMENTS,
                N,
                WATERMARK,
                TASK_ID,
            ),
            sizes=_sizes("1K", "2K", auto=True, fact=OMNI),
            references=FILES,
            rules=OMNI_RULES,
            instead=INSTEAD | {"negative_prompt": "say in the prompt what to leave out"},
            fact=OMNI,
        ),
        Model(
            name="kling-v3-omni",
            title="Kling Image 3.0 Omni",
            aliases=("kling-image-v3-omni",),
            parameters=(
                PROMPT,
                _references(10, OMNI, "Reference pictures, in the order the prompt numbers them."),
                ELEMENTS,
                N,
                *SERIES,
                WATERMARK,
                TASK_ID,
            ),
            sizes=_sizes("1K", "2K", "4K", auto=True, fact=CAPABILITIES),
            references=FILES,
            rules=(*OMNI_RULES, NotWhen("n", "sequential_image_generation", "auto")),
            instead=INSTEAD | {"negative_prompt": "say in the prompt what to leave out"},
            fact=OMNI,
        ),
        Model(
            name="kling-v3",
            title="Kling Image 3.0",
            aliases=("kling-image-v3",),
            parameters=(*GENERATE, ELEMENTS),
            sizes=_sizes("1K", "2K", auto=False, fact=GENERATIONS),
            references=FILES,
            rules=GENERATE_RULES,
            instead=INSTEAD,
            fact=GENERATIONS,
        ),
        Model(
            name="kling-v2-1",
            title="Kling Image 2.1",
            aliases=("kling-v2.1",),
            parameters=GENERATE,
            sizes=_sizes("1K", "2K", auto=False, fact=GENERATIONS),
            references=FILES,
            rules=GENERATE_RULES,
            instead=INSTEAD,
            fact=GENERATIONS,
        ),
    ),
)


@hookimpl
def imagekit_families() -> Iterable[Family]:
    return [KLING]
