"""fal: a queue for every model, each at an address of its own.

Written from its pages of the queue, of errors and of questions, and from the page of each model,
read 2026-11-30. The wire is `imagekit_fal.wire`, what its refusals mean `imagekit_fal.errors`.
"""

from __future__ import annotations

from collections.abc import Iterable

from imagekit import (
    Bearer,
    Carried,
    Enum,
    Fact,
    Host,
    Implied,
    Length,
    Offer,
    Parameter,
    Part,
    Price,
    Range,
    Rate,
    Spell,
    State,
    SumAtMost,
    hookimpl,
    spell,
)
from imagekit_fal.errors import ERRORS
from imagekit_fal.wire import imagekit_wires as imagekit_wires

QUEUE = Fact("https://fal.ai/docs/documentation/model-apis/inference/queue", "2026-11-30")
PRO = Fact("https://fal.ai/docs/model-api-reference/image-generation-api/flux-2-pro", "2026-11-30")
MAX = Fact("https://fal.ai/models/fal-ai/flux-2-max/edit/llms.txt", "2026-11-30")
FLEX = Fact("https://fal.ai/models/fal-ai/flux-2-flex/llms.txt", "2026-11-30")
KLEIN = Fact("https://fal.ai/models/fal-ai/flux-2/klein/9b/llms.txt", "2026-11-30")
SEEDREAM = Fact(
    "https://fal.ai/docs/model-api-reference/image-generation-api/bytedance-seedream-v4.5",
    "2026-11-30",
)
SEEDREAM_4 = Fact(
    "https://fal.ai/models/fal-ai/bytedance/seedream/v4/text-to-image/llms.txt", "2026-11-30"
)
SENT = Fact(
    FLEX.source,
    FLEX.date,
    State.UNVERIFIED,
    "the page's copy ends before it; clients of others send it",
)
AS_ITS_SIBLINGS = Fact(
    KLEIN.source,
    KLEIN.date,
    State.UNVERIFIED,
    "the page's copy ends before it; [pro] has it",
)

MEGAPIXEL = 1 << 20
LISTED = Carried(listed=True)
SIZE = ("image_size.width", "image_size.height")
PARTS = (Spell("size", to=SIZE), Spell("image", to="image_urls", how=LISTED), *spell("seed"))
TOLERANCES = {level: str(level) for level in range(1, 6)}
HOSTED = (
    *PARTS,
    *spell("output_format"),
    Spell("safety_tolerance", values=TOLERANCES),
)
TUNED = (
    *HOSTED,
    Spell("steps", to="num_inference_steps", fact=SENT),
    Spell("guidance", to="guidance_scale", fact=SENT),
)
GROUPS = (
    Spell("size", to=SIZE, values={"2K": "auto_2K", "4K": "auto_4K"}),
    *PARTS[1:],
    Spell("n", to="num_images"),
    Spell(
        "sequential_image_generation",
        how=Implied("sequential_image_generation_options", "auto", "disabled"),
    ),
    Spell("sequential_image_generation_options", to="max_images", how=Part("max_images")),
)
FORMAT = Parameter("output_format", str, (Enum(("jpeg", "png")),), default="jpeg", fact=PRO)
TOLERANCE = Parameter("safety_tolerance", int, (Range(1, 5),), default=2, fact=PRO)
OF_SEEDREAM = (
    Parameter("seed", int, doc="Random seed."),
    Parameter("n", int, (Range(1, 6),), default=1, doc="How often the model is run."),
    Parameter("image", list, (Length(10, 1, unit="items"),), doc="Reference pictures."),
    Parameter(
        "sequential_image_generation_options",
        dict,
        parts=(Parameter("max_images", int, (Range(1, 6),), doc="How many each run may make."),),
    ),
)
#: No more than the page says: the options alone are a group here.
TOGETHER = (SumAtMost(("image", "sequential_image_generation_options.max_images"), 15),)


def _by_area(first: str, *more: str, reference: str, fact: Fact) -> Price:
    """By the megapixel, rounded up for each picture, those that are sent as well."""
    rates = (Rate(each, max_pixels=n * MEGAPIXEL) for n, each in enumerate((first, *more), 1))
    return Price(
        None,
        "USD",
        fact,
        rates=tuple(rates),
        reference=reference,
        reference_area=MEGAPIXEL,
    )


def _flux(name: str, spells: tuple[Spell, ...], fact: Fact, price: Price) -> Offer:
    return Offer(
        model=f"flux-2-{name}",
        id=f"fal-ai/flux-2-{name}",
        wire="fal-queue",
        spells=spells,
        parameters=(FORMAT, TOLERANCE),
        price=price,
        id_fact=fact,
    )


def _seedream(version: str, fact: Fact, price: str) -> Offer:
    return Offer(
        model=f"seedream-{version}",
        id=f"fal-ai/bytedance/seedream/v{version.removesuffix('.0')}",
        wire="fal-queue",
        spells=GROUPS,
        parameters=OF_SEEDREAM,
        sizes={"tiers": ("2K", "4K")},
        instead={"resolution": "2K and 4K stand alone here; with a ratio, ask for a size"},
        rules=TOGETHER,
        paths={"generate": "/{id}/text-to-image", "edit": "/{id}/edit"},
        price=Price(price, "USD", fact),
        id_fact=fact,
    )


OFFERS = (
    _flux(
        "max",
        HOSTED,
        MAX,
        _by_area("0.07", "0.10", "0.13", "0.16", reference="0.03", fact=MAX),
    ),
    _flux(
        "pro",
        HOSTED,
        PRO,
        _by_area("0.03", "0.045", "0.06", "0.075", reference="0.015", fact=PRO),
    ),
    _flux(
        "flex",
        TUNED,
        FLEX,
        _by_area("0.05", "0.10", "0.15", "0.20", reference="0.05", fact=FLEX),
    ),
    Offer(
        model="flux-2-klein-9b",
        id="fal-ai/flux-2/klein/9b",
        wire="fal-queue",
        spells=(Spell("size", to=SIZE, fact=AS_ITS_SIBLINGS), *PARTS[1:]),
        id_fact=KLEIN,
    ),
    _seedream("4.5", SEEDREAM, "0.04"),
    _seedream("4.0", SEEDREAM_4, "0.03"),
)

FAL = Host(
    name="fal",
    title="fal",
    base_url="https://queue.fal.run",
    auth=Bearer(("FAL_KEY",), scheme="Key"),
    keys_url="https://fal.ai/dashboard/keys",
    docs_url=QUEUE.source,
    fact=QUEUE,
    offers=OFFERS,
    errors=ERRORS,
)

HOSTS = (FAL,)


@hookimpl
def imagekit_hosts() -> Iterable[Host]:
    return HOSTS
