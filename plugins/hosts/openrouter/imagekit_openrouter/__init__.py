"""OpenRouter: a gateway with one images API for every model; one synchronous POST per call.

Written from its guide of image generation and its page of errors, read 2026-11-30. Which ids and
parameters a model has, its catalogue says (``GET /images/models``, which needs no key); what is
here of it, others have recorded. Ratios and tiers are words there, and of their pixels nothing is
said; only Google's models have a table, as their maker takes the same words.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from imagekit import (
    Bearer,
    Carried,
    CostsIn,
    Each,
    Enum,
    Fact,
    Host,
    ModelList,
    Offer,
    Parameter,
    Range,
    Sizes,
    Spell,
    State,
    hookimpl,
    spell,
)
from imagekit_openrouter.errors import ERRORS

GUIDE = Fact("https://openrouter.ai/docs/guides/overview/multimodal/image-generation", "2026-11-30")
CATALOGUE = Fact(
    "https://openrouter.ai/api/v1/images/models",
    "2026-10-05",
    State.RECORDED,
    "as third parties have recorded it, from 2026-07-26 on",
)
BFL = "provider.options.black-forest-labs"
PICTURES = Carried(each=Each("image_url.url", beside={"type": "image_url"}), listed=True)
COMMON = (Spell("ratio", to="aspect_ratio"), Spell("image", to="input_references", how=PICTURES))
TOLERANCE = Spell("safety_tolerance", to=f"{BFL}.safety_tolerance")
FLUX = (*COMMON, *spell("seed output_format"), TOLERANCE)
FLEX = (*FLUX, Spell("steps", to=f"{BFL}.steps"), Spell("guidance", to=f"{BFL}.guidance"))
GOOGLE = (*COMMON, *spell("resolution"))
FORMAT = Parameter("output_format", str, (Enum(("png", "jpeg")),), fact=CATALOGUE)
SEED = Parameter("seed", int, fact=CATALOGUE)
N = Parameter("n", int, (Range(1, 10),), default=1, fact=CATALOGUE)
RATIOS = ("1:1", "4:3", "3:4", "3:2", "2:3", "16:9", "9:16", "21:9")
SEEDREAM_RATIOS = (*RATIOS, "1:2", "2:1", "4:5", "5:4", "9:20", "20:9", "9:21")
FLUX_SIZES = Sizes(custom=False, named_ratios=RATIOS, fact=CATALOGUE)


def _offer(model: str, id: str, spells: tuple[Spell, ...], **own: Any) -> Offer:
    return Offer(
        model=model,
        id=id,
        wire="openai-images",
        spells=spells,
        paths={"generate": "/images"},
        id_fact=CATALOGUE,
        **own,
    )


def _flux(name: str, spells: tuple[Spell, ...] = FLUX) -> Offer:
    own = {"parameters": (FORMAT,), "sizes": FLUX_SIZES}
    return _offer(f"flux-2-{name}", f"black-forest-labs/flux.2-{name}", spells, **own)


def _seedream(model: str, id: str, *tiers: str, also: tuple[Parameter, ...] = ()) -> Offer:
    sizes = Sizes(tiers, custom=False, named_ratios=SEEDREAM_RATIOS, fact=CATALOGUE)
    spells = (*GOOGLE, *spell(" ".join(one.name for one in (SEED, *also))))
    return _offer(model, f"bytedance-seed/{id}", spells, parameters=(SEED, *also), sizes=sizes)


OFFERS = (
    *map(_flux, ("max", "pro", "klein-4b")),
    _flux("flex", FLEX),
    _seedream("seedream-5.0-pro", "seedream-5-0-pro", "1K", "2K"),
    _seedream("seedream-5.0-flash", "seedream-5-0-flash", "1K", "2K"),
    _seedream("seedream-5.0-lite", "seedream-5-0-lite", "2K", "4K"),
    _seedream("seedream-4.5", "seedream-4.5", "2K", "4K", also=(N,)),
    _offer("nano-banana-pro", "google/gemini-3-pro-image", GOOGLE),
    _offer("nano-banana-2", "google/gemini-3.1-flash-image", GOOGLE),
    _offer("nano-banana-2-lite", "google/gemini-3.1-flash-lite-image", GOOGLE),
    _offer("nano-banana-2.1", "google/gemini-nano-banana-2.1", GOOGLE),
)

OPENROUTER = Host(
    name="openrouter",
    title="OpenRouter",
    base_url="https://openrouter.ai/api/v1",
    auth=Bearer(("OPENROUTER_API_KEY",)),
    keys_url="https://openrouter.ai/keys",
    docs_url=GUIDE.source,
    fact=GUIDE,
    models_at=ModelList("/images/models"),
    costs_in=CostsIn("USD"),
    offers=OFFERS,
    errors=ERRORS,
)

HOSTS = (OPENROUTER,)


@hookimpl
def imagekit_hosts() -> Iterable[Host]:
    return HOSTS
