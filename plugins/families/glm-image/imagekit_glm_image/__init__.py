"""GLM-Image and CogView by Z.ai (Zhipu): what each accepts, as its maker documents it.

Sources: docs.z.ai and docs.bigmodel.cn, image generation, read 2026-11-21. The two disagree
on ``quality`` for GLM-Image (BigModel takes hd only) and on whether its size range is a must
(z.ai) or a recommendation (BigModel); the stricter is taken for sizes, the wider for quality.
Two of the sizes that both recommend lie outside of that range, and are taken all the same.
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
    "seed": "the vendor's API has no seed",
    "negative_prompt": "say in the prompt what to leave out",
    "image": "the vendor's API takes no reference pictures",
}

COGVIEW = Sizes(
    min_side=512,
    max_side=2048,
    multiple=16,
    max_pixels=1 << 21,
    default_pixels=(1024, 1024),
    fact=ZAI,
)


def _cogview(name: str, title: str, fact: Fact, *aliases: str) -> Model:
    parameters = (PROMPT, _quality("standard"), WATERMARK, USER)
    return Model(name, title, aliases, parameters, COGVIEW, instead=INSTEAD, fact=fact)


GLM_IMAGE = Family(
    name="glm-image",
    title="GLM-Image",
    doc="Z.ai's picture models: exact sizes, good lettering, one picture per call.",
    models=(
        Model(
            name="glm-image",
            title="GLM-Image",
            aliases=("zai-org/GLM-Image",),
            parameters=(PROMPT, _quality("hd"), WATERMARK, USER),
            sizes=Sizes(
                min_side=1024,
                max_side=2048,
                multiple=32,
                max_pixels=1 << 22,
                besides=((1728, 960), (960, 1728)),
                default_pixels=(1280, 1280),
                fact=ZAI,
            ),
            instead=INSTEAD,
            fact=ZAI,
        ),
        _cogview("cogview-4", "CogView 4", ZAI, "cogview-4-250304"),
        _cogview("cogview-3-flash", "CogView 3 Flash", BIGMODEL),
    ),
)


@hookimpl
def imagekit_families() -> Iterable[Family]:
    return [GLM_IMAGE]
