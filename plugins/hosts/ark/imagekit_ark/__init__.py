"""Volcengine Ark and BytePlus ModelArk: ByteDance's own API for Seedream.

One body and one answer everywhere; keys and ids differ, so each region is a host (see
`imagekit_ark.regions`). A field on a model whose page lacks it is an error there and not
ignored (recorded 2026-05 for ``output_format`` on 4.5 and ``image`` on 3.0), so each offer
spells what its model documents and no more.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define

from imagekit import (
    Bearer,
    Call,
    Fact,
    Host,
    Offer,
    Parameter,
    Problem,
    Range,
    State,
    hookimpl,
    spell,
)
from imagekit_ark.errors import CODES, ERRORS
from imagekit_ark.regions import REGIONS, VOLCENGINE, Region

STREAM = Parameter(
    "stream",
    bool,
    default=False,
    doc="Each picture comes as an event once it is made; Client.stream sets it.",
    fact=VOLCENGINE,
)
TOOLS = Parameter(
    "tools",
    list,
    items=dict,
    doc="[{'type': 'web_search'}] lets the model look things up; it decides, and takes longer.",
    fact=VOLCENGINE,
)
SEED = Parameter(
    "seed",
    int,
    (Range(-1, 2147483647),),
    default=-1,
    doc="The same seed gives much the same picture.",
    fact=Fact(
        "https://github.com/SilverHim/ai-video-platform (docs/research/byteplus)",
        "2026-10-08",
        State.RECORDED,
        "no page lists it for this model; paid calls took it, and it acted",
    ),
)

_EVERY = "size response_format watermark"
_GROUPS = (
    f"image {_EVERY} sequential_image_generation sequential_image_generation_options stream "
    "optimize_prompt_options"
)
_COMPACT = f"image {_EVERY} output_format optimize_prompt_options background layer_decomposition"
#: Model -> the fields that its maker documents for it.
BODY = {
    "seedream-5.5": _COMPACT,
    "seedream-5.0-pro": _COMPACT,
    "seedream-5.0-flash": f"{_COMPACT} seed",
    "seedream-5.0-lite": f"{_GROUPS} output_format",
    "seedream-4.5": _GROUPS,
    "seedream-4.0": _GROUPS,
    "seedream-3.0": f"{_EVERY} seed guidance_scale",
}
OWN = (STREAM, TOOLS)

INSTEAD = {
    "seed": "its pages have it for Seedream 3.0 only; native={'seed': 7} sends it all the same",
    "tools": "only the pages of Volcengine Ark have it, for 5.0 lite; native={...} sends it",
}


def _offer(region: Region, model: str) -> Offer:
    id, fact = region.ids[model]
    searches = region.web_search and model == "seedream-5.0-lite"
    spells = spell(f"{BODY[model]} tools" if searches else BODY[model])
    named = {one.parameter for one in spells}
    more = (SEED,) if model == "seedream-5.0-flash" else ()
    return Offer(
        model=model,
        id=id,
        wire="openai-images",
        spells=spells,
        parameters=(*more, *(one for one in OWN if one.name in named)),
        instead=INSTEAD,
        price=region.prices.get(model),
        id_fact=fact,
    )


OFFERS = {region.name: tuple(_offer(region, model) for model in region.ids) for region in REGIONS}


@define(frozen=True, eq=False, slots=False)
class Ark(Host):
    """A region, with the one thing that is no data: whose id it is that a user sets."""

    foreign: tuple[str, ...] = ()

    @hookimpl
    def imagekit_validate_request(self, call: Call) -> Iterable[Problem]:
        """Ids don't mix: one cloud's is unknown at the other (BytePlus, revision 265)."""
        id = call.route.remote_id
        if id.startswith(self.foreign):
            own = f"the one here is {call.route.offer.id}"
            yield Problem("model", f"the id {id} is another cloud's; {own}", id)


def _host(region: Region) -> Ark:
    return Ark(
        name=region.name,
        title=region.title,
        base_url=region.base_url,
        auth=Bearer((region.variable,)),
        keys_url=region.keys_url,
        docs_url=region.fact.source,
        offers=OFFERS[region.name],
        errors=ERRORS,
        fact=CODES,  # of its refusals; the ids of each region have their own page
        foreign=region.foreign,
    )


HOSTS = tuple(_host(region) for region in REGIONS)


@hookimpl
def imagekit_hosts() -> Iterable[Host]:
    return HOSTS
