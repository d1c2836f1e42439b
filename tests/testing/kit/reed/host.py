"""A healthy host with a queue: the wire of ``imagekit plugins new --wire``, and what most hosts
have beside: sizes of two fields, references as objects, a scheme of its own.

The tests make copies of it with one mistake each; "reed" is another name in every copy.
"""

from collections.abc import Iterable

from imagekit import (
    Bearer,
    Carried,
    Charged,
    Each,
    ErrorRow,
    Fact,
    Host,
    HostUnavailable,
    Length,
    Moderated,
    Offer,
    Parameter,
    Range,
    RateLimited,
    Spell,
    hookimpl,
    spell,
)

DOCS = Fact("https://docs.reed.example/api", "2026-11-21")

HOST = Host(
    name="reed-host",
    title="Reed",
    base_url="https://api.reed.example/v1",
    auth=Bearer(("REED_API_KEY",), scheme="Key"),
    fact=DOCS,
    offers=(
        Offer(
            model="reed-1",
            id="r-1",
            wire="reed-queue",
            spells=(
                *spell("n seed quality"),
                Spell("size", to=("image_size.width", "image_size.height")),
                Spell("image", to="refs", how=Carried(each=Each("image_url.url"), listed=True)),
            ),
            parameters=(
                Parameter("n", int, (Range(1, 4),)),
                Parameter("seed", int, (Range(0, 99),)),
                Parameter("image", list, (Length(3, 1, unit="items"),)),
            ),
            sizes={"multiple": 16, "fact": DOCS},
            paths={"generate": "/jobs", "edit": "/jobs/edit"},
            headers={"X-Reed-Version": "2"},
        ),
    ),
    errors=(
        ErrorRow(RateLimited, code="busy", retryable=True, charged=Charged.NO),
        ErrorRow(Moderated, code="content_policy", charged=Charged.NO),
        ErrorRow(HostUnavailable, text="worker lost", charged=Charged.NO),
    ),
)


@hookimpl
def imagekit_hosts() -> Iterable[Host]:
    return [HOST]
