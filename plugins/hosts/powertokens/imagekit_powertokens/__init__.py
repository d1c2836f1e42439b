"""PowerTokens: a gateway that serves Seedream, one synchronous POST per call, and Kling, by
the tasks of its maker.

Written from https://docs.powertokens.ai/en/byteplus/image and the three pages of
.../en/zmodelImage/kling, read 2026-11-21. The host publishes no error page and no rate limits
(`imagekit_powertokens.errors`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from imagekit import (
    Bearer,
    Carried,
    Fact,
    Host,
    ModelList,
    Offer,
    Parameter,
    Price,
    Range,
    Spell,
    State,
    hookimpl,
    spell,
)
from imagekit_powertokens.errors import ERRORS
from imagekit_powertokens.kling import KLING

PAGE = Fact("https://docs.powertokens.ai/en/byteplus/image", "2026-11-21")
PRICES = Fact(
    "https://github.com/ym1623/powertokens-cli (dist/client.js)",
    "2026-11-21",
    State.UNVERIFIED,
    "a third party's price list",
)

CLIENT = Fact(
    PRICES.source, PRICES.date, State.UNVERIFIED, "a third party's client asks it; no page does"
)
DATA_URLS = Fact(PAGE.source, PAGE.date, State.UNVERIFIED, "the page shows links only")

SEED = Parameter(
    "seed",
    int,
    (Range(-1, 2147483647),),
    default=-1,
    doc='Random seed; "supported by some Seedream models", the page does not say which.',
    fact=Fact(PAGE.source, PAGE.date, State.UNVERIFIED, "which models use it is not said"),
)


def _seedream(
    model: str, id: str, sizes: Mapping[str, Any] | None = None, price: str | None = None
) -> Offer:
    return Offer(
        model=model,
        id=id,
        wire="openai-images",
        spells=(
            Spell("image", how=Carried(fact=DATA_URLS)),
            *spell(
                "size response_format seed watermark "
                "sequential_image_generation sequential_image_generation_options"
            ),
        ),
        parameters=(SEED,),
        sizes=sizes,
        paths={"generate": "/v1/images/generations"},
        price=Price(price, "USD", PRICES) if price else None,
    )


OFFERS = (
    # This page still has the first limits of 5.0 lite; its maker has raised them since.
    _seedream(
        "seedream-5.0-lite",
        "seedream-5-0-260128",
        {"tiers": ("2K", "3K"), "max_pixels": 10_404_496},
        price="0.034",
    ),
    _seedream("seedream-4.5", "seedream-4-5-251128", price="0.038"),
    _seedream("seedream-4.0", "seedream-4-0-250828"),
    *KLING,
)

POWERTOKENS = Host(
    name="powertokens",
    title="PowerTokens",
    base_url="https://api.powertokens.ai",
    auth=Bearer(("POWERTOKENS_API_KEY",)),
    keys_url="https://powertokens.ai",
    docs_url=PAGE.source,
    fact=PAGE,
    models_at=ModelList("/v1/models", fact=CLIENT),
    offers=OFFERS,
    errors=ERRORS,
)


HOSTS = (POWERTOKENS,)


@hookimpl
def imagekit_hosts() -> Iterable[Host]:
    return HOSTS
