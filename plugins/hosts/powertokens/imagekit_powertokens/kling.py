"""PowerTokens' Kling: its maker's paths and fields below ``/kling``.

The pages document the POSTs and their answers. Parts of two of them are cut off in the copies
that were read, and how a task is asked for is on none.
"""

from __future__ import annotations

from imagekit import Carriage, Carried, Each, Fact, Mentions, Offer, Part, Spell, State, spell

__all__ = ["KLING"]

PAGES = "https://docs.powertokens.ai/en/zmodelImage/kling"
READ = "2026-11-21"
OMNI = Fact(f"{PAGES}/kling-v3-omni-image-omni", READ)
GENERATIONS = Fact(f"{PAGES}/kling-v3-image-generations", READ)
MULTI = Fact(f"{PAGES}/multi-image2image", READ)
CUT_OFF = Fact(
    GENERATIONS.source, READ, State.UNVERIFIED, "the copy ends before it; its maker has it"
)
CUT_OFF_MULTI = Fact(
    MULTI.source, READ, State.UNVERIFIED, "the copy ends before it; its maker has it"
)
SWITCH = Fact(
    OMNI.source, READ, State.UNVERIFIED, "a switch is named and not its field; its maker's is sent"
)
CASE = Fact(
    OMNI.source, READ, State.UNVERIFIED, "the page prints 1k, 2k and 4K; its maker writes 4k"
)
QUERY = Fact(
    "https://github.com/ym1623/powertokens-cli",
    READ,
    State.UNVERIFIED,
    "no page says how a task is asked for; it is done as at the model's maker, with a GET of the "
    "same path and the task's id",
)

TIERS = {"1K": "1k", "2K": "2k", "4K": "4k"}


def _kling(model: str, id: str, path: str, page: Fact, *spells: Spell) -> Offer:
    return Offer(
        model=model,
        id=id,
        wire="kling-tasks",
        spells=spells,
        paths={"generate": f"/kling/v1/images/{path}"},
        id_fact=page,
        path_fact=QUERY,
    )


KLING = (
    _kling(
        "kling-v3-omni",
        "kling-v3-omni",
        "omni-image",
        OMNI,
        Spell("prompt", how=Mentions("<<<image_{}>>>")),
        Spell("image", to="image_list", how=Carried(Carriage.BASE64, Each("image"), listed=True)),
        Spell("element_list", how=Each("element_id")),
        Spell("ratio", to="aspect_ratio"),
        Spell("resolution", values=TIERS, fact=CASE),
        Spell(
            "sequential_image_generation", "result_type", {"auto": "series", "disabled": "single"}
        ),
        Spell("sequential_image_generation_options", to="series_amount", how=Part("max_images")),
        Spell("watermark", to="watermark_info.enabled", fact=SWITCH),
        Spell("callback_url"),
    ),
    _kling(
        "kling-v3",
        "kling-v3",
        "generations",
        GENERATIONS,
        Spell("image", how=Carried(Carriage.BASE64)),
        *spell("negative_prompt image_reference"),
        Spell("ratio", to="aspect_ratio"),
        Spell("resolution", values=TIERS, fact=CUT_OFF),
        Spell("callback_url", fact=CUT_OFF),
    ),
    _kling(
        "kling-v2-multi",
        "kling-v2",
        "multi-image2image",
        MULTI,
        Spell(
            "image",
            "subject_image_list",
            how=Carried(Carriage.BASE64, Each("subject_image"), listed=True),
        ),
        Spell("scene_image"),
        Spell("style_image", fact=CUT_OFF_MULTI),
        Spell("n", fact=CUT_OFF_MULTI),
        Spell("ratio", to="aspect_ratio", fact=CUT_OFF_MULTI),
    ),
)
