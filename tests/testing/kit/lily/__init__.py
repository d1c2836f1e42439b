"""A healthy plugin: a model with a rule of every kind, and a host that serves it.

The tests make copies of it with one mistake each; "lily" is another name in every copy.
"""

from collections.abc import Iterable
from decimal import Decimal

from imagekit import (
    Bearer,
    BillingError,
    Charged,
    Enum,
    ErrorRow,
    Excludes,
    Fact,
    Family,
    Host,
    Length,
    Model,
    NotWhen,
    Offer,
    OnlyWhen,
    Parameter,
    Price,
    Range,
    RateLimited,
    ReferenceLimits,
    Requires,
    Sizes,
    Spell,
    SumAtMost,
    hookimpl,
    spell,
)

PAGE = Fact("https://lily.example/docs", "2026-11-21")

PARAMETERS = (
    Parameter("prompt", str, (Length(40, 2), Length(6, unit="words", advice=True)), fact=PAGE),
    Parameter("seed", int, (Range(0, 99),), fact=PAGE),
    Parameter("quality", str, (Enum(("hd", "standard")),), fact=PAGE),
    Parameter("image", list, (Length(3, 1, unit="items"),), fact=PAGE),
    Parameter("n", int, (Range(1, 4),), fact=PAGE),
    Parameter("negative_prompt", str, fact=PAGE),
    Parameter("style", str, fact=PAGE),
    Parameter("strength", float, (Range(0.0, 1.0),), fact=PAGE),
    Parameter("camera", dict, parts=(Parameter("zoom", int, (Range(1, 9),)),), fact=PAGE),
)
SIZES = Sizes(
    tiers=("1K", "2K"),
    table={
        "1K": {"1:1": (1024, 1024), "2:1": (1408, 704)},
        "2K": {"1:1": (2048, 2048), "2:1": (2880, 1440)},
    },
    min_pixels=512 * 512,
    max_pixels=2048 * 2048,
    min_ratio="1:4",
    max_ratio="4:1",
    multiple=8,
    default_tier="1K",
    fact=PAGE,
)
FILES = ReferenceLimits(
    formats=("image/png", "image/jpeg"),
    max_bytes=1_000_000,
    min_side=16,
    max_pixels=4_000_000,
    min_ratio="1:4",
    max_ratio="4:1",
    fact=PAGE,
)
RULES = (
    Requires("style", "strength"),
    Excludes("negative_prompt", "image"),
    OnlyWhen("strength", "quality", "hd"),
    NotWhen("camera", "quality", "standard"),
    SumAtMost(("image", "n"), 5),
)
FAMILY = Family(
    "lily",
    "Lily",
    (
        Model(
            "lily-1",
            "Lily 1",
            aliases=("lily-one", "vendor/lily"),
            parameters=PARAMETERS,
            sizes=SIZES,
            references=FILES,
            rules=RULES,
            fact=PAGE,
        ),
    ),
)
HOST = Host(
    name="lily-host",
    title="Lily",
    base_url="https://lily.example/v1",
    auth=Bearer(("LILY_API_KEY",)),
    offers=(
        Offer(
            "lily-1",
            "l-1",
            "openai-images",
            spells=(
                *spell("size seed image n negative_prompt style strength"),
                Spell("quality", to="output.quality", values={"hd": 2, "standard": 1}),
                Spell("camera", to="output.camera"),
            ),
            price=Price(Decimal("0.01"), "USD", PAGE),
            id_fact=PAGE,
        ),
    ),
    errors=(
        ErrorRow(RateLimited, 429, "slow_down", retryable=True, charged=Charged.NO, fact=PAGE),
        ErrorRow(BillingError, 403, text="quota", charged=Charged.NO, fact=PAGE),
    ),
)


@hookimpl
def imagekit_families() -> Iterable[Family]:
    return [FAMILY]


@hookimpl
def imagekit_hosts() -> Iterable[Host]:
    return [HOST]
