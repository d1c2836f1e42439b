"""One model, of which the host serves all."""

from collections.abc import Iterable

from imagekit import Enum, Fact, Family, Length, Model, Parameter, Sizes, hookimpl

DOCS = Fact("https://docs.reed.example/models", "2026-11-21")
MODEL = Model(
    name="reed-1",
    title="Reed 1",
    parameters=(
        Parameter("prompt", str, (Length(1000),), fact=DOCS),
        Parameter("quality", str, (Enum(("standard", "hd")),), fact=DOCS),
    ),
    sizes=Sizes(
        tiers=("1K",),
        table={"1K": {"1:1": (1024, 1024), "2:1": (1408, 704)}},
        min_pixels=262_144,
        max_pixels=4_194_304,
        multiple=16,
        default_tier="1K",
        fact=DOCS,
    ),
    fact=DOCS,
)


@hookimpl
def imagekit_families() -> Iterable[Family]:
    return [Family("reed", "Reed", (MODEL,))]
