"""The models of Example: what each accepts, as its maker documents it."""

from __future__ import annotations

from collections.abc import Iterable

from imagekit import (
    Enum,
    Fact,
    Family,
    Length,
    Model,
    Parameter,
    Range,
    Sizes,
    hookimpl,
)

# Where the numbers come from, and when that page was read.
DOCS = Fact("https://docs.example.example/models", "2026-11-21")

PARAMETERS = (
    Parameter("prompt", str, (Length(1000),), doc="What to draw.", fact=DOCS),
    Parameter(
        "n",
        int,
        (Range(1, 4),),
        default=1,
        doc="How many pictures.",
        fact=DOCS,
    ),
    Parameter(
        "quality",
        str,
        (Enum(("standard", "hd")),),
        default="standard",
        doc="hd takes longer and shows more.",
        fact=DOCS,
    ),
    Parameter(
        "response_format",
        str,
        (Enum(("url", "b64_json")),),
        default="url",
        doc="How the picture travels.",
        fact=DOCS,
    ),
)

SIZES = Sizes(
    tiers=("1K", "2K"),
    table={
        "1K": {"1:1": (1024, 1024), "16:9": (1280, 720), "9:16": (720, 1280)},
        "2K": {"1:1": (2048, 2048), "16:9": (2560, 1440), "9:16": (1440, 2560)},
    },
    min_pixels=262_144,
    max_pixels=4_194_304,
    min_ratio="1:4",
    max_ratio="4:1",
    multiple=16,
    default_tier="1K",
    fact=DOCS,
)

FAMILY = Family(
    name="example",
    title="Example",
    doc="Made up, to be replaced.",
    models=(
        Model(
            name="example-1",
            title="Example 1",
            aliases=("example-1-preview",),
            parameters=PARAMETERS,
            sizes=SIZES,
            instead={"negative_prompt": "say in the prompt what to leave out"},
            fact=DOCS,
        ),
    ),
)


@hookimpl
def imagekit_families() -> Iterable[Family]:
    return [FAMILY]
