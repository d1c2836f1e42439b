"""Z.ai and BigModel: one vendor, two regions, each with accounts and keys of its own.

Written from docs.z.ai and docs.bigmodel.cn (image generation, asynchronous image generation,
error codes) and the vendor's Python SDK (zai-org/z-ai-sdk-python, d8d898b), read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterable

from imagekit import (
    Address,
    Bearer,
    Call,
    Enum,
    Fact,
    Host,
    Offer,
    Parameter,
    Price,
    Problem,
    Spell,
    State,
    Wire,
    hookimpl,
)
from imagekit_zai.errors import ERRORS
from imagekit_zai.wire import ZaiImages

ZAI_PAGE = Fact("https://docs.z.ai/api-reference/image/generate-image", "2026-11-21")
BIGMODEL_PAGE = Fact("https://docs.bigmodel.cn (image generation)", "2026-11-21")
JOBS = Fact("https://docs.z.ai/api-reference/image/generate-image-async", "2026-11-21")
ZAI_PRICES = Fact(
    "https://docs.z.ai/guides/overview/pricing", "2026-09-04", note="in copies that agree"
)
BIGMODEL_PRICES = Fact(
    "https://docs.bigmodel.cn (prices)",
    "2026-10-06",
    State.UNVERIFIED,
    "the vendor's price page, as third parties quote it",
)
SDK_ONLY = Fact(
    "https://github.com/zai-org/z-ai-sdk-python",
    "2026-11-21",
    State.UNVERIFIED,
    "the SDK has it, the page does not",
)

LINKS_ONLY = {
    "response_format": "the vendor answers with links alone, good for 30 days; a picture is "
    "fetched when it is read or saved"
}
#: One user met links that answered 404 at first; five looks, 4 s apart, found the picture.
FRESH_LINKS = 20.0

ASYNCHRONOUS = Parameter(
    "asynchronous",
    bool,
    default=True,
    doc="Make a job and ask for it, rather than wait on one connection: a job that takes longer "
    "than you wait, or whose answer is lost, can still be resumed.",
    fact=JOBS,
)
WHERE = Spell("asynchronous", values={True: "submit", False: "generate"}, how=Address())
#: The page lists hd alone for it; that of Z.ai lists both.
HD_ONLY = Parameter("quality", str, (Enum(("hd",)),), default="hd")


def _offer(
    model: str,
    id: str,
    *more: Spell,
    watermark: Fact | None = None,
    parameters: tuple[Parameter, ...] = (),
    language: str = "",
    price: Price | None = None,
) -> Offer:
    return Offer(
        model=model,
        id=id,
        wire="zai-images",
        spells=(
            Spell("quality"),
            Spell("size"),
            Spell("watermark", to="watermark_enabled", fact=watermark),
            Spell("user", to="user_id"),
            *more,
        ),
        parameters=parameters,
        headers={"Accept-Language": language} if language else {},
        instead=LINKS_ONLY,
        price=price,
    )


def _zai(
    model: str, id: str, price: str, *more: Spell, parameters: tuple[Parameter, ...] = ()
) -> Offer:
    """Z.ai's own clients ask for messages in English; those of BigModel are Chinese."""
    return _offer(
        model,
        id,
        *more,
        watermark=SDK_ONLY,
        parameters=parameters,
        language="en-US,en",
        price=Price(price, "USD", ZAI_PRICES),
    )


ZAI_OFFERS = (
    _zai("glm-image", "glm-image", "0.015", WHERE, parameters=(ASYNCHRONOUS,)),
    _zai("cogview-4", "cogview-4-250304", "0.01"),
)
BIGMODEL_OFFERS = (
    _offer(
        "glm-image",
        "glm-image",
        WHERE,
        parameters=(ASYNCHRONOUS, HD_ONLY),
        price=Price("0.1", "CNY", BIGMODEL_PRICES),
    ),
    _offer(
        "cogview-4",
        "cogview-4-250304",
        price=Price("0.06", "CNY", BIGMODEL_PRICES),
    ),
    _offer(
        "cogview-3-flash",
        "cogview-3-flash",
        price=Price("0", "CNY", BIGMODEL_PRICES),
    ),
)


class Zai(Host):
    """The host, with what its two pages contradict each other in."""

    @hookimpl
    def imagekit_validate_request(self, call: Call) -> Iterable[Problem]:
        if call.route.model.name == "glm-image" and call.values.get("quality") == "standard":
            message = "the vendor's other page, BigModel's, says that GLM-Image takes hd alone"
            yield Problem("quality", message, "standard", "hd", advice=True)


ZAI = Zai(
    name="zai",
    title="Z.ai",
    base_url="https://api.z.ai/api/paas/v4",
    auth=Bearer(("ZAI_API_KEY",)),
    offers=ZAI_OFFERS,
    errors=ERRORS,
    keys_url="https://z.ai/manage-apikey/apikey-list",
    docs_url=ZAI_PAGE.source,
    fact=ZAI_PAGE,
    fresh_links=FRESH_LINKS,
)

BIGMODEL = Host(
    name="bigmodel",
    title="BigModel",
    base_url="https://open.bigmodel.cn/api/paas/v4",
    auth=Bearer(("ZHIPUAI_API_KEY", "BIGMODEL_API_KEY")),
    offers=BIGMODEL_OFFERS,
    errors=ERRORS,
    keys_url="https://open.bigmodel.cn/usercenter/apikeys",
    docs_url="https://docs.bigmodel.cn",
    fact=BIGMODEL_PAGE,
    fresh_links=FRESH_LINKS,
)


HOSTS = (ZAI, BIGMODEL)


@hookimpl
def imagekit_wires() -> Iterable[Wire]:
    return [ZaiImages()]


@hookimpl
def imagekit_hosts() -> Iterable[Host]:
    return HOSTS
