"""The Kling image models by Kuaishou: what each accepts, as its maker documents it; and the
dialect of HTTP that its maker speaks (`imagekit_kling.wire`).

Sources: the vendor's pages for omni-image, image generation and multi-image to image, and its
capability map of 2026-05-19, in copies read 2026-11-21. Kling names ratios and tiers and never
says how many pixels they are, so its sizes have no table.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from imagekit import (
    Enum,
    Excludes,
    Fact,
    Family,
    Length,
    Model,
    NotWhen,
    OnlyWhen,
    Parameter,
    Range,
    ReferenceLimits,
    Requires,
    Retirement,
    Sizes,
    State,
    SumAtMost,
    Wire,
    hookimpl,
)
from imagekit_kling.wire import KlingTasks

OMNI = Fact("https://kling.ai/document-api (omni-image)", "2026-11-21")
GENERATIONS = Fact("https://kling.ai/document-api (image generations)", "2026-11-21")
MULTI = Fact("https://kling.ai/document-api (multi-image to image)", "2026-11-21")
CAPABILITIES = Fact("https://klingai.com/document-api (capability map)", "2026-05-19")
#: Read at a gateway; where Kling's own API takes it, nobody says who is read here.
ROUTER = Fact(
    "https://docs.comfy.org/development/comfy-router/models/kling/kling-image-4-0/code",
    "2026-11-28",
    State.UNVERIFIED,
    "a gateway's description of Kling's fields",
)
RETIRED = Retirement(
    "2026-09-15",
    Fact("https://kling.ai/document-api (image generations)", "2026-11-21"),
    instead="kling-v2-1",
)

RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9")

FILES = ReferenceLimits(
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
ELEMENTS = Parameter(
    "element_list",
    list,
    (Length(10, unit="items"),),
    doc="Ids of subjects from the account's element library.",
    fact=OMNI,
    items=int,
)


def _watermark(fact: Fact) -> Parameter:
    copy = "Whether the answer links a watermarked copy as well."
    return Parameter("watermark", bool, doc=copy, fact=fact)


def _common(fact: Fact) -> tuple[Parameter, ...]:
    """What every Kling model takes, by the page that says so of it."""
    task = "An id of your own, unique within the account."
    return (
        _number(fact),
        _watermark(fact),
        Parameter("external_task_id", str, doc=task, fact=fact),
        Parameter("callback_url", str, doc="Where every change of state is posted.", fact=fact),
    )


def _number(fact: Fact) -> Parameter:
    return Parameter("n", int, (Range(1, 9),), default=1, doc="How many pictures.", fact=fact)


def _references(count: int, fact: Fact, doc: str) -> Parameter:
    return Parameter("image", list, (Length(count, 1, unit="items"),), doc=doc, fact=fact)


OMNI_PARAMETERS = (
    PROMPT,
    _references(10, OMNI, "Reference pictures, in the order the prompt numbers them."),
    ELEMENTS,
    *_common(OMNI),
)
SERIES = (
    Parameter(
        "sequential_image_generation",
        str,
        (Enum(("auto", "disabled")),),
        default="disabled",
        doc="auto makes a series of pictures that belong together; Kling calls it series.",
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
    Parameter("prompt", str, (Length(2500),), doc="What to draw.", fact=GENERATIONS),
    Parameter("negative_prompt", str, (Length(2500),), doc="What not to draw.", fact=GENERATIONS),
    _references(1, GENERATIONS, "One reference picture."),
    Parameter(
        "image_reference",
        str,
        (Enum(("subject", "face")),),
        doc="What the reference picture is for; face wants exactly one face in it.",
        fact=GENERATIONS,
    ),
    *_common(GENERATIONS),
)
#: The newest page has these for 2.1 only, an older one for models since retired.
FIDELITY = (
    _fidelity("image_fidelity", 0.5, "the whole"),
    _fidelity("human_fidelity", 0.45, "the face"),
)


def _link(name: str, doc: str) -> Parameter:
    return Parameter(name, str, doc=f"{doc}: a link, or its bytes as base64.", fact=MULTI)


COMBINE = (
    Parameter("prompt", str, (Length(2500),), doc="What to draw.", fact=MULTI),
    evolve(_references(4, MULTI, "The subjects to combine, one in each picture."), required=True),
    _link("scene_image", "A picture of the scene"),
    _link("style_image", "A picture of the style"),
    _number(MULTI),
)

IMAGE_4 = (
    Parameter(
        "prompt",
        str,
        (Length(50_000),),
        doc="What to draw; 50,000 characters in English, 21,000 in other languages.",
        fact=ROUTER,
    ),
    _references(10, ROUTER, "Reference pictures, in order."),
    evolve(ELEMENTS, doc="Ids of subjects of several pictures each.", fact=ROUTER),
    _number(ROUTER),
    _watermark(ROUTER),
    evolve(SERIES[0], fact=ROUTER),
    evolve(
        SERIES[1],
        parts=(Parameter("max_images", int, (Range(2, 10),), doc="Pictures of a series."),),
        default=None,
        fact=ROUTER,
    ),
)

# --- sizes and rules ----------------------------------------------------------------------------


def _sizes(*tiers: str, auto: bool, fact: Fact) -> Sizes:
    return Sizes(
        tiers=tiers, named_ratios=RATIOS, custom=False, default_tier="1K", auto=auto, fact=fact
    )


OMNI_RULES = (SumAtMost(("image", "element_list"), 10),)
SERIES_RULES = (
    NotWhen("n", "sequential_image_generation", "auto"),
    OnlyWhen("sequential_image_generation_options", "sequential_image_generation", "auto"),
)
GENERATE_RULES = (
    Excludes("negative_prompt", "image"),
    Requires("image_reference", "image"),
)
INSTEAD = {
    "seed": "Kling has no seed; no call can be repeated exactly",
    "mask": "say in the prompt which part to change",
}
OMNI_INSTEAD = INSTEAD | {"negative_prompt": "say in the prompt what to leave out"}


def _combining(name: str, title: str, retired: Retirement | None = None) -> Model:
    """A model at the endpoint that draws several subjects together: it takes other things
    than the same model elsewhere, so it is one of its own."""
    return Model(
        name=name,
        title=title,
        parameters=COMBINE,
        sizes=Sizes(named_ratios=RATIOS, custom=False, fact=MULTI),
        references=evolve(FILES, fact=MULTI),
        instead=OMNI_INSTEAD,
        fact=MULTI,
        retired=retired,
    )


KLING = Family(
    name="kling",
    title="Kling",
    doc="Kuaishou's picture models: ratios and tiers instead of pixels, up to nine at a time.",
    models=(
        Model(
            name="kling-image-4.0",
            title="Kling Image 4.0",
            parameters=IMAGE_4,
            sizes=Sizes(
                tiers=("2K", "4K", "8K"),
                named_ratios=RATIOS,
                custom=False,
                default_tier="2K",
                auto=True,
                fact=ROUTER,
            ),
            references=evolve(FILES, max_bytes=30_000_000, fact=ROUTER),
            rules=(*OMNI_RULES, *SERIES_RULES),
            instead=OMNI_INSTEAD,
            doc="Sold by Kling's own API; how it is asked for there is not known here.",
            fact=ROUTER,
        ),
        Model(
            name="kling-image-o1",
            title="Kling Image O1",
            parameters=OMNI_PARAMETERS,
            sizes=_sizes("1K", "2K", auto=True, fact=OMNI),
            references=FILES,
            rules=OMNI_RULES,
            instead=OMNI_INSTEAD,
            fact=OMNI,
        ),
        Model(
            name="kling-v3-omni",
            title="Kling Image 3.0 Omni",
            aliases=("kling-image-v3-omni",),
            parameters=(*OMNI_PARAMETERS, *SERIES),
            sizes=_sizes("1K", "2K", "4K", auto=True, fact=CAPABILITIES),
            references=FILES,
            rules=(*OMNI_RULES, *SERIES_RULES),
            instead=OMNI_INSTEAD,
            fact=OMNI,
        ),
        Model(
            name="kling-v3",
            title="Kling Image 3.0",
            aliases=("kling-image-v3",),
            parameters=(*GENERATE, evolve(ELEMENTS, rules=(), fact=GENERATIONS)),
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
            parameters=(*GENERATE, *FIDELITY),
            sizes=_sizes("1K", "2K", auto=False, fact=GENERATIONS),
            references=FILES,
            rules=GENERATE_RULES,
            instead=INSTEAD,
            fact=GENERATIONS,
        ),
        _combining("kling-v2-1-multi", "Kling Image 2.1, several subjects"),
        _combining("kling-v2-multi", "Kling Image 2.0, several subjects", RETIRED),
    ),
)


@hookimpl
def imagekit_families() -> Iterable[Family]:
    return [KLING]


@hookimpl
def imagekit_wires() -> Iterable[Wire]:
    return [KlingTasks()]
