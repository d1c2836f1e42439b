"""The FLUX.2 models by Black Forest Labs: what each accepts, as its maker documents it.

Sources: the maker's API reference (docs.bfl.ai, a page for each endpoint), its page of editing,
its prices, and its own skills repository, read 2026-11-30. The maker writes a size as two
fields and each reference as a field of its own; that is for hosts to spell. [dev] is open
weights, which the maker does not host: steps and guidance are as the pipeline has them that it
publishes, and without limits.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from imagekit import (
    Enum,
    Fact,
    Family,
    Length,
    Model,
    Parameter,
    Range,
    Sizes,
    State,
    hookimpl,
)

API = Fact("https://docs.bfl.ai/api-reference/models", "2026-11-30")
EDITING = Fact("https://docs.bfl.ai/guides/prompting_editing_overview", "2026-11-30")
LIMITS = Fact("https://github.com/black-forest-labs/skills (bfl-api, endpoints)", "2026-11-30")
PRICES = Fact("https://docs.bfl.ai/quick_start/pricing", "2026-11-30")
PIPELINE = Fact("https://huggingface.co/docs/diffusers/main/en/api/pipelines/flux2", "2026-11-30")
WEBP = Fact(
    API.source,
    API.date,
    State.UNVERIFIED,
    "png and jpeg everywhere; webp on the page of [klein] 9B's preview alone",
)
NOT_HOSTED = Fact(
    LIMITS.source,
    LIMITS.date,
    State.UNVERIFIED,
    "the limits of the maker's API, which does not have [dev]",
)

PROMPT = Parameter("prompt", str, doc="What to draw; up to 32,000 tokens.", fact=LIMITS)
SEED = Parameter("seed", int, doc="The same seed gives a similar picture.", fact=API)
FORMAT = Parameter(
    "output_format",
    str,
    (Enum(("jpeg", "png", "webp")),),
    default="jpeg",
    doc="What the picture is.",
    fact=WEBP,
)
TOLERANCE = Parameter(
    "safety_tolerance",
    int,
    (Range(0, 5),),
    default=2,
    doc="How much the filters let pass; 0 is the strictest.",
    fact=API,
)
UPSAMPLING = Parameter(
    "prompt_upsampling", bool, doc="Whether the prompt is written out first.", fact=API
)
STEPS = Parameter("steps", int, (Range(1, 50),), default=50, doc="Steps taken.", fact=API)
GUIDANCE = Parameter(
    "guidance",
    float,
    (Range(1.5, 10),),
    doc="How closely the prompt is followed; 5 or 4.5, as two of the maker's pages say.",
    fact=API,
)
#: A recommendation, and no limit.
SIX = Parameter(
    "image",
    list,
    (Length(6, 1, unit="items", advice=True),),
    doc="Reference pictures.",
    fact=EDITING,
)
DEV_STEPS = Parameter("steps", int, default=50, doc="Steps taken.", fact=PIPELINE)
DEV_GUIDANCE = Parameter(
    "guidance", float, default=4.0, doc="How closely the prompt is followed.", fact=PIPELINE
)

#: A ratio alone is up to a megapixel, which is what the maker's first price is for. Of the sizes
#: that it lists as common, 1920x1080 is no multiple of 16. What comes when nothing is asked, no
#: page says.
SIZES = Sizes(
    ratio_area=1 << 20,
    multiple=16,
    min_side=64,
    max_pixels=1 << 22,
    besides=((1920, 1080), (1080, 1920)),
    fact=LIMITS,
)
INSTEAD = {
    "negative_prompt": "say in the prompt what is there instead",
    "mask": "say in the prompt which part to change",
}


def _images(count: int) -> Parameter:
    rule = Length(count, 1, unit="items")
    return Parameter("image", list, (rule,), doc="Reference pictures.", fact=EDITING)


COMMON = (PROMPT, SEED, FORMAT, TOLERANCE)


def _flux(title: str, *parameters: Parameter, weights: str = "") -> Model:
    """``[klein] 9B`` is flux-2-klein-9b, and flux.2-klein-9b at those who write a dot."""
    name = title.lower().replace("[", "").replace("]", "").replace(" ", "-")
    aliases = (f"flux.2-{name}", *([weights] if weights else []))
    return Model(
        f"flux-2-{name}", f"FLUX.2 {title}", aliases, parameters, SIZES, instead=INSTEAD, fact=API
    )


FLUX_2 = Family(
    name="flux-2",
    title="FLUX.2",
    doc="Black Forest Labs' picture models: any size up to 4 megapixels, up to 8 references.",
    models=(
        _flux("[max]", *COMMON, _images(8), UPSAMPLING),
        _flux("[pro]", *COMMON, _images(8), UPSAMPLING),
        _flux("[flex]", *COMMON, _images(8), UPSAMPLING, STEPS, GUIDANCE),
        _flux("[klein] 9B", *COMMON, _images(4), weights="black-forest-labs/FLUX.2-klein-9B"),
        _flux("[klein] 4B", *COMMON, _images(4), weights="black-forest-labs/FLUX.2-klein-4B"),
        Model(
            name="flux-2-dev",
            title="FLUX.2 [dev]",
            aliases=("flux.2-dev", "black-forest-labs/FLUX.2-dev"),
            parameters=(PROMPT, SEED, SIX, DEV_STEPS, DEV_GUIDANCE),
            sizes=evolve(SIZES, fact=NOT_HOSTED),
            instead=INSTEAD,
            doc="Open weights, not for commerce; its maker does not host it.",
            fact=PRICES,
        ),
    ),
)


@hookimpl
def imagekit_families() -> Iterable[Family]:
    return [FLUX_2]
