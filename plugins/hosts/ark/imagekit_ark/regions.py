"""Where ByteDance serves Seedream: three addresses, each with keys and ids of its own.

Sources: the Volcengine page "图片生成 API" (docs 82379/1541523), of 2026; the vendor's Python
SDK (github.com/volcengine/volcengine-python-sdk, b5be43b5, 2026-07-23); and a third party's
audit of the BytePlus ModelArk documentation, revision 265, of 2026-10-08.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from attrs import field, frozen

from imagekit import Fact, Price, State

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
    "a reseller's price, taken for BytePlus' own; each reference costs 0.008 more",
)
EUROPE = Fact(
    BYTEPLUS.source, BYTEPLUS.date, State.UNVERIFIED, "only a third party says it is in Europe"
)


def _dollars(amount: str) -> Price:
    return Price(Decimal(amount), "USD", BYTEPLUS)


@frozen
class Region:
    """One address.

    Attributes:
        name: of the host, in an address before the colon.
        variable: the environment variable that may have its key.
        ids: model -> the id of it there, and where that is documented.
        foreign: how ids begin that are another cloud's, and never this one's.
        web_search: whether its pages document ``tools``.
        prices: model -> that of a picture; 5.0 pro has two, by size, so it is not here.
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
            "seedream-5.5": Price(Decimal("0.035"), "USD", RESOLD_55),
            "seedream-5.0-flash": _dollars("0.018"),
            "seedream-5.0-lite": _dollars("0.035"),
            "seedream-4.5": _dollars("0.04"),
            "seedream-4.0": _dollars("0.03"),
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
