"""OpenAI itself: the GPT image models, by whatever id the user names.

Sources: the OpenAPI description v2.3.0 (2026-08-21); openai-python 3.57.0, which is made of a
later one (2026-11); and copies of the image guide, read 2026-11-21. The sizes are those of
gpt-image-2; models before it take three of them and ``auto``, and refuse the rest themselves.
Ids and qualities are left open: newer ones appear before they are described.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imagekit import (
    ANY_MODEL,
    Bearer,
    Call,
    Carried,
    Each,
    Enum,
    Excludes,
    Fact,
    Host,
    Length,
    ModelList,
    NotWhen,
    Offer,
    OnlyWhen,
    Parameter,
    Price,
    Problem,
    Range,
    Rate,
    Reference,
    ReferenceLimits,
    Requires,
    Retirement,
    Sizes,
    Spell,
    State,
    TokenPrice,
    Unlisted,
    When,
    hookimpl,
    spell,
)
from imagekit.wires import as_size
from imagekit_openai_compatible.errors import GUIDE, OPENAI_ERRORS, SPEC

__all__ = ["OPENAI"]

SDK = Fact("https://github.com/openai/openai-python (3.57.0)", "2026-11-28")
IN_A_FORM = Fact(
    SDK.source,
    SDK.date,
    State.UNVERIFIED,
    "documented for forms; in JSON it is sent as a mask is",
)
CONTRADICTED = Fact(
    SPEC.source,
    SPEC.date,
    State.UNVERIFIED,
    "transparent: the guide says that gpt-image-2 has none",
)

MODEL_PAGES = "https://developers.openai.com/api/docs/models"
LISTED = Fact(f"{MODEL_PAGES}/gpt-image-2.6-sunburst", "2026-11-29")
LISTED_MINI = Fact(f"{MODEL_PAGES}/gpt-image-1-mini", "2026-11-29")
QUOTED = Fact(
    "https://developers.openai.com/api/docs/pricing",
    "2026-10-02",
    State.UNVERIFIED,
    "the page as third parties quote it",
)
SUNBURST = TokenPrice("5", "8", None, "30")
#: The vendor's model pages. Of words that come nobody says a price: there are none.
PRICES = {
    "gpt-image-2.6-sunburst": Price(None, "USD", LISTED, tokens=SUNBURST),
    "gpt-image-2.5-sunburst": Price(None, "USD", QUOTED, tokens=SUNBURST),
    "gpt-image-2.5-flare": Price(None, "USD", QUOTED, tokens=SUNBURST),
    "gpt-image-2": Price(None, "USD", QUOTED, tokens=SUNBURST),
    "gpt-image-1-mini": Price(
        None,
        "USD",
        LISTED_MINI,
        rates=(
            Rate("0.005", quality="low", max_pixels=1024 * 1024),
            Rate("0.006", quality="low", max_pixels=1024 * 1536),
            Rate("0.011", quality="medium", max_pixels=1024 * 1024),
            Rate("0.015", quality="medium", max_pixels=1024 * 1536),
            Rate("0.036", quality="high", max_pixels=1024 * 1024),
            Rate("0.052", quality="high", max_pixels=1024 * 1536),
        ),
        tokens=TokenPrice("2", "2.5", None, "8"),
    ),
}

RETIRED = {
    "gpt-image-1": Retirement(
        "2026-10-23", SDK, instead="gpt-image-2.5-sunburst or gpt-image-2.5-flare"
    ),
    "dall-e-2": Retirement("2026-05-12", SDK, instead="a GPT image model"),
    "dall-e-3": Retirement("2026-05-12", SDK, instead="a GPT image model"),
}

PARAMETERS = (
    Parameter("prompt", str, (Length(32_000),)),
    Parameter("n", int, (Range(1, 10),), default=1),
    Parameter(
        "quality",
        str,
        default="auto",
        doc="auto, low, medium, high; of 2.5 also xhigh and max.",
        fact=SDK,
    ),
    Parameter(
        "output_format",
        str,
        (Enum(("png", "jpeg", "webp", "gif", "svg")),),
        default="png",
        doc="gif moves, svg is drawn in lines: of some models, for accounts that have them.",
        fact=SDK,
    ),
    Parameter(
        "frame_count",
        int,
        (Range(2, 16),),
        default=9,
        doc="How many pictures a gif is made of.",
        fact=SDK,
    ),
    Parameter(
        "frame_duration_ms",
        int,
        (Range(1, 655_350),),
        default=200,
        doc="How long each picture of a gif is shown, to the nearest 10 milliseconds.",
        fact=SDK,
    ),
    Parameter(
        "svg",
        dict,
        parts=(
            Parameter("model", str, doc="The model that writes the svg."),
            Parameter("reasoning", dict, doc="{'effort': 'low'}: how hard that model thinks."),
        ),
        doc="Which model writes an svg, for accounts that may choose.",
        fact=SDK,
    ),
    Parameter(
        "complexity",
        str,
        (Enum(("low", "medium", "high")),),
        doc="How much the picture is planned before it is drawn.",
        fact=SDK,
    ),
    Parameter(
        "markup",
        str,
        doc="A clear PNG with marks, laid over the first picture; a link or a data URL.",
        fact=SDK,
    ),
    Parameter("image", list, (Length(16, 1, unit="items"),), doc="Pictures to work on."),
    Parameter("mask", str, doc="What of the first picture to change: where it is clear."),
    Parameter(
        "output_compression",
        int,
        (Range(0, 100),),
        default=100,
        doc="How good a jpeg or webp is, in percent.",
    ),
    Parameter(
        "background",
        str,
        (Enum(("auto", "opaque", "transparent")),),
        default="auto",
        doc="What is behind what is drawn; transparent needs png or webp.",
    ),
    Parameter("moderation", str, (Enum(("auto", "low")),), default="auto", doc="How strict."),
    Parameter(
        "input_fidelity",
        str,
        (Enum(("low", "high")),),
        doc="How closely the pictures are kept; gpt-image-2 refuses the field.",
    ),
    Parameter("stream", bool, default=False, doc="Tell of pictures as they come."),
    Parameter(
        "partial_images",
        int,
        (Range(0, 3),),
        default=0,
        doc="How many drafts to stream first; they cost, and are not kept.",
    ),
)

GPT_IMAGE = Offer(
    model=ANY_MODEL,
    id=ANY_MODEL,
    wire="openai-edits",
    spells=(
        *spell("n size quality output_format output_compression moderation"),
        *spell("input_fidelity stream partial_images frame_count frame_duration_ms"),
        *spell("svg complexity"),
        Spell("user", to="safety_identifier"),  # its successor; user is deprecated (openai 3.57.0)
        Spell("markup", to="markup.image_url", fact=IN_A_FORM),
        Spell("background", fact=CONTRADICTED),
        Spell("image", to="images", how=Carried(each=Each("image_url"), listed=True)),
        Spell("mask", how=Carried(each=Each("image_url"))),
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
    references=ReferenceLimits(
        formats=("image/png", "image/jpeg", "image/webp"), max_bytes=15_000_000
    ),
    rules=(
        Requires("mask", "image"),
        Requires("input_fidelity", "image"),
        Requires("partial_images", "stream"),
        Requires("markup", "image"),
        Excludes("markup", "mask"),
        NotWhen("output_compression", "output_format", "png"),
        When("background", "transparent", "output_format", Enum(("png", "webp"))),
        OnlyWhen("frame_count", "output_format", "gif"),
        OnlyWhen("frame_duration_ms", "output_format", "gif"),
        NotWhen("mask", "output_format", "gif"),
        OnlyWhen("svg", "output_format", "svg"),
        When("output_format", "svg", "n", Range(1, 1)),
        *(
            rule
            for kind in ("gif", "svg")
            for rule in (
                When("output_format", kind, "stream", Enum((False,))),
                NotWhen("output_compression", "output_format", kind),
            )
        ),
    ),
    instead={
        "response_format": "GPT image models answer with base64 and refuse the field; save() "
        "writes the picture",
        "seed": "there is no seed in this API",
        "negative_prompt": "say in the prompt what to leave out",
    },
    unlisted=Unlisted(PRICES, RETIRED),
)


class OpenAI(Host):
    """The host, with what no rule can say: what a mask has to be."""

    @hookimpl
    def imagekit_validate_request(self, call: Call) -> Iterable[Problem]:
        mask = call.values.get("mask")
        return [] if mask is None or mask.url is not None else _unfit(mask, call.references)


#: Bytes of a mask; the guide speaks of 50 MB.
MASK_BYTES = 4_000_000


def _unfit(mask: Reference, pictures: tuple[Reference, ...]) -> Iterator[Problem]:
    """A PNG of less than 4 MB, as wide and high as the first picture (openai-python 3.57.0)."""
    if mask.media_type != "image/png":
        yield Problem("mask", f"is {mask.media_type}; it has to be a PNG, clear where to draw")
    if (mask.size or 0) >= MASK_BYTES:
        yield Problem("mask", f"has {mask.size:,} bytes; less than 4 MB are taken", mask.size)
    first = pictures[0].pixels if pictures else None
    if mask.pixels and first and mask.pixels != first:
        message = (
            f"is {as_size(mask.pixels)}, and the first picture {as_size(first)}; both have to agree"
        )
        yield Problem("mask", message, as_size(mask.pixels), as_size(first))


OPENAI = OpenAI(
    name="openai",
    title="OpenAI",
    base_url="https://api.openai.com/v1",
    auth=Bearer(("OPENAI_API_KEY",)),
    offers=(GPT_IMAGE,),
    errors=OPENAI_ERRORS,
    keys_url="https://platform.openai.com/api-keys",
    docs_url=GUIDE.source,
    fact=SPEC,
    models_at=ModelList(),
)
