"""OpenAI itself: the GPT image models, by whatever id the user names.

Sources: the OpenAPI description v2.3.0 (2026-08-21), and copies of the image guide, read
2026-11-21. The sizes are those of gpt-image-2; models before it take three of them and
``auto``, and refuse the rest themselves. Ids and qualities are left open: newer ones appear
before they are described.
"""

from __future__ import annotations

from imagekit import (
    ANY_MODEL,
    Bearer,
    Enum,
    Fact,
    Host,
    Length,
    NotWhen,
    Offer,
    Parameter,
    Range,
    References,
    Requires,
    Sizes,
    Spell,
    State,
    spell,
)
from imagekit_openai_compatible.refusals import GUIDE, OPENAI_REFUSALS, SPEC

__all__ = ["OPENAI"]

CONTRADICTED = Fact(
    SPEC.source,
    SPEC.date,
    State.UNVERIFIED,
    "transparent: the guide says that gpt-image-2 has none",
)

PARAMETERS = (
    Parameter("prompt", str, (Length(32_000),), fact=SPEC),
    Parameter("n", int, (Range(1, 10),), default=1, fact=SPEC),
    Parameter("quality", str, default="auto", doc="auto, low, medium or high.", fact=SPEC),
    Parameter("output_format", str, (Enum(("png", "jpeg", "webp")),), default="png", fact=SPEC),
    Parameter("image", list, (Length(16, 1),), doc="Pictures to work on.", fact=SPEC),
    Parameter(
        "mask", str, doc="What of the first picture to change: where it is clear.", fact=SPEC
    ),
    Parameter(
        "output_compression",
        int,
        (Range(0, 100),),
        default=100,
        doc="How good a jpeg or webp is, in percent.",
        fact=SPEC,
    ),
    Parameter(
        "background",
        str,
        (Enum(("auto", "opaque", "transparent")),),
        default="auto",
        doc="What is behind what is drawn; transparent needs png or webp.",
        fact=SPEC,
    ),
    Parameter(
        "moderation", str, (Enum(("auto", "low")),), default="auto", doc="How strict.", fact=SPEC
    ),
    Parameter(
        "input_fidelity",
        str,
        (Enum(("low", "high")),),
        doc="How closely the pictures are kept; gpt-image-2 refuses the field.",
        fact=SPEC,
    ),
    Parameter("stream", bool, default=False, doc="Tell of pictures as they come.", fact=SPEC),
    Parameter(
        "partial_images",
        int,
        (Range(0, 3),),
        default=0,
        doc="How many drafts to stream first; they cost, and are not kept.",
        fact=SPEC,
    ),
)

GPT_IMAGE = Offer(
    ANY_MODEL,
    ANY_MODEL,
    "openai-edits",
    spells=(
        *spell("n size quality output_format output_compression moderation user"),
        *spell("input_fidelity stream partial_images"),
        Spell("background", fact=CONTRADICTED),
        Spell("image", to="images"),
        Spell("mask"),
    ),
    parameters=PARAMETERS,
    sizes=Sizes(
        min_pixels=655_360,
        max_pixels=8_294_400,
        min_ratio="1:3",
        max_ratio="3:1",
        multiple=16,
        max_side=3840,
        auto=True,
        fact=GUIDE,
    ),
    # A data URL has at most 20 MB, and base64 makes four characters of three bytes.
    references=References(
        formats=("image/png", "image/jpeg", "image/webp"), max_bytes=15_000_000, fact=SPEC
    ),
    rules=(
        Requires("mask", "image"),
        Requires("input_fidelity", "image"),
        Requires("partial_images", "stream"),
        NotWhen("output_compression", "output_format", "png"),
    ),
    instead={
        "response_format": "GPT image models answer with base64 and refuse the field; save() "
        "writes the picture",
        "seed": "there is no seed in this API",
        "negative_prompt": "say in the prompt what to leave out",
    },
    id_fact=SPEC,
    unlisted=True,
)

OPENAI = Host(
    name="openai",
    title="OpenAI",
    base_url="https://api.openai.com/v1",
    auth=Bearer(("OPENAI_API_KEY",)),
    offers=(GPT_IMAGE,),
    errors=OPENAI_REFUSALS,
    keys_url="https://platform.openai.com/api-keys",
    docs_url=GUIDE.source,
)
