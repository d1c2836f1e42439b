"""Kling AI: the maker's own API of the Kling models, in two regions with keys of their own.

Written from the vendor's pages (omni-image, image generations, multi-image to image,
authentication, errors, concurrency; https://kling.ai/document-api) and its capability map of
2026-05-19, in copies read 2026-11-21. Its older paths, with the model in the body, are the
ones that its image models are documented at.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from imagekit import (
    Bearer,
    Carriage,
    Carried,
    CostsIn,
    Each,
    Either,
    Fact,
    Host,
    Mentions,
    Offer,
    Part,
    Price,
    Rate,
    SignedToken,
    Spell,
    State,
    hookimpl,
    spell,
)
from imagekit_klingai.errors import ERRORS, PAGE

DOCS = "https://kling.ai/document-api"
OMNI = Fact(f"{DOCS} (omni-image)", "2026-11-21")
GENERATIONS = Fact(f"{DOCS} (image generations)", "2026-11-21")
MULTI = Fact(f"{DOCS} (multi-image to image)", "2026-11-21")

#: Where the account was made decides: a key of one region is unknown in the other. Name,
#: title, address, and how the environment variables of its keys begin.
REGIONS = (
    ("klingai", "Kling AI", "https://api-singapore.klingai.com", "KLINGAI"),
    ("klingai-cn", "Kling AI in China", "https://api-beijing.klingai.com", "KLINGAI_CN"),
)

#: A task can be asked for by it, as well as by the id that the host gives.
NAME = "external_task_id"
RATIO = Spell("ratio", to="aspect_ratio")
TASK = (
    RATIO,
    Spell("resolution", values={"1K": "1k", "2K": "2k", "4K": "4k"}),
    Spell("watermark", to="watermark_info.enabled"),
    *spell(f"{NAME} callback_url"),
)
ELEMENTS = Spell("element_list", how=Each("element_id"))
#: The prompt speaks of pictures by number, in the order of the list.
OMNI_TASK = (
    Spell("prompt", how=Mentions("<<<image_{}>>>")),
    Spell("image", to="image_list", how=Carried(Carriage.BASE64, Each("image"), listed=True)),
    ELEMENTS,
    *TASK,
)
SERIES = (
    Spell("sequential_image_generation", "result_type", {"auto": "series", "disabled": "single"}),
    Spell("sequential_image_generation_options", to="series_amount", how=Part("max_images")),
)
ONE_PICTURE = (
    Spell("image", how=Carried(Carriage.BASE64)),
    *spell("negative_prompt image_reference"),
    *TASK,
)
SUBJECTS = (
    Spell(
        "image",
        to="subject_image_list",
        how=Carried(Carriage.BASE64, Each("subject_image"), listed=True),
    ),
    *spell("scene_image style_image"),
    RATIO,
)


#: Outside of China; what is asked in China is not known.
PRICE = Price(
    None,
    "USD",
    Fact(
        "third parties' lists of unit prices",
        "2026-11-21",
        State.UNVERIFIED,
        "8 units at 1K and 2K, 16 at 4K, a unit at 0.0035 USD; packs differ",
    ),
    rates=(Rate("0.028", "1K"), Rate("0.028", "2K"), Rate("0.056", "4K")),
)


def _offer(model: str, id: str, path: str, spells: tuple[Spell, ...], page: Fact) -> Offer:
    paths = {"generate": f"/v1/images/{path}"}
    takes_a_name = any(spelled.parameter == NAME for spelled in spells)
    return Offer(
        model=model,
        id=id,
        wire="kling-tasks",
        spells=spells,
        paths=paths,
        id_fact=page,
        name_field=NAME if takes_a_name else "",
    )


OFFERS = (
    _offer("kling-image-o1", "kling-image-o1", "omni-image", OMNI_TASK, OMNI),
    _offer("kling-v3-omni", "kling-v3-omni", "omni-image", OMNI_TASK + SERIES, OMNI),
    _offer("kling-v3", "kling-v3", "generations", (*ONE_PICTURE, ELEMENTS), GENERATIONS),
    _offer(
        "kling-v2-1",
        "kling-v2-1",
        "generations",
        (*ONE_PICTURE, *spell("image_fidelity human_fidelity")),
        GENERATIONS,
    ),
    _offer("kling-v2-1-multi", "kling-v2-1", "multi-image2image", SUBJECTS, MULTI),
)


#: Of these the lists have a price.
PRICED = ("kling-image-o1", "kling-v3-omni", "kling-v3")
PRICED_OFFERS = tuple(
    evolve(offer, price=PRICE) if offer.model in PRICED else offer for offer in OFFERS
)


def _host(name: str, title: str, base_url: str, keys: str) -> Host:
    key_pair = SignedToken((f"{keys}_ACCESS_KEY",), (f"{keys}_SECRET_KEY",))
    return Host(
        name=name,
        title=title,
        base_url=base_url,
        auth=Either((Bearer((f"{keys}_API_KEY",)), key_pair)),
        offers=OFFERS if name == "klingai-cn" else PRICED_OFFERS,
        errors=ERRORS,
        fact=PAGE,  # of the errors; offers have pages of their own
        costs_in=CostsIn("units", OMNI),  # final_unit_deduction
        keys_url="https://kling.ai/dev/api-key",
        docs_url=DOCS,
        records="a GET of that address lists the account's tasks",
    )


HOSTS = tuple(_host(*region) for region in REGIONS)


@hookimpl
def imagekit_hosts() -> Iterable[Host]:
    return HOSTS
