"""Where ByteDance serves Seedream: three addresses, each with keys and ids of its own.

Sources: the Volcengine page "图片生成 API" (docs 82379/1541523), of 2026; the vendor's Python
SDK (github.com/volcengine/volcengine-python-sdk, b5be43b5, 2026-07-23); and a third party's
audit of the BytePlus ModelArk documentation, revision 265, of 2026-10-08.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from imagekit import Fact, Price, Rate, State

__all__ = ["BYTEPLUS", "REGIONS", "VOLCENGINE", "Region"]

VOLCENGINE = Fact("https://www.volcengine.com/docs/82379/1541523", "2026-10-08")
BYTEPLUS = Fact("https://docs.byteplus.com/en/docs/ModelArk/1541523", "2026-10-08")
#: Early access there; BytePlus' own nodes for ComfyUI name it.
RELEASE_55 = Fact(
    "https://github.com/byteplus-sa/ComfyUI-BytePlus-ModelArk/releases/tag/v0.8.0", "2026-11-12"
)
RESOLD_55 = Fact(
    "https://docs.laozhang.ai/en/api-capabilities/seedream-5-5",
    "2026-11-13",
    State.UNVERIFIED,
    "a reseller's price, taken for BytePlus' own",
)
EUROPE = Fact(
    BYTEPLUS.source, BYTEPLUS.date, State.UNVERIFIED, "only a third party says it is in Europe"
)


BORDER = Fact(
    "https://docs.byteplus.com/en/docs/ModelArk/1544106",
    "2026-10-08",
    State.UNVERIFIED,
    "copies of the page have the border at 2.61 megapixels, another note at 2.36",
)
RESOLD_30 = Fact(
    "https://docs.dev.xavier.icvr.xyz/models/byteplus/seedream-5-0-260128.html",
    "2026-11-29",
    State.UNVERIFIED,
    "a price that a third party reckons with",
)
#: Several clients that reckon with them agree; the page itself was not read.
YUAN = Fact(
    "https://www.volcengine.com/docs/82379/1544106",
    "2026-10-06",
    State.UNVERIFIED,
    "the vendor's price page, as third parties quote it",
)
YUAN_30 = Fact(
    "https://github.com/Hajimi-Commune/VolcanoArkDocs (doubao-seedream-3.0-t2i)",
    "2026-11-29",
    State.UNVERIFIED,
    "a copy of the vendor's page of 2025",
)


def _dollars(amount: str) -> Price:
    return Price(amount, "USD", BYTEPLUS)


#: What a layer costs is another price, and how many come is not said.
LAYERS = Rate(None, given="layer_decomposition")
#: Up to 1.5K it costs half.
PRO = Price(
    "0.09",
    "USD",
    BORDER,
    rates=(LAYERS, Rate("0.045", max_pixels=2_610_000)),
    reference="0.003",
    free_references=1,
)


@frozen
class Region:
    """One address.

    Attributes:
        name: of the host, in an address before the colon.
        variable: the environment variable that may have its key.
        ids: model -> the id of it there, and where that is documented.
        foreign: how ids begin that are another cloud's, and never this one's.
        web_search: whether its pages document ``tools``.
        prices: model -> what is asked for it there; of a model that is not here nobody says.
    """

    name: str
    title: str
    base_url: str
    variable: str
    keys_url: str
    fact: Fact
    ids: Mapping[str, tuple[str, Fact]]
    foreign: tuple[str, ...]
    web_search: bool = False
    prices: Mapping[str, Price] = field(factory=dict)


REGIONS = (
    Region(
        name="ark",
        title="Volcengine Ark",
        base_url="https://ark.cn-beijing.volces.com/api/v3",
        variable="ARK_API_KEY",
        keys_url="https://console.volcengine.com/ark",
        fact=VOLCENGINE,
        ids={
            "seedream-5.0-pro": ("doubao-seedream-5-0-pro-260628", VOLCENGINE),
            "seedream-5.0-lite": ("doubao-seedream-5-0-260128", VOLCENGINE),
            "seedream-4.5": ("doubao-seedream-4-5-251128", VOLCENGINE),
            "seedream-4.0": ("doubao-seedream-4-0-250828", VOLCENGINE),
            "seedream-3.0": ("doubao-seedream-3-0-t2i-250415", VOLCENGINE),
        },
        foreign=("seedream-", "dola-"),
        web_search=True,
        prices={
            "seedream-5.0-lite": Price("0.22", "CNY", YUAN),
            "seedream-4.5": Price("0.25", "CNY", YUAN),
            "seedream-4.0": Price("0.2", "CNY", YUAN),
            "seedream-3.0": Price("0.2591", "CNY", YUAN_30),
        },
    ),
    Region(
        name="modelark",
        title="BytePlus ModelArk",
        base_url="https://ark.ap-southeast.bytepluses.com/api/v3",
        variable="MODELARK_API_KEY",
        keys_url="https://console.byteplus.com/ark",
        fact=BYTEPLUS,
        ids={
            "seedream-5.5": ("dola-seedream-5-5-261028", RELEASE_55),
            "seedream-5.0-pro": ("dola-seedream-5-0-pro-260628", BYTEPLUS),
            "seedream-5.0-flash": ("dola-seedream-5-0-flash-260915", BYTEPLUS),
            "seedream-5.0-lite": ("seedream-5-0-260128", BYTEPLUS),
            "seedream-4.5": ("seedream-4-5-251128", BYTEPLUS),
            "seedream-4.0": ("seedream-4-0-250828", BYTEPLUS),
            "seedream-3.0": ("seedream-3-0-t2i-250415", BYTEPLUS),
        },
        foreign=("doubao-",),
        prices={
            "seedream-5.5": Price("0.035", "USD", RESOLD_55, (LAYERS,), reference="0.008"),
            "seedream-5.0-pro": PRO,
            "seedream-5.0-flash": Price("0.018", "USD", BYTEPLUS, (LAYERS,)),
            "seedream-5.0-lite": _dollars("0.035"),
            "seedream-4.5": _dollars("0.04"),
            "seedream-4.0": _dollars("0.03"),
            "seedream-3.0": Price("0.03", "USD", RESOLD_30),
        },
    ),
    Region(
        name="modelark-eu",
        title="BytePlus ModelArk, Europe",
        base_url="https://ark.eu-west.bytepluses.com/api/v3",
        variable="MODELARK_EU_API_KEY",
        keys_url="https://console.byteplus.com/ark",
        fact=BYTEPLUS,
        ids={
            "seedream-5.0-pro": ("dola-seedream-5-0-pro-260628", EUROPE),
            "seedream-5.0-lite": ("seedream-5-0-260128", BYTEPLUS),
        },
        foreign=("doubao-",),
    ),
)
