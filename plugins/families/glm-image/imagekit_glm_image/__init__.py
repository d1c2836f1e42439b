"""GLM-Image and CogView by Z.ai (Zhipu): what each accepts, as its maker documents it.

Sources: docs.z.ai and docs.bigmodel.cn, image generation, read 2026-11-21. The two disagree
on ``quality`` for GLM-Image (BigModel takes hd only) and on whether its size range is a must
(z.ai) or a recommendation (BigModel); the stricter is taken for sizes, the wider for quality.
"""

from __future__ import annotations

from collections.abc import Iterable

from imagekit import (
    Enum,
    Fact,
    Family,
    Length,
    Model,
    Parameter,
    Sizes,
    hookimpl,
)

ZAI = Fact("https://docs.z.ai/api-reference/image/generate-image", "2026-11-21")
BIGMODEL = Fact("https://docs.bigmodel.cn (image generation)", "2026-11-21")

PROMPT = Parameter("prompt", str, doc="What to draw.", fact=ZAI)
WATERMARK = Parameter(
    "watermark",
    bool,
    doc="Whether the picture is stamped; without needs a signed disclaimer on BigModel.",
    fact=BIGMODEL,
)
USER = Parameter("user", str, (Length(128, 6),), doc="An opaque id of your end user.", fact=ZAI)


def _quality(default: str) -> Parameter:
    return Parameter(
        "quality",
        str,
        (Enum(("hd", "standard")),),
        default=default,
        doc="hd takes longer and shows more; GLM-Image on BigModel takes hd only.",
        fact=ZAI,
    )


INSTEAD = {
    "n": "one picture comes of each call; make several calls",
    "seed": "the vendor's API has no seed",
    "negative_prompt": "say in the prompt what to leave out",
    "image": "the vendor's API takes no reference pictures",
}

GLM_IMAGE = Family(
    name="glm-image",
    title="GLM-Image",
    doc="Z.ai's picture models: exact sizes, good lettering, one picture per call.",
    models=(
        Model(
            name="glm-image",
            title="GLM-Image",
            aliases=("z-ai/glm-image",),
            parameters=(PROMPT, _quality("hd"), WATERMARK, USER),
            sizes=Sizes(
                min_side=1024,
                max_side=2048,
                multiple=32,
                max_pixels=1 << 22,
                default_pixels=(1280, 1280),
                fact=ZAI,
            ),
            instead=INSTEAD,
            fact=ZAI,
        ),
        Model(
            name="cogview-4",
            title="CogView 4",
            aliases=("cogview-4-250304",),
            parameters=(PROMPT, _quality("standard"), WATERMARK, USER),
            sizes=Sizes(
                min_side=512,
                max_side=2048,
                multiple=16,
                max_pixels=1 << 21,
                default_pixels=(1024, 1024),
                fact=ZAI,
            ),
            instead=INSTEAD,
            fact=ZAI,
        ),
    ),
)


@hookimpl
def imagekit_families() -> Iterable[Family]:
    return [GLM_IMAGE]
