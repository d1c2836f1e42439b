"""The host Example: where it is, what it serves, and how it says no."""

from __future__ import annotations

from collections.abc import Iterable

from imagekit import (
    Bearer,
    BillingError,
    Charged,
    ErrorRow,
    Fact,
    Host,
    Offer,
    Parameter,
    Range,
    RateLimited,
    hookimpl,
    spell,
)

# Where all this comes from, and when that page was read.
DOCS = Fact("https://docs.example.example/api", "2026-11-21")

SEED = Parameter(
    "seed",
    int,
    (Range(0, 4294967295),),
    doc="The same seed gives similar pictures.",
)

OFFERS = (
    Offer(
        model="example-1",
        id="example-1-latest",
        wire="openai-images",
        spells=spell("size seed response_format"),
        parameters=(SEED,),
    ),
)

ERRORS = (
    # That a call was free says a word of the host's own, never a status.
    ErrorRow(
        BillingError,
        code="insufficient_balance",
        charged=Charged.NO,
    ),
    ErrorRow(
        RateLimited,
        code="busy",
        retryable=True,
        charged=Charged.NO,
    ),
)

HOSTS = (
    Host(
        name="example",
        title="Example",
        doc="Made up, to be replaced.",
        base_url="https://api.example.example/v1",
        auth=Bearer(("EXAMPLE_API_KEY",)),
        keys_url="https://example.example/keys",
        docs_url=DOCS.source,
        fact=DOCS,
        offers=OFFERS,
        errors=ERRORS,
    ),
)


@hookimpl
def imagekit_hosts() -> Iterable[Host]:
    return HOSTS
