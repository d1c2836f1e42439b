"""Token360: a gateway with one body for every model, and a native mode for the rest.

Written from https://www.token360.ai/en-US/docs/api-reference/image-generation and its
neighbours (error-handling, authentication, models/native-params-passthrough), read
2026-11-21. The page names each model's controls but not their values, so those are the
family's own; of the model ids it shows only one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from imagekit import (
    Bearer,
    Call,
    Fact,
    Host,
    ModelList,
    Offer,
    Parameter,
    Problem,
    Range,
    RecordsAt,
    Sizes,
    Spell,
    State,
    hookimpl,
    spell,
)
from imagekit_token360.errors import ERROR_PAGE, ERRORS

DOCS = "https://www.token360.ai/en-US/docs"
PAGE = Fact(f"{DOCS}/api-reference/image-generation", "2026-11-21")
RECORDS = Fact(f"{DOCS}/api-reference/list-images", "2026-11-21")
NATIVE = Fact(f"{DOCS}/models/native-params-passthrough", "2026-11-21")
SILENT = Fact(
    PAGE.source, PAGE.date, State.UNVERIFIED, "a field of the page that the model's card lacks"
)
GUESSED = Fact(
    PAGE.source,
    PAGE.date,
    State.UNVERIFIED,
    "the display name in lower case, as in the one id that the page shows",
)

UNSAID = Fact(
    PAGE.source, PAGE.date, State.UNVERIFIED, "the card names the control and not its values"
)

SEED = Parameter(
    "seed",
    int,
    (Range(-1, 2147483647),),
    doc="Random seed.",
    fact=Fact(PAGE.source, PAGE.date, State.UNVERIFIED, "the range is that of other hosts"),
)

INSTEAD = {
    "n": "the model decides how many a group has: say it in the prompt",
    "quality": "the page has it for other models; size or resolution says how many pixels",
    "sequential_image_generation_options": "the page has no such field; "
    "native={'sequential_image_generation_options': {'max_images': 4}} reaches the model's own",
}


#: "from text plus one or more input images", and no field; the hosts of the same dialect call
#: it image.
IMAGE = Spell(
    "image",
    fact=Fact(
        PAGE.source,
        PAGE.date,
        State.UNVERIFIED,
        "the page speaks of input images and names no field; one client was refused this one",
    ),
)
ONLY_NATIVE = "the page has it for other models; native={...} sends the supplier's own field"


def _seedream(model: str, id: str, spells: tuple[Spell, ...], id_fact: Fact) -> Offer:
    return Offer(
        model=model,
        id=id,
        wire="openai-images",
        spells=spells,
        parameters=(SEED,),
        native_headers={"Token360-Native-Params": "true"},
        instead=INSTEAD,
        id_fact=id_fact,
    )


_CARD = (
    IMAGE,
    *spell("seed watermark response_format sequential_image_generation"),
    *spell("size", SILENT),
)
# The lite card lacks size as well, but the page's own example sends it.
_LITE_CARD = (
    IMAGE,
    *spell("size seed watermark"),
    *spell("response_format sequential_image_generation", SILENT),
)


SEEDREAM = (
    _seedream("seedream-5.0-lite", "dola-seedream-5.0-lite", _LITE_CARD, PAGE),
    _seedream("seedream-4.5", "seedream-4.5", _CARD, GUESSED),
    _seedream("seedream-4.0", "seedream-4.0", _CARD, GUESSED),
)


def _other(
    model: str,
    *spells: Spell,
    sizes: Sizes | None = None,
    instead: Mapping[str, str] = {},
) -> Offer:
    """An offer of a model whose supplier has words of its own, which native mode reaches."""
    return Offer(
        model=model,
        id=model,
        wire="openai-images",
        spells=spells,
        sizes=sizes,
        native_headers={"Token360-Native-Params": "true"},
        instead=instead,
        id_fact=GUESSED,
    )


#: The card of Kling Image O1 names size and not its values: the model's own tiers are passed
#: on, and any pixels.
_ANY_SIZE = Sizes(tiers=("1K", "2K"), fact=UNSAID)


OFFERS = (
    *SEEDREAM,
    _other("kling-image-o1", IMAGE, Spell("n"), Spell("size", fact=UNSAID), sizes=_ANY_SIZE),
    _other(
        "nano-banana-pro",
        IMAGE,
        Spell("ratio"),
        Spell("resolution", to="quality", fact=UNSAID),
        Spell("quality", fact=UNSAID),
    ),
    _other("glm-image", instead={"size": ONLY_NATIVE, "quality": ONLY_NATIVE}),
)


class Token360(Host):
    """The host, with the one thing that is no data: what native mode makes of the body."""

    @hookimpl
    def imagekit_validate_request(self, call: Call) -> Iterable[Problem]:
        """In native mode the body is the supplier's own, so the page's words mean nothing
        there, but for models whose supplier happens to use the same ones."""
        own = {offer.model for offer in SEEDREAM}
        if not call.native or call.route.model.name in own:
            return []
        return [
            Problem(name, "is not read in native mode; say it in native, in the supplier's words")
            for name in call.values
            if name not in ("model", "prompt")
        ]


TOKEN360 = Token360(
    name="token360",
    title="Token360",
    base_url="https://api.token360.ai/v1",
    auth=Bearer(("TOKEN360_API_KEY",)),
    keys_url="https://www.token360.ai",
    docs_url=PAGE.source,
    fact=ERROR_PAGE,
    models_at=ModelList(),  # "check the id with GET /v1/models"
    records_at=RecordsAt(fact=RECORDS),
    offers=OFFERS,
    errors=ERRORS,
)

HOSTS = (TOKEN360,)


@hookimpl
def imagekit_hosts() -> Iterable[Host]:
    return HOSTS
